"""An ATtiny85 with its supply, programming header, reset button, two LEDs and an I²C header."""

from boardkit import edge, hole, label, near, net, part

power, isp, i2c = part("J1", "HDR_1x02", "7-12V"), part("J2", "HDR_2x03_ISP"), part("J3", "HDR_1x04", "I2C")
guard, regulator = part("D1", "SS14"), part("U2", "AMS1117-5.0")
c_in, c_out = part("C1", "C_1206", "10u"), part("C2", "C_1206", "22u")
mcu, c_mcu, c_bus = part("U1", "ATTINY85_SO8"), part("C3", "C_0805", "100n"), part("C4", "C_0805", "100n")
pull, button, c_reset = part("R1", "R_0805", "10k"), part("SW1", "SW_6MM"), part("C5", "C_0805", "10n")
r_sda, r_scl = part("R2", "R_0805", "4.7k"), part("R3", "R_0805", "4.7k")
on, r_on = part("D2", "LED_0805_GREEN"), part("R4", "R_0805", "680")
status, r_status = part("D3", "LED_0805_RED"), part("R5", "R_0805", "470")

net("VIN", power["1"], guard["A"], volts=9)
net("RAW", guard["K"], c_in["1"], regulator["IN"])
net("5V", regulator["OUT"], c_out["1"], mcu["VCC"], c_mcu["1"], pull["1"], r_sda["1"], r_scl["1"])
net("5V", isp["VCC"], i2c["2"], c_bus["1"], r_on["1"])
net("GND", power["2"], regulator["GND"], c_in["2"], c_out["2"], mcu["GND"], c_mcu["2"], isp["GND"])
net("GND", i2c["1"], c_bus["2"], button["2"], c_reset["2"], on["K"], status["K"])
net("RST", mcu["RESET"], pull["2"], button["1"], c_reset["1"], isp["RESET"])
net("SDA", mcu["MOSI"], isp["MOSI"], i2c["3"], r_sda["2"])
net("SCL", mcu["SCK"], isp["SCK"], i2c["4"], r_scl["2"])
net("MISO", mcu["MISO"], isp["MISO"])
net("ON", r_on["2"], on["A"])
net("PB4", mcu["PB4"], r_status["1"])
net("LED", r_status["2"], status["A"])

near(c_mcu["1"], mcu["VCC"], 4)
near(c_in["1"], regulator["IN"], 8)
near(c_out["1"], regulator["OUT"], 8)
near(c_bus["1"], i2c["2"], 8)
edge(power, "left")
edge(isp, "top")
edge(i2c, "right")
for text, pin in (("VIN", power["1"]), ("GND", power["2"]), ("GND", i2c["1"]), ("5V", i2c["2"])):
    label(text, pin)
for text, pin in (("SDA", i2c["3"]), ("SCL", i2c["4"]), ("MISO", isp["MISO"]), ("RST", isp["RESET"])):
    label(text, pin)
hole(3.2, "top_left")
hole(3.2, "bottom_right")
