"""What is known of functions, each fact with its evidence."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from nonlin.activation import Activation
from nonlin.explorer.endpoint import Endpoint
from nonlin.explorer.functions import title
from nonlin.explorer.parameters import Functions, language
from nonlin.explorer.schema import listing, record
from nonlin.explorer.wrong import WrongRequestError
from nonlin.facts import FACTS, Fact, Properties, UndefinedError, explain, properties
from nonlin.facts.words import evidence, label, say

__all__ = ["ENDPOINT", "cost", "known", "row"]


@lru_cache(maxsize=256)
def known(act: Activation) -> Properties:
    """Know a function once, whoever asks: a fact that was found is kept."""
    return properties(act)


@lru_cache(maxsize=256)
def cost(act: Activation) -> Fact:
    """Time a function beside ReLU, once."""
    return known(act).cost()


def facts(f: tuple[tuple[str, Activation], ...], lang: str) -> list[dict[str, Any]]:
    """List the facts of each function, in the order of reading, its cost last."""
    return [_facts(spec, act, lang) for spec, act in f]


def _facts(spec: str, act: Activation, lang: str) -> dict[str, Any]:
    try:
        found = [row(name, known(act)[name], lang) for name in FACTS]
        found.append(row("cost", cost(act), lang))
    except UndefinedError:
        raise WrongRequestError("cli.own.undefined", status=422, name=act.name) from None
    return {"spec": spec, "title": title(act), "facts": found}


def row(name: str, fact: Fact, lang: str) -> dict[str, str]:
    """Write a fact in a language."""
    times = f"{fact.value:.2f} ×" if name == "cost" else None
    return {
        "key": name,
        "label": label(name, lang),
        "value": times or say(name, fact, lang),
        "evidence": fact.evidence,
        "evidence_label": evidence(fact, lang),
        "how": explain(fact, lang),
    }


_TEXT = {"type": "string"}
FACT = record(
    key=_TEXT,
    label=_TEXT,
    value=_TEXT,
    evidence={"enum": ["proved", "measured"]},
    evidence_label=_TEXT,
    how=_TEXT,
)

ENDPOINT = Endpoint(
    "/api/facts",
    "What is known of each function, whether it was proved or measured, and how",
    (Functions(), language),
    facts,
    listing(record(spec=_TEXT, title=_TEXT, facts=listing(FACT))),
    slow=True,
)
