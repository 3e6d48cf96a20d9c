"""A BME280 (LGA, 0.65 mm pitch, numbered clockwise) on its own 3.3 V, for an I²C bus."""

from boardkit import edge, hole, label, near, net, part

j = part("J1", "HDR_1x05", "I2C")
u = part("U1", "Sensor:BME280")
reg = part("U2", "AMS1117-3.3")
c_in, c_out = part("C1", "C_1206", "10u"), part("C2", "C_1206", "22u")
c_vdd, c_io = part("C3", "C_0603", "100n"), part("C4", "C_0603", "100n")
r_sda, r_scl = part("R1", "R_0603", "10k"), part("R2", "R_0603", "10k")

net("VIN", j["1"], reg["IN"], c_in["1"], volts=5)
net("GND", j["2"], reg["GND"], c_in["2"], c_out["2"], u["GND"], c_vdd["2"], c_io["2"], u["SDO"])
net("3V3", j["3"], reg["OUT"], c_out["1"], u["VDD"], u["VDDIO"], c_vdd["1"], c_io["1"], u["CSB"])
net("3V3", r_sda["1"], r_scl["1"])
net("SDA", j["4"], u["SDI"], r_sda["2"])
net("SCL", j["5"], u["SCK"], r_scl["2"])
near(c_vdd["1"], u["VDD"], 3)
near(c_io["1"], u["VDDIO"], 3)
near(c_in["1"], reg["IN"], 8)
near(c_out["1"], reg["OUT"], 8)
edge(j, "left")
for number, text in enumerate(("VIN", "GND", "3V3", "SDA", "SCL"), start=1):
    label(text, j[str(number)])
hole(2.2, "top_right")
hole(2.2, "bottom_right")
