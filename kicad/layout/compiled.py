"""Numba behind one typed door: the compiled code is cached on disk (NUMBA_CACHE_DIR)."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba

Function = TypeVar("Function", bound=Callable[..., Any])


def compiled(function: Function) -> Function:
    """Compile a function of numbers and arrays to machine code at its first call."""
    return cast(Function, numba.njit(cache=True, error_model="numpy", fastmath=True)(function))


def is_compiled() -> bool:
    """Whether machine code is on the disk already; without, the first layout takes some 15 s longer."""
    folder = os.environ.get("NUMBA_CACHE_DIR")
    return not folder or any(Path(folder).rglob("*.nbi"))
