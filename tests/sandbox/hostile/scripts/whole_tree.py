# look for the canary in every file there is
# ends: refused timeout
# ruff: noqa
import os

for top, folders, files in os.walk("/"):
    folders[:] = [
        name for name in folders if (top + "/" + name).lstrip("/") not in ("usr", "proc", "scratch")
    ]
    for name in files:
        try:
            if os.path.isfile(top + "/" + name):
                text = open(top + "/" + name, errors="replace").read(1 << 20)
                if "mas-canary" in text:
                    print("BROKEN", text)
        except OSError:
            pass
