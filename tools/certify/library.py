"""The references in C++, compiled with the system's compiler and loaded."""

from __future__ import annotations

import ctypes
import functools
import hashlib
import os
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

SOURCES = Path(__file__).parent
FOLDER = SOURCES.parents[1] / "build" / "certify"
ARGUMENTS = ["-std=gnu++20", "-O3", "-fno-math-errno", "-fno-trapping-math", "-ffp-contract=off"]
# Instructions of this machine, for the filter alone: its vectors are as wide as there are.
ARGUMENTS += ["-march=native", "-fPIC", "-shared"]
QUADRUPLE = np.dtype("V16")

Array = NDArray[Any]


class Tally(ctypes.Structure):
    """What was found on some inputs; measure.hpp has the same."""

    _fields_ = (
        ("inputs", ctypes.c_uint64),
        ("misrounded", ctypes.c_uint64),
        ("wrong_specials", ctypes.c_uint64),
        ("by_definition", ctypes.c_uint64),
        ("largest", ctypes.c_double),
        ("where", ctypes.c_double),
    )

    def as_dict(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name, *_ in self._fields_}


class Library:
    """The distance of results from the exact ones, of the references by name (cases.hpp)."""

    def __init__(self, path: Path) -> None:
        self._dll = ctypes.CDLL(str(path))
        self._dll.certify_name.restype = ctypes.c_char_p
        for dtype in ("float32", "float64"):
            getattr(self._dll, f"certify_check_{dtype}").restype = ctypes.c_double
        self._index: dict[str, int] = {}
        while name := self._dll.certify_name(len(self._index)):
            self._index[name.decode()] = len(self._index)

    def __contains__(self, name: str) -> bool:
        return name in self._index

    def add(
        self,
        tally: Tally,
        name: str,
        parameters: Array,
        x: Array,
        result: Array,
        by_definition: bool = False,
    ) -> None:
        """Add to ``tally`` how far ``result`` is from the exact one, at each x."""
        given = np.ascontiguousarray(result, x.dtype)
        call = "add_by_definition" if by_definition else "add"
        self._call(call, name, parameters, x, _at(given), _count(x), ctypes.byref(tally))

    def check(self, name: str, parameters: Array, x: Array) -> float:
        """The filter's largest difference from the definition, in units of the filter's bound."""
        whole = np.resize(x, -(-x.size // 512) * 512)
        return float(self._call("check", name, parameters, whole, _count(x)))

    def exact(self, name: str, parameters: Array, x: Array) -> Array:
        """The definition in a __float128, whose 16 bytes NumPy does not understand."""
        result = np.empty(x.shape, QUADRUPLE)
        self._call("exact", name, parameters, x, _count(x), _at(result))
        return result

    def _call(self, call: str, name: str, parameters: Array, x: Array, *rest: Any) -> Any:
        function = getattr(self._dll, f"certify_{call}_{x.dtype.name}")
        return function(self._index[name], _at(parameters), _at(x), *rest)


@functools.cache
def library(compiler: str = "g++") -> Library:
    """Compile the references, unless that has been done before, and load them."""
    sources = [*sorted(SOURCES.glob("*.hpp")), SOURCES / "certify.cpp"]
    text = " ".join([compiler, *ARGUMENTS]).encode() + b"".join(s.read_bytes() for s in sources)
    built = FOLDER / f"certify-{hashlib.sha256(text).hexdigest()[:16]}.so"
    if not built.exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        # Under a name of its own first: several processes may be at it.
        temporary = built.with_suffix(f".{os.getpid()}")
        command = [compiler, *ARGUMENTS, str(SOURCES / "certify.cpp"), "-o", str(temporary)]
        subprocess.run([*command, "-lquadmath", *_vector_functions()], check=True)
        temporary.replace(built)
    return Library(built)


def _vector_functions() -> list[str]:
    """glibc's vector functions, where there are any; lanes.hpp uses those for AVX-512."""
    found = subprocess.run(["g++", "-march=native", "-dM", "-E", "-xc++", "/dev/null"],
                           capture_output=True, text=True, check=True)  # fmt: skip
    return ["-lmvec"] if "__AVX512F__" in found.stdout else []


def _at(array: Array) -> ctypes.c_void_p:
    return ctypes.c_void_p(array.ctypes.data)


def _count(array: Array) -> ctypes.c_int64:
    return ctypes.c_int64(array.size)
