# symbolic links as results
# ends: crashed
# ruff: noqa
import os

os.symlink("/etc/ld.so.cache", "/scratch/out/intent.json")
os.symlink(HOME + "/.pgpass", "/scratch/out/error.json")
os.symlink("/usr/bin/python3", "/scratch/out/board.kicad_pcb")
os._exit(0)
