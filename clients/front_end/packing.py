"""Files as one zip, or as several when one would be too large to send."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

EMPTY_ZIP = 22  # bytes of a zip without a file
PLAIN_FILE = 0o100644 << 16  # a zip's word for a file that everybody may read


def zipped(files: Mapping[str, bytes]) -> bytes:
    """The files in one zip, in the order given; the same files give the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in files.items():
            info = zipfile.ZipInfo(name)  # without a date of its own it is of 1980
            info.compress_type, info.create_system, info.external_attr = zipfile.ZIP_DEFLATED, 3, PLAIN_FILE
            package.writestr(info, content)
    return out.getvalue()


def packed_sizes(files: Mapping[str, bytes]) -> dict[str, int]:
    """What each file adds to a zip, in bytes; with EMPTY_ZIP these sum up to its size."""
    return {name: len(zipped({name: content})) - EMPTY_ZIP for name, content in files.items()}


def grouped(sizes: Mapping[str, int], limit_bytes: int) -> tuple[list[list[str]], list[str]]:
    """Names in groups whose zips have at most `limit_bytes`, and the names that are too large alone.

    Groups keep the order and are filled greedily, each with what still fits.
    """
    groups: list[list[str]] = []
    left = 0
    large = [name for name, packed in sizes.items() if packed + EMPTY_ZIP > limit_bytes]
    for name in (name for name in sizes if name not in large):
        if sizes[name] > left:
            groups.append([])
            left = limit_bytes - EMPTY_ZIP
        groups[-1].append(name)
        left -= sizes[name]
    return groups, large


def zip_name(stem: str, part: int, of: int) -> str:
    """`blinker.zip`, or `blinker-2-of-3.zip`."""
    return f"{stem}.zip" if of == 1 else f"{stem}-{part}-of-{of}.zip"
