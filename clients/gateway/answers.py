"""What goes back: JSON as the database made it, and files that no browser may take for a page."""

from __future__ import annotations

from pathlib import PurePosixPath
from urllib.parse import quote

from aiohttp import web

# shown by a browser as what they are, and able to do nothing there; everything else is saved
INLINE = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
    ".glb": "model/gltf-binary",
    ".json": "application/json",
    ".txt": "text/plain; charset=utf-8",
    ".md": "text/plain; charset=utf-8",
    ".csv": "text/plain; charset=utf-8",
    ".rpt": "text/plain; charset=utf-8",
    ".py": "text/plain; charset=utf-8",
}
ANYTHING = "application/octet-stream"
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}
NOTHING_RUNS = "default-src 'none'; frame-ancestors 'none'; sandbox"
OF_THE_PAGE = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
OWN = {"Cache-Control": "no-store", "Content-Security-Policy": NOTHING_RUNS}


def as_json(text: str) -> web.Response:
    """What is JSON already."""
    return web.Response(text=text, content_type="application/json", headers=OWN)


def as_file(name: str, content: bytes) -> web.Response:
    """A file under its name."""
    base = PurePosixPath(name).name or "file"
    kind = INLINE.get(PurePosixPath(base).suffix.lower())
    how = "inline" if kind else "attachment"
    headers = OWN | {
        "Content-Type": kind or ANYTHING,
        "Content-Disposition": f"{how}; filename*=UTF-8''{quote(base, safe='')}",
    }
    return web.Response(body=content, headers=headers)


async def harden(request: web.Request, response: web.StreamResponse) -> None:
    """What every response says to a browser (a signal of aiohttp's, before the head is sent)."""
    response.headers.update(ALWAYS)
    response.headers.setdefault("Content-Security-Policy", NOTHING_RUNS)
    response.headers.pop("Server", None)  # nobody's business which
