"""The fabrication package: made with kicad-cli from the board file, then re-opened file by file."""

from __future__ import annotations

from kicad.fabrication.package import Package, PackageError, make_package
from kicad.fabrication.verify import verify_package

__all__ = ["Package", "PackageError", "make_package", "verify_package"]
