"""What a page says of what was seen, and of what was not."""

from typing import TYPE_CHECKING

from nonlin.messages import languages, text
from nonlin.report.examined.svg import both, in_both

if TYPE_CHECKING:
    from nonlin.torch.exam import Exam
    from nonlin.torch.runs.state import Structure

__all__ = ["healthy", "is_judged", "unseen"]


def _standing(exam: "Exam | None", structure: "Structure") -> str:
    """What may be said of the model; a log tells no more than how much was seen."""
    from nonlin.torch.seen import of_counts, standing

    if exam is not None:
        return standing(exam.reading)
    return of_counts(len(structure.sites), len(structure.layers))


def is_judged(exam: "Exam | None", structure: "Structure") -> bool:
    """Whether enough was seen to say that nothing is wrong."""
    from nonlin.torch.seen import UNJUDGED

    return _standing(exam, structure) not in UNJUDGED


def healthy(exam: "Exam | None", structure: "Structure") -> str:
    """Say, as HTML in both languages, what no finding means: nothing wrong, or nothing seen."""
    known = _standing(exam, structure)
    if known == "all":
        return both("summary.healthy")
    counts = {"sites": len(structure.sites), "layers": len(structure.layers)}
    return in_both(lambda lang: text(f"examination.unseen.{known}", lang, **counts))


def unseen(exam: "Exam | None") -> list[str]:
    """Say, as HTML in both languages, what was not seen, recognised or measured."""
    from nonlin.torch.seen import sentences

    if exam is None:
        return []
    lines = zip(*(sentences(exam.reading, lang) for lang in languages()), strict=True)
    return [in_both(dict(zip(languages(), line, strict=True)).__getitem__) for line in lines]
