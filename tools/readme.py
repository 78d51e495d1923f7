"""Write what the READMEs quote: the study's table and the figures, from a results.json.

    python tools/readme.py study/results.json

Also keeps the outcomes, without the data that only figures need, as the numbers that `nonlin show`
falls back to.
"""

import json
import sys
from pathlib import Path

import nonlin as nl
from nonlin import study_figures
from nonlin.cards import finding
from nonlin.messages import languages, text
from nonlin.study import claims, results

ROOT = Path(__file__).parents[1]
READMES = {"en": ROOT / "README.md", "ko": ROOT / "README.ko.md"}


def table(found: results.Results, lang: str) -> str:
    """One row a claim: what the document says, the verdict, the numbers."""
    rows = [
        "| " + " | ".join(text(f"cli.study.{c}", lang) for c in COLUMNS) + " |",
        "|" + " --- |" * len(COLUMNS),
    ]
    for claim in claims.CLAIMS:
        outcome = found.outcomes[claim.id]
        cells = (
            claim.id,
            text(f"study.claims.{claim.id}.claim", lang),
            text(f"report.verdict.{outcome.verdict}", lang),
            finding(outcome, lang),
        )
        rows.append("| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |")
    return "\n".join(rows)


COLUMNS = ("id", "claim", "verdict", "finding")


def main(path: Path) -> None:
    """Rewrite the tables, the figures and the fallback numbers."""
    found = results.load(path)
    if not found.complete:
        sys.exit(f"{path} is incomplete: finish it with nonlin study --resume")
    for lang in languages():
        readme = READMES[lang].read_text(encoding="utf-8")
        before, _, rest = readme.partition("<!-- study -->")
        after = rest.partition("<!-- /study -->")[2]
        block = f"<!-- study -->\n{table(found, lang)}\n<!-- /study -->"
        READMES[lang].write_text(before + block + after, encoding="utf-8")
        five = [nl.get(name) for name in nl.names()[:5]]
        curves = nl.plot(*five, derivative=True, xlim=(-6, 6), lang=lang)
        study_figures.save(curves, ROOT / "docs" / "figures" / f"functions.{lang}", ("png",))
        drawn = study_figures.draw("vanishing", found.outcomes, lang)
        study_figures.save(drawn, ROOT / "docs" / "figures" / f"vanishing.{lang}", ("png",))
    kept = json.loads(path.read_text(encoding="utf-8"))
    for outcome in kept["outcomes"].values():
        outcome["series"] = {}
    reference = ROOT / "nonlin" / "study" / "reference_results.json"
    reference.write_text(json.dumps(kept, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
