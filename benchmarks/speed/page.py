"""Writes the page of the results. Nothing on it is typed by hand but its sentences."""

from __future__ import annotations

from pathlib import Path

from speed.bars import Bar, bars
from speed.cases import IN_CACHE, OUT_OF_CACHE
from speed.page_tables import (
    backward_table,
    cache_tables,
    copy_table,
    family_table,
    lead_table,
    scale_table,
    small_tables,
    statements,
    threads_table,
    together_table,
)
from speed.results import Results
from speed.tables import table

HEAD = """# Performance

Times are not stable from machine to machine, nor from minute to minute: ratios within one run are
what counts. Every round computes the same input once with every contender, in an order drawn anew,
after a call that fetches the arrays into the cache; a ratio is formed within its round. What is
written is the median over the rounds, in brackets the quartiles. A ratio above 1 says that nonlin
is faster. "Faster" in a verdict means that the 95 % interval of the median ratio lies below 1.
With several threads everyone waits 20 ms before its turn, until the threads of the one before,
which look out for more work, have gone to sleep.

The input is normal with unit variance. Everything writes into an existing array where it can; what
a call costs counts, and so do the arrays that a line makes on its way. JAX cannot be limited to one
thread while it runs: its process starts with as many threads as the others may use.

The errors are the largest on {sample:,} numbers of every exponent of the dtype (beyond the
document's functions on an eighth of them), in units in the last place (ULP), against the definition
in high precision. PyTorch has no derivatives: they are its backward operators with a gradient of
ones. Those of sigmoid and tanh take the function's result, which a derivative has to compute first,
while a backward pass finds it, as in training."""

SCALED = """## Numbers farther from 0

What stands elsewhere was measured with unit variance. Where all numbers of a few vectors lie near
0, tanh, ELU and the derivatives of sigmoid and tanh have less to look up in float32; so the same by
the input's standard deviation: ns an element in cache, and the multiple of that.

"""

TOGETHER = """## Forward and backward together, beside PyTorch's

What a training step computes of a function: its value and, later, its backward pass. PyTorch's time
for both as a multiple of ours, from the medians of the two.

"""

# More misses than this fold away.
FEW = 12


def write(results: Results, path: Path, figures: dict[str, str]) -> list[Bar]:
    """Write the page to `path` and return what it says about each bar."""
    threads = results.data["setting"]["environment"]["threads"]
    judged = bars(results, threads)
    parts = [
        HEAD.format(sample=results.data["setting"]["sample"]),
        _setting(results),
        "## What is asked, and what is measured\n\n" + bar_table(judged),
        misses(judged),
        f"## In cache: {IN_CACHE:,} elements, one thread\n\n" + cache_tables(results),
        "### The lead over the fastest peer\n\n" + lead_table(results),
        f"## Out of cache: {OUT_OF_CACHE:,} float32, one thread\n\n" + copy_table(results),
        SCALED + scale_table(results),
        "## Small arrays\n\n" + small_tables(results),
        "## Backward, beside PyTorch's\n\n" + backward_table(results),
        TOGETHER + together_table(results),
        f"## {threads} threads, beside PyTorch's\n\n" + threads_table(results, threads),
        family_table(results),
        "## Figures\n\n" + "\n\n".join(f"![{title}]({file})" for file, title in figures.items()),
        "## What is timed\n\n" + statements(results),
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n\n".join(part for part in parts if part) + "\n")
    return judged


def bar_table(judged: list[Bar]) -> str:
    rows = [[bar.demand, bar.verdict, bar.figure, f"{bar.compared:,}"] for bar in judged]
    return table(["Demand", "Verdict", "Measured", "Comparisons"], rows, left=3)


def misses(judged: list[Bar]) -> str:
    missed = [bar for bar in judged if bar.misses]
    if not missed:
        return "Nothing that was measured misses its bar."
    lines = ["### What misses its bar"]
    for bar in missed:
        listed = "\n".join(f"- {miss}" for miss in bar.misses)
        title = f"{bar.demand}: {len(bar.misses)} of {bar.compared} miss it"
        if len(bar.misses) > FEW:
            lines.append(f"<details><summary>{title}</summary>\n\n{listed}\n\n</details>")
        else:
            lines.append(f"{title}.\n\n{listed}")
        if bar.why and bar.why not in lines:
            lines.append(bar.why)
    return "\n\n".join(lines)


def _setting(results: Results) -> str:
    setting = results.data["setting"]
    about = setting["environment"]
    versions = ", ".join(f"{name} {number}" for name, number in about["versions"].items())
    kernels, torch = about["instruction_set"], about["torch_instruction_set"]
    lines = [
        f"- Processor: {about['processor']}, {about['threads']} threads, {about['memory_gib']} GiB",
        f"- Instruction set: {kernels} (PyTorch: {torch})",
        f"- {about['system']} {about['machine']}, Python {about['python']}, {versions}",
    ]
    if setting["quick"]:
        lines.append(
            "- A quick run: few rounds, few sizes. It checks the benchmark, not the speed."
        )
    return "\n".join(lines)
