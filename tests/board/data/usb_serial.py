"""A USB-C receptacle, a QFN-24 with 0.5 mm between its pins, and a charger."""

from boardkit import connect, edge, label, near, net, netclass, part

RECEPTACLE = "Connector_USB:USB_C_Receptacle_GCT_USB4105-xx-A_16P_TopMnt_Horizontal"
usb = part("J1", "Connector:USB_C_Receptacle_USB2.0_16P", footprint=RECEPTACLE)
cell, serial = part("J2", "JST_PH_2"), part("J3", "HDR_1x04")
uart, charger = part("U1", "Interface_USB:CP2102N-Axx-xQFN24"), part("U2", "Battery_Management:TP4057")
r_cc1, r_cc2, r_prog = part("R1", "R_0603", "5.1k"), part("R2", "R_0603", "5.1k"), part("R3", "R_0603", "2k")
r_busy, busy = part("R4", "R_0603", "1k"), part("D1", "LED_0805_RED")
r_done, done = part("R5", "R_0603", "1k"), part("D2", "LED_0805_GREEN")
c_in, c_cell = part("C1", "C_0805", "4.7u"), part("C2", "C_0805", "4.7u")
c_uart, c_vdd, c_vio = part("C3", "C_0603", "100n"), part("C4", "C_0603", "1u"), part("C5", "C_0603", "100n")
r_reset, r_top, r_low = part("R6", "R_0603", "1k"), part("R7", "R_0603", "22k"), part("R8", "R_0603", "47k")

net("VBUS", usb["VBUS"], charger["VCC"], c_in["1"], r_top["1"], uart["VREGIN"], c_uart["1"], serial["2"])
net("VBUS", r_busy["1"], r_done["1"])
net("GND", usb["GND"], usb["SHIELD"], cell["2"], serial["1"], uart["GND"], charger["GND"], r_prog["2"])
net("GND", r_cc1["2"], r_cc2["2"], c_in["2"], c_cell["2"], c_uart["2"], c_vdd["2"], c_vio["2"], r_low["2"])
net("GND", uart["CTS"], uart["DSR"], uart["DCD"])
connect(usb["CC1"], r_cc1["1"])
connect(usb["CC2"], r_cc2["1"])
net("DP", usb["A6"], usb["B6"], uart["D+"])
net("DM", usb["A7"], usb["B7"], uart["D-"])
net("V33", uart["VDD"], uart["VIO"], c_vdd["1"], c_vio["1"], r_reset["1"])
net("RSTB", uart["RST"], r_reset["2"])
net("SENSE", uart["VBUS"], r_top["2"], r_low["1"])
net("TXD", uart["TXD"], serial["3"])
net("RXD", uart["RXD"], serial["4"])
net("BAT", charger["BAT"], cell["1"], c_cell["1"])
connect(charger["PROG"], r_prog["1"])
connect(charger["CHRG"], busy["K"])
connect(busy["A"], r_busy["2"])
connect(charger["STDBY"], done["K"])
connect(done["A"], r_done["2"])

near(c_uart["1"], uart["VREGIN"], 4)
near(c_vdd["1"], uart["VDD"], 4)
near(c_vio["1"], uart["VIO"], 4)
near(c_in["1"], charger["VCC"], 4)
near(c_cell["1"], charger["BAT"], 5)
netclass(usb["A4"], cell["1"], cell["2"], current_A=0.6)
edge(usb, "left")
edge(cell, "right")
edge(serial, "bottom")
for text, pin in (("GND", serial["1"]), ("VBUS", serial["2"]), ("TXD", serial["3"]), ("RXD", serial["4"])):
    label(text, pin)
for text, pin in (("BAT", cell["1"]), ("GND", cell["2"]), ("VBUS", usb["A4"])):
    label(text, pin)
