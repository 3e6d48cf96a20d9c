"""An ATmega328P in TQFP with crystal, serial and programming headers, and two rows of pins."""

from boardkit import edge, group, hole, label, near, net, netclass, part

serial, isp = part("J1", "HDR_1x06", "FTDI"), part("J2", "HDR_2x03_ISP")
analog, digital, bus = part("J3", "HDR_1x06", "A"), part("J4", "HDR_1x08", "D"), part("J5", "HDR_1x04", "I2C")
u = part("U1", "MCU_Microchip_ATmega:ATmega328P-A")
y = part("Y1", "XTAL_HC49", "16MHz")
c_x1, c_x2 = part("C1", "C_0603", "22p"), part("C2", "C_0603", "22p")
c_4, c_6, c_18 = (part(ref, "C_0603", "100n") for ref in ("C3", "C4", "C5"))
c_ref, c_dtr, c_bulk = part("C6", "C_0603", "100n"), part("C7", "C_0603", "100n"), part("C8", "C_1206", "10u")
r_reset, button = part("R1", "R_0603", "10k"), part("SW1", "SW_6MM")
r_on, on, r_led, led = (
    part("R2", "R_0603", "1k"),
    part("D1", "LED_0805_GREEN"),
    part("R3", "R_0603", "1k"),
    part("D2", "LED_0805_RED"),
)
r_sda, r_scl = part("R4", "R_0603", "4.7k"), part("R5", "R_0603", "4.7k")

net(
    "5V",
    serial["3"],
    isp["VCC"],
    bus["2"],
    u["VCC"],
    u["AVCC"],
    c_4["1"],
    c_6["1"],
    c_18["1"],
    c_bulk["1"],
    volts=5,
)
net("5V", r_reset["1"], r_on["1"], r_sda["1"], r_scl["1"])
net(
    "GND",
    serial["1"],
    serial["2"],
    isp["GND"],
    bus["1"],
    u["GND"],
    c_4["2"],
    c_6["2"],
    c_18["2"],
    c_bulk["2"],
)
net("GND", c_x1["2"], c_x2["2"], c_ref["2"], on["K"], led["K"], button["2"], u["ADC6"], u["ADC7"])
net("RST", u["RESET"], r_reset["2"], button["1"], isp["RESET"], c_dtr["2"])
net("DTR", serial["6"], c_dtr["1"])
net("RXD", serial["4"], u["PD0"])
net("TXD", serial["5"], u["PD1"])
net("X1", y["1"], u["XTAL1"], c_x1["1"])
net("X2", y["2"], u["XTAL2"], c_x2["1"])
net("AREF", u["AREF"], c_ref["1"])
net("SCK", u["PB5"], isp["SCK"], r_led["1"])
net("MISO", u["PB4"], isp["MISO"])
net("MOSI", u["PB3"], isp["MOSI"])
net("ON", r_on["2"], on["A"])
net("LED", r_led["2"], led["A"])
net("SDA", u["PC4"], bus["3"], r_sda["2"])
net("SCL", u["PC5"], bus["4"], r_scl["2"])
for number in range(1, 5):
    net(f"PC{number - 1}", analog[number], u[f"PC{number - 1}"])
net("PB0", analog[5], u["PB0"])
net("PB1", analog[6], u["PB1"])
for number, port in enumerate(("PD2", "PD3", "PD4", "PD5", "PD6", "PD7", "PB2"), start=1):
    net(port, digital[number], u[port])
net("GND", digital[8])

near(c_4["1"], u["4"], 3)
near(c_6["1"], u["6"], 3)
near(c_18["1"], u["AVCC"], 3)
near(c_ref["1"], u["AREF"], 5)
near(y["1"], u["XTAL1"], 10)
near(y["2"], u["XTAL2"], 10)
near(c_x1["1"], y["1"], 6)
near(c_x2["1"], y["2"], 6)
group(y, c_x1, c_x2)
netclass("J1.3", "J1.1", current_A=0.2)
edge(serial, "left")
edge(isp, "top")
edge(bus, "top")
edge(analog, "right")
edge(digital, "bottom")
for text, pin in (
    ("GND", serial[1]),
    ("5V", serial[3]),
    ("RXD", serial[4]),
    ("TXD", serial[5]),
    ("DTR", serial[6]),
):
    label(text, pin)
for number, text in enumerate(("GND", "5V", "SDA", "SCL"), start=1):
    label(text, bus[number])
hole(3.2, "bottom_left")
hole(3.2, "top_right")
