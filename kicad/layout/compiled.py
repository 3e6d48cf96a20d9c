"""Numba behind one typed door: the compiled code is cached on disk (NUMBA_CACHE_DIR)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

Function = TypeVar("Function", bound=Callable[..., Any])


def compiled(function: Function) -> Function:
    """Compile a function of numbers and arrays to machine code at its first call."""
    return cast(Function, numba.njit(cache=True, error_model="numpy", fastmath=True)(function))
