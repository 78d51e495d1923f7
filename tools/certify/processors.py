"""Which processors give the same bits: make certify CERTIFY=--same-bits, and make certify-arm64.

Each comparison keeps what it found in docs/processors.json, for the page.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np

import nonlin
from certify.compared import ALL, keep, kept
from certify.functions import KINDS, Function, certified
from certify.inputs import CHUNK_SIZE, blocks
from certify.proofs import proofs
from certify.words import say

# So many chunks of each dtype are compared; each is spread over all inputs.
COMPARED = {"float32": 2, "float64": 8}


def result_hashes(instruction_set: str) -> dict[str, str]:
    """Hash the results of every function, kind and dtype; any NaN is as good as another."""
    assert nonlin.instruction_set() == instruction_set
    return {
        f"{function.name} {kind} {dtype}": result_hash(function.call(kind), dtype)
        for function in certified()
        for kind in KINDS
        for dtype in COMPARED
    }


def result_hash(call: Function, dtype: str) -> str:
    hashed = hashlib.sha256()
    for chunk in range(COMPARED[dtype]):
        for x in blocks(dtype, chunk):
            y = call(x)
            y[np.isnan(y)] = np.nan
            hashed.update(y.tobytes())
    return hashed.hexdigest()[:16]


def of_instruction_set(name: str) -> dict[str, str]:
    """The same in a process that keeps to an instruction set."""
    code = (
        "import json; from certify.processors import result_hashes as found; "
        f"print(json.dumps(found({name!r})))"
    )
    environment = os.environ | {
        "NONLIN_INSTRUCTION_SET": name,
        "PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[1]), *sys.path]),
    }
    command = [sys.executable, "-c", code]
    output = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    found: dict[str, str] = json.loads(output.stdout)
    return found


def compare(name: str, other: str) -> list[str]:
    """Compare an instruction set with another on the first chunks of all inputs."""
    ours, theirs = of_instruction_set(name), of_instruction_set(other)
    different = [key for key in ours if ours[key] != theirs[key]]
    inputs = {dtype: CHUNK_SIZE[dtype] * chunks for dtype, chunks in COMPARED.items()}
    keep(name, other, different, len(ours), inputs)
    return different


def processors(first: str, lang: str) -> str:
    """The page's section."""
    text = say("processors", lang, first=first)
    for name, found in kept().items():
        if name == first:
            continue
        of, results = found["as"], found["results"]
        single = say("processors.measured", lang, of=of)
        holds = any(name in each["instruction_sets"] for each in proofs())
        double = say("processors.proved", lang, of=of) if holds else single
        numbers = say("processors.or", lang).join(
            say("processors.all" if dtype == ALL else "processors.numbers", lang,
                dtype=dtype, count=count)
            for dtype, count in found["inputs"].items()
        )  # fmt: skip
        same = say(
            "processors.same",
            lang,
            same=results - len(found["different"]),
            results=results,
            inputs=numbers,
        )
        text += f"| {name} | {single} | {double} | {same} |\n"
    return f"{text}{say('processors.v2', lang)}\n"
