"""Search for the inputs of exp, expm1, tanh and sigmoid that are hardest to round.

``python tools/worst_cases/run.py`` writes tests/kernels/worst_cases.json anew; search.cpp says how
it searches. It needs g++ with libquadmath. With the same RUNS it finds the same inputs.
"""

from __future__ import annotations

import json
import math
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOUND = ROOT / "tests" / "kernels" / "worst_cases.json"
FUNCTIONS = ("exp", "expm1", "tanh", "sigmoid")
# So many runs of consecutive numbers in each binade, on either side of 0.
RUNS = 100_000
HOW = (
    f"For each binade of x and either sign {RUNS:,} runs of up to 2^20 consecutive float64 "
    "numbers were searched for the results nearest to the middle between two numbers; up to 8 of "
    "each are here: x and the logarithm to base 2 of the distance from the middle, in units in the "
    "last place. tools/worst_cases/search.cpp says how."
)


def built() -> Path:
    source = Path(__file__).with_name("search.cpp")
    program = ROOT / "build" / "worst_cases"
    program.parent.mkdir(exist_ok=True)
    command = ["g++", "-std=gnu++20", "-O2", str(source), "-o", str(program), "-lquadmath"]
    subprocess.run(command, check=True)
    return program


def search(program: Path, function: str) -> list[tuple[str, float]]:
    output = subprocess.run(
        [program, function, str(RUNS)], check=True, capture_output=True, text=True
    ).stdout
    return [(x, float(distance)) for x, distance in map(str.split, output.splitlines())]


def main() -> None:
    program = built()
    found = {function: search(program, function) for function in FUNCTIONS}
    lines = [f' "how": {json.dumps(HOW)}']
    for function, inputs in found.items():
        nearest = min(distance for _, distance in inputs)
        print(f"{function}: {len(inputs)} inputs, the nearest within 2^{nearest:.1f} of a middle")
        assert math.isfinite(nearest)
        rows = ",\n  ".join(json.dumps(row) for row in inputs)
        lines.append(f" {json.dumps(function)}: [\n  {rows}\n ]")
    FOUND.write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
