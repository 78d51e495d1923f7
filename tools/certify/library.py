"""The references in C++, compiled with the system's compiler and loaded."""

from __future__ import annotations

import ctypes
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

SOURCES = Path(__file__).parent
# 16 bytes either way: an x87 long double for float32, a __float128 for float64.
EXACT = np.dtype("V16")

Array = NDArray[Any]


class Tally(ctypes.Structure):
    """What was found on some inputs; measure.hpp has the same."""

    _fields_ = (
        ("inputs", ctypes.c_uint64),
        ("misrounded", ctypes.c_uint64),
        ("wrong_specials", ctypes.c_uint64),
        ("largest", ctypes.c_double),
        ("where", ctypes.c_double),
    )

    def as_dict(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name, _ in self._fields_}


class Library:
    """Exact results and the distance from them."""

    def __init__(self, folder: Path, compiler: str = "g++") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        built = folder / "certify.so"
        command = [compiler, "-std=gnu++20", "-O2", "-fPIC", "-shared"]
        source = str(SOURCES / "certify.cpp")
        subprocess.run([*command, source, "-o", str(built), "-lquadmath"], check=True)
        self._dll = ctypes.CDLL(str(built))
        self._dll.certify_name.restype = ctypes.c_char_p
        self._index: dict[str, int] = {}
        while name := self._dll.certify_name(len(self._index)):
            self._index[name.decode()] = len(self._index)

    def __contains__(self, name: str) -> bool:
        return name in self._index

    def exact(self, name: str, parameters: Array, x: Array) -> Array:
        result = np.empty(x.shape, EXACT)
        call = getattr(self._dll, f"certify_exact_{x.dtype.name}")
        call(self._index[name], _at(parameters), _at(x), ctypes.c_int64(x.size), _at(result))
        return result

    def measure(self, name: str, parameters: Array, x: Array, exact: Array, result: Array) -> Tally:
        """Compare ``result``, of x's dtype, with ``exact``."""
        tally = Tally()
        given = np.ascontiguousarray(result, x.dtype)
        call = getattr(self._dll, f"certify_add_{x.dtype.name}")
        count, target = ctypes.c_int64(x.size), ctypes.byref(tally)
        call(self._index[name], _at(parameters), _at(x), _at(exact), _at(given), count, target)
        return tally


def _at(array: Array) -> ctypes.c_void_p:
    return ctypes.c_void_p(array.ctypes.data)
