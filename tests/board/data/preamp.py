"""A non-inverting stage of gain 11 around half the supply, which the second amplifier holds."""

from boardkit import edge, group, label, near, net, part

power, source, out = part("J1", "HDR_1x02", "9V"), part("J2", "HDR_1x02", "in"), part("J3", "HDR_1x02", "out")
u = part("U1", "LM358_SO8")
c_u, c_bulk = part("C1", "C_0805", "100n"), part("C2", "CP_RAD_D6", "47u")
r_top, r_bottom, c_mid = (
    part("R1", "R_0805", "100k"),
    part("R2", "R_0805", "100k"),
    part("C3", "C_1206", "10u"),
)
c_in, r_bias = part("C4", "C_0805", "1u"), part("R3", "R_0805", "100k")
r_gain, r_feed, c_gain = part("R4", "R_0805", "10k"), part("R5", "R_0805", "100k"), part("C5", "C_0805", "1u")
c_out, r_out = part("C6", "CP_RAD_D5", "10u"), part("R6", "R_0805", "100k")

net("VCC", power["1"], u["V+"], c_u["1"], c_bulk["1"], r_top["1"], volts=9)
net("GND", power["2"], u["V-"], c_u["2"], c_bulk["2"], r_bottom["2"], c_mid["2"], source["2"], out["2"])
net("GND", r_out["2"], c_gain["2"])
net("HALF", r_top["2"], r_bottom["1"], c_mid["1"], u["IN2+"])
net("MID", u["OUT2"], u["IN2-"], r_bias["2"])
net("IN", source["1"], c_in["1"])
net("PLUS", c_in["2"], r_bias["1"], u["IN1+"])
net("MINUS", u["IN1-"], r_feed["1"], r_gain["1"])
net("LOW", r_gain["2"], c_gain["1"])
net("AMP", u["OUT1"], r_feed["2"], c_out["1"])
net("OUT", c_out["2"], r_out["1"], out["1"])
near(c_u["1"], u["V+"], 4)
near(r_feed["1"], u["IN1-"], 8)
group(r_top, r_bottom, c_mid)
edge(power, "top")
edge(source, "left")
edge(out, "right")
for text, pin in (("VCC", power["1"]), ("GND", power["2"]), ("IN", source["1"]), ("GND", source["2"])):
    label(text, pin)
label("OUT", out["1"])
label("GND", out["2"])
