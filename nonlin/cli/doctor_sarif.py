"""What was found as SARIF 2.1.0, which code hosts show beside the lines of the code.

OASIS, Static Analysis Results Interchange Format (SARIF) Version 2.1.0, 2020.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args
from urllib.parse import quote

from nonlin import __version__
from nonlin.cli.doctor_checkup import Checkup, is_judged, places, unseen
from nonlin.messages import text

if TYPE_CHECKING:
    from nonlin.torch.finding import Finding

__all__ = ["sarif"]

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)

LEVELS = {"error": "error", "warning": "warning", "note": "note"}

# The rule of a model of which nothing could be judged.
NOTHING_SEEN = "nothing_seen"


def sarif(checkup: Checkup, lang: str) -> dict[str, Any]:
    """Say it as one run of SARIF; the sentences are in a language.

    A result's place is the line of the model's code that applies the activation, where it is known,
    else the function that builds the model, else the log. Files are named relative to the working
    directory.

    Parameters
    ----------
    checkup : Checkup
    lang : str

    Returns
    -------
    dict
        Plain values, for JSON.
    """
    from nonlin.torch.finding import Kind

    kinds = dict.fromkeys((*get_args(Kind), *(each.kind for each in checkup.findings)))
    rules = [_rule(kind, lang) for kind in kinds]
    index = {rule["id"]: place for place, rule in enumerate(rules)}
    results = list(_results(checkup, lang))
    if not is_judged(checkup):
        index[NOTHING_SEEN] = len(rules)
        rules.append(_described(NOTHING_SEEN, text("doctor_command.sarif.nothing_seen", lang)))
        said = " ".join(unseen(checkup, lang))
        results.append(_result(NOTHING_SEEN, "warning", said, _built(checkup.target), ""))
    for each in results:
        each["ruleIndex"] = index[each["ruleId"]]
    driver = {"name": "nonlin", "semanticVersion": __version__, "rules": rules}
    run = {
        "tool": {"driver": driver},
        "language": lang,
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(kind: str, lang: str) -> dict[str, Any]:
    """Describe a kind of finding: its name, and what may be its cause."""
    from nonlin.torch.finding import Finding
    from nonlin.torch.wording import causes, title

    known = causes(kind, lang)
    lines = [text("doctor_command.sarif.help", lang), *(f"- {each}" for each in known)]
    closing = text("doctor_command.sarif.remedy", lang)
    named = title(Finding(kind, "", "note"), lang)  # type: ignore[arg-type]
    return _described(kind, named, "\n".join(lines if known else []), closing)


def _described(key: str, title: str, *paragraphs: str) -> dict[str, Any]:
    told = "\n\n".join(filter(None, paragraphs)) or title
    return {
        "id": key,
        "name": "".join(word.capitalize() for word in key.split("_")),
        "shortDescription": {"text": title},
        "fullDescription": {"text": title},
        "help": {"text": told, "markdown": told},
    }


def _results(checkup: Checkup, lang: str) -> Iterator[dict[str, Any]]:
    from nonlin.torch.wording import describe

    known = places(checkup)
    lines = {} if checkup.exam is None else {x.name: x.where for x in checkup.exam.sites if x.where}
    for finding in checkup.findings:
        where = known.exact(finding.site, lang)
        said = f"{_title(finding, lang)} · {where}. {describe(finding, lang)}"
        if finding.caused_by is not None:
            place = known.exact(finding.caused_by, lang)
            said += f" ({text('doctor_command.caused_by', lang, site=place)})"
        line = lines.get(finding.site, "")
        place_of = _line(line, checkup.target) if line else _built(checkup.target)
        level = LEVELS.get(finding.severity, "note")
        yield _result(finding.kind, level, said, place_of, finding.site)


def _title(finding: "Finding", lang: str) -> str:
    from nonlin.torch.wording import title

    return title(finding, lang)


def _result(rule: str, level: str, said: str, place: tuple[str, int], site: str) -> dict[str, Any]:
    file, line = place
    location: dict[str, Any] = {
        "physicalLocation": {
            "artifactLocation": {"uri": quote(file), "uriBaseId": "%SRCROOT%"},
            "region": {"startLine": line},
        }
    }
    if site:
        location["logicalLocations"] = [{"fullyQualifiedName": site, "kind": "member"}]
    return {
        "ruleId": rule,
        "level": level,
        "message": {"text": said},
        "locations": [location],
        # Of one place: a run after it finds the same again, whatever its numbers are.
        "partialFingerprints": {"finding/v1": f"{rule}:{site}"},
    }


def _line(where: str, target: str) -> tuple[str, int]:
    """Find the file of "net.py:12": the examined one, or one that it imported from here."""
    name, _, number = where.rpartition(":")
    examined = _split(target)[0]
    if examined.name == name:
        return _relative(examined), int(number)
    here = Path.cwd()
    files = (getattr(each, "__file__", None) for each in list(sys.modules.values()))
    found = {Path(file) for file in files if file and Path(file).name == name}
    own = [
        file for file in found if file.is_relative_to(here) and "site-packages" not in file.parts
    ]
    return (_relative(own[0]), int(number)) if len(own) == 1 else _built(target)


def _built(target: str) -> tuple[str, int]:
    """Find the function that builds the model; the first line of what is no such file."""
    file, name = _split(target)
    try:
        tree = ast.parse(file.read_bytes())
    except (OSError, ValueError, SyntaxError):
        return _relative(file), 1
    lines = (x.lineno for x in tree.body if isinstance(x, ast.FunctionDef) and x.name == name)
    return _relative(file), next(lines, 1)


def _split(target: str) -> tuple[Path, str]:
    from nonlin.cli.doctor_file import split

    return split(target)


def _relative(file: Path) -> str:
    """Name a file from here; one that lies elsewhere by its name alone."""
    whole = file.resolve()
    inside = whole.is_relative_to(Path.cwd().resolve())
    return whole.relative_to(Path.cwd().resolve()).as_posix() if inside else whole.name
