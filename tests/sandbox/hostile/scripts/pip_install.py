# pip install
# ends: refused
# ruff: noqa
import subprocess, sys

done = subprocess.run(
    [sys.executable, "-m", "pip", "install", "--target", "/scratch/x", "left-pad"],
    capture_output=True,
    timeout=30,
)
print("BROKEN" if done.returncode == 0 else "refused")
