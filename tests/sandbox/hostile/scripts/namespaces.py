# nested user namespaces and mounts
# ends: refused
# ruff: noqa
import ctypes, os, platform, subprocess

libc = ctypes.CDLL(None, use_errno=True)
for flag in (0x10000000, 0x00020000, 0x20000000, 0x40000000, 0x08000000, 0x04000000, 0x02000000):
    print("BROKEN" if libc.unshare(flag) == 0 else "refused", hex(flag), ctypes.get_errno())
    if platform.machine() == "x86_64":
        made = libc.syscall(56, flag | 17, 0, 0, 0, 0)
        if made == 0:
            os._exit(0)
        print("BROKEN" if made > 0 else "refused", "clone", hex(flag), ctypes.get_errno())
print("BROKEN" if libc.mount(b"none", b"/scratch", b"tmpfs", 0, None) == 0 else "refused")
print("BROKEN" if libc.umount2(b"/scratch", 2) == 0 else "refused")
print(
    "BROKEN"
    if libc.setns(os.open("/proc/1/ns/net", 0) if os.access("/proc/1/ns/net", 4) else 0, 0) == 0
    else "refused"
)
for words in (["unshare", "-Ur", "true"], ["bwrap", "--ro-bind", "/", "/", "true"]):
    print("BROKEN" if subprocess.run(words, capture_output=True).returncode == 0 else "refused", words)
