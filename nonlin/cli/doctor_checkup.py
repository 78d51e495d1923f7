"""What is known after the doctor's work."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nonlin.report.examined.view import SiteView
    from nonlin.torch.exam import Exam
    from nonlin.torch.finding import Finding
    from nonlin.torch.mended import Mended
    from nonlin.torch.places import Places
    from nonlin.torch.runs import Run
    from nonlin.torch.seen import Standing

__all__ = ["Checkup", "is_judged", "places", "plain", "sites", "standing", "unseen"]


@dataclass(frozen=True)
class Checkup:
    """A model or a run after it was examined.

    Attributes
    ----------
    target : str
        As it was given.
    findings : tuple of Finding
    exam : Exam or None
        None for a log.
    run : Run or None
        None without training.
    remedies : tuple of Remedy
    mended : Mended or None
    """

    target: str
    findings: "tuple[Finding, ...]"
    exam: "Exam | None" = None
    run: "Run | None" = None
    remedies: tuple[Any, ...] | None = None
    mended: "Mended | None" = None


def sites(checkup: Checkup) -> "Sequence[SiteView]":
    """List the sites in the order of the forward pass."""
    from nonlin.report.examined.view import read, site_views

    structure, snapshot = read(checkup.exam, checkup.run)
    return site_views(structure, snapshot, None if checkup.exam is None else checkup.exam.reading)


def places(checkup: Checkup) -> "Places":
    """What the model's places are called."""
    from nonlin.report.examined.view import read
    from nonlin.torch.places import Places

    return Places.of_structure(read(checkup.exam, checkup.run)[0])


def standing(checkup: Checkup) -> "Standing":
    """Tell whether enough was seen to call the model healthy: see `nonlin.torch.seen`."""
    from nonlin.torch import seen

    if checkup.exam is not None:
        return seen.standing(checkup.exam.reading)
    return seen.of_counts(*_counts(checkup))


def is_judged(checkup: Checkup) -> bool:
    """Tell whether anything could be said of the model."""
    from nonlin.torch.seen import UNJUDGED

    return standing(checkup) not in UNJUDGED


def unseen(checkup: Checkup, lang: str) -> list[str]:
    """Say what was not seen; a log tells no more than how many sites and layers there were."""
    from nonlin.torch import seen

    if checkup.exam is not None:
        return seen.sentences(checkup.exam.reading, lang)
    found, layers = _counts(checkup)
    said = seen.unseen(lang, standing(checkup), sites=found, layers=layers)
    return [said] if said else []


def _counts(checkup: Checkup) -> tuple[int, int]:
    found = None if checkup.run is None else checkup.run.structure
    return (0, 0) if found is None else (len(found.sites), len(found.layers))


def plain(checkup: Checkup, lang: str) -> dict[str, Any]:
    """Say it in plain values, for programs; the sentences are in a language."""
    from nonlin.torch.wording import describe

    group = {
        id(each): number
        for number, told in enumerate(places(checkup).paragraphs(checkup.findings))
        for each in told
    }
    made: dict[str, Any] = {
        "target": checkup.target,
        "findings": [
            asdict(each) | {"group": group[id(each)], "sentence": describe(each, lang)}
            for each in checkup.findings
        ],
        "sites": [_plain_site(site) for site in sites(checkup)],
        "seen": standing(checkup),
        "unseen": unseen(checkup, lang),
    }
    if checkup.run is not None:
        made["run"] = {
            "readings": checkup.run.count,
            "steps": [each.step for each in checkup.run.snapshots],
            "losses": [each.loss for each in checkup.run.snapshots],
            "troubles": [
                {key: value for key, value in asdict(each).items() if key != "finding"}
                | {"kind": each.finding.kind, "site": each.finding.site}
                for each in checkup.run.troubles
            ],
        }
    if checkup.remedies is not None:
        made["remedies"] = [_plain_remedy(each, lang) for each in checkup.remedies]
    if checkup.mended is not None:
        mended = checkup.mended
        made["mended"] = {
            "what": mended.describe(lang),
            "why": mended.why,
            "code": mended.code,
            "losses": mended.losses,
            "remedies": [_plain_remedy(each, lang) for each in mended.remedies],
            "left": [asdict(each) for each in mended.after.findings],
        }
    return made


def _plain_remedy(remedy: Any, lang: str) -> dict[str, Any]:
    return {
        "what": remedy.describe(lang),
        "result": remedy.result(lang),
        "outcome": remedy.outcome,
        "why": remedy.why,
        "gain": remedy.gain,
        "code": remedy.code,
        "losses": remedy.losses,
        "site": remedy.finding.site,
    }


def _plain_site(site: Any) -> dict[str, Any]:
    values = asdict(site)
    del values["passing"]
    return values
