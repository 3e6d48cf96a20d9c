# a named pipe as a result
# ends: crashed refused
# ruff: noqa
import os

os.mkfifo("/scratch/out/intent.json")
os.mkfifo("/scratch/out/board.kicad_pcb")
os._exit(0)
