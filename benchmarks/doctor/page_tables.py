"""The page's tables and lists."""

from __future__ import annotations

from collections.abc import Sequence

from doctor.programs import Row, shares
from doctor.shares import Share
from doctor.summary import Summary
from doctor.words import say

FAILURES = ("alarm", "missed", "not_first", "not_repaired", "harmed")


def table(head: Sequence[str], rows: Sequence[Sequence[str]], left: int = 1) -> str:
    """Write a Markdown table whose first `left` columns are aligned to the left."""
    rule = ["---" if i < left else "---:" for i in range(len(head))]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in [head, rule, *rows])


def shown(share: Share) -> str:
    """Write a share with its counts and its interval."""
    if not share.of:
        return "–"
    low, high = share.interval
    return f"{share.value:.1%} ({share.count} / {share.of}; {low:.1%}–{high:.1%})"


def kind_table(found: Summary, lang: str) -> str:
    """Write a row a kind of fault."""
    columns = ("kind", "planted", "hurt", "recall", "rooted", "all_found", "repaired")
    rows = [
        [say(f"kind.{x.name}", lang), str(x.planted), str(x.hurt),
         *map(shown, (x.recall, x.rooted, x.all_found, x.repaired))]
        for x in found.kinds
    ]  # fmt: skip
    whole = (found.recall, found.rooted, found.repaired)
    recall, rooted, repaired = map(shown, whole)
    counts = str(sum(x.planted for x in found.kinds)), str(sum(x.hurt for x in found.kinds))
    rows.append([f"**{say('all', lang)}**", *counts, recall, rooted, "", repaired])
    return table([say(f"column.{key}", lang) for key in columns], rows)


def program_table(rows: Sequence[Row], lang: str) -> str:
    """Write a row a program that people asked about, and how many went well."""
    columns = (
        "program",
        "first",
        "all_named",
        "nothing_else",
        "repaired_quiet",
        "reached",
        "remedy",
    )
    cells = [
        [f"`{name}`", *(_answer(x, lang) for x in well), remedy] for name, well, remedy in rows
    ]
    cells.append([f"**{say('all', lang)}**", *map(shown, shares(rows)), ""])
    return table([say(f"column.{key}", lang) for key in columns], cells)


def _answer(x: bool | None, lang: str) -> str:
    return "–" if x is None else say("yes" if x else "no", lang)


def failure_lists(found: Summary, lang: str) -> str:
    """Write every failure by its name, a list a sort; and what did not learn."""
    lists = [(key, found.failures[key]) for key in FAILURES] + [("dropped", found.dropped)]
    parts = []
    for key, names in lists:
        parts.append(f"**{say(f'failure.{key}', lang)}** ({len(names)})")
        if names:
            parts.append("\n".join(f"- `{name}`" for name in names))
    return "\n\n".join(parts)
