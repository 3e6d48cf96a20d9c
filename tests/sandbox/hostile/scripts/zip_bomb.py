# a zip bomb as the board
# ends: crashed
# ruff: noqa
import os, zipfile

with zipfile.ZipFile("/scratch/out/board.kicad_pcb", "w", zipfile.ZIP_DEFLATED) as archive:
    archive.writestr("x", bytes(100 << 20))
os._exit(0)
