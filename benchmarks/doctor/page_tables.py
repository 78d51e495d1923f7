"""The page's tables."""

from __future__ import annotations

from collections.abc import Sequence

from doctor.shares import Share
from doctor.summary import Half, Tool
from doctor.words import say


def table(head: Sequence[str], rows: Sequence[Sequence[str]], left: int) -> str:
    """Write a Markdown table whose first `left` columns are aligned to the left."""
    rule = ["---" if i < left else "---:" for i in range(len(head))]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in [head, rule, *rows])


def shown(share: Share) -> str:
    """Write a share with its counts and its interval."""
    if not share.of:
        return "–"
    low, high = share.interval
    return f"{share.value:.1%} ({share.count} / {share.of}; {low:.1%}–{high:.1%})"


def kind_table(half: Half, lang: str) -> str:
    """Write a row a kind of fault."""
    columns = ("kind", "planted", "recall", "all_found", "precision")
    rows = [
        [
            say(f"kind.{x.name}", lang),
            str(x.planted),
            *map(shown, (x.recall, x.all_found, x.precision)),
        ]
        for x in half.kinds
    ]
    return table([say(f"column.{key}", lang) for key in columns], rows, left=1)


def remedy_table(half: Half, lang: str) -> str:
    """Write, a row a kind, how often the first remedy repaired."""
    rows = [[say(f"kind.{name}", lang), shown(x)] for name, x in half.repaired_by_kind.items()]
    rows.append([f"**{say('all', lang)}**", shown(half.repaired)])
    return table([say("column.kind", lang), say("column.repaired", lang)], rows, left=1)


def tool_table(tools: Sequence[Tool], lang: str) -> str:
    """Write a row a tool."""
    columns = ("tool", "alarmed", "noticed", "named")
    rows = [[x.name, *map(shown, (x.alarmed, x.noticed, x.named))] for x in tools]
    return table([say(f"column.{key}", lang) for key in columns], rows, left=1)
