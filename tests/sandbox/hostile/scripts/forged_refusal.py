# a refusal that is a pickle and a billion laughs
# ends: refused
# ruff: noqa
import os

with open("/scratch/out/error.json", "wb") as file:
    file.write(b"cos\nsystem\n(S'true'\ntR.<!DOCTYPE x [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;'>]><x>&b;</x>")
os._exit(3)
