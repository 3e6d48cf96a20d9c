# a file written wherever one could be
# ends: refused
# ruff: noqa
import os

for folder in (
    "/",
    "/tmp",
    "/var/tmp",
    "/dev/shm",
    "/dev",
    "/etc",
    "/usr",
    "/usr/local/bin",
    "/opt",
    "/opt/kit",
    "/home",
    "/root",
    HOME,
    "/proc/sys/kernel",
    "/scratch/../..",
):
    try:
        with open(f"{folder}/{MARK}", "w") as file:
            file.write("x")
        print("wrote", folder)
    except OSError as error:
        print(error)
for file in (
    "/scratch/design.py",
    "/opt/kit/kicad/boardkit/run.py",
    "/proc/sys/kernel/hostname",
    "/proc/sysrq-trigger",
    "/proc/self/oom_score_adj",
):
    try:
        with open(file, "w") as held:
            held.write("-1000" if "oom" in file else "x")
        print("BROKEN: wrote", file)
    except OSError as error:
        print(error)
