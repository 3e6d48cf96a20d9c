# root's rights, by id, capability and set-uid program
# ends: refused
# ruff: noqa
import ctypes, os, subprocess

for take in (
    lambda: os.setuid(0),
    lambda: os.setgid(0),
    lambda: os.setgroups([0]),
    lambda: os.chroot("/scratch"),
    lambda: os.nice(-5),
):
    try:
        take()
        print("BROKEN")
    except OSError as error:
        print(error)
rights = [line for line in open("/proc/self/status") if line.startswith(("Cap", "NoNewPrivs", "Seccomp:"))]
print(rights)
held = {
    name: int(value, 16)
    for name, value in (line.split(":") for line in rights)
    if name in ("CapInh", "CapPrm", "CapEff", "CapAmb")
}
print(
    "BROKEN: capabilities"
    if any(held.values()) or "NoNewPrivs:\t1\n" not in rights or "Seccomp:\t2\n" not in rights
    else "none"
)
for words in (["su", "-c", "id"], ["newgrp"], ["mount", "-t", "tmpfs", "x", "/scratch"]):
    done = subprocess.run(words, capture_output=True, stdin=subprocess.DEVNULL)
    print(
        "BROKEN" if b"uid=0" in done.stdout or words[0] == "mount" and done.returncode == 0 else "refused",
        words,
    )
