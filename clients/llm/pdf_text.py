"""The text of a PDF, read in a process of its own: a hostile file may hang or swell; only that ends.

As a program it reads a PDF from standard input and prints the text of its first pages.
"""

from __future__ import annotations

import contextlib
import io
import os
import resource
import subprocess
import sys

from clients.llm.sexpr import BadFile

MOST_PAGES = 30
MOST_CHARACTERS = 40_000
TIMEOUT_S = 20.0  # a data sheet of 30 pages takes 3
_MEMORY = 1024 * 1024 * 1024


def pdf_text(content: bytes, timeout_s: float = TIMEOUT_S) -> str:
    """The text of the first 30 pages, at most 40,000 characters.  Raises `BadFile` in time."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", "clients.llm.pdf_text", str(timeout_s)],
            input=content,
            capture_output=True,
            timeout=timeout_s,
            env=environment(),
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise BadFile(f"its text could not be read within {timeout_s:g} s") from error
    text = done.stdout.decode("utf-8", "replace").strip()
    if done.returncode != 0:
        raise BadFile("it is no PDF that can be read, or it is encrypted")
    if not text:
        raise BadFile("it has no text (perhaps only pictures of pages)")
    return text


def environment() -> dict[str, str]:
    """What the child is told: no password, no token, for the reader of a hostile file has nothing to know."""
    return {name: os.environ[name] for name in ("PATH", "PYTHONPATH", "PYTHONSAFEPATH") if name in os.environ}


def main() -> int:
    """Print the text; the exit code is 1 when there is no reading it."""
    from pypdf import PdfReader  # noqa: PLC0415 - a tenth of a second that only the child needs

    seconds = int(float(sys.argv[1])) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # it writes no file; the pipe is none
    left = MOST_CHARACTERS
    try:
        reader = PdfReader(io.BytesIO(sys.stdin.buffer.read()))
        for number in range(min(len(reader.pages), MOST_PAGES)):
            text = reader.pages[number].extract_text()[:left]
            left -= len(text)
            sys.stdout.buffer.write(text.encode("utf-8", "replace") + b"\n")
            if left <= 0:
                break
        sys.stdout.flush()
    except BaseException:  # whatever it does, the answer is that it cannot be read
        return 1
    return 0


if __name__ == "__main__":
    with contextlib.redirect_stderr(io.StringIO()):  # warnings about the file are nobody's concern
        code = main()
    os._exit(code)  # no destructor of a hostile object graph runs
