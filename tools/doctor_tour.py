"""Write the guides' tour of the doctor: what it says of an example, before and after a remedy.

python tools/doctor_tour.py
"""

import math
import sys
import textwrap
from pathlib import Path

import torch

from nonlin.messages import languages
from nonlin.torch import examine
from nonlin.torch.case import Case
from nonlin.torch.exam_text import plain_text

ROOT = Path(__file__).parents[1]
GUIDES = {
    lang: ROOT / "docs" / "guides" / lang / "why-does-it-not-learn.md" for lang in languages()
}
BEGIN, END = "<!-- doctor -->", "<!-- /doctor -->"
STEPS = 100

# Between the columns of a table, as between the words of no sentence.
TABLE = "  "

CODE = """from examples.broken_transformer import build   # it writes words backwards
from nonlin.torch import examine

model, inputs, targets, loss_fn, optimizer = build()
exam = examine(model, inputs, targets, loss_fn, optimizer=optimizer)
print(exam)
"""
MENDING = """mended = exam.mend()    # what helps, each tried on a copy, until nothing is left
print(mended)
model = mended.model
"""
TRAINED = {
    "en": "After {steps} steps of Adam the training loss is {before:.3g} with the model as it was\n"
    "and {after:.1g} with the mended one; guessing gives {guessing:.3g}.",
    "ko": "Adam으로 {steps}스텝 학습한 손실은 원래 모델이 {before:.3g}이고,\n"
    "고친 모델은 {after:.1g}입니다. 추측하면 {guessing:.3g}입니다.",
}


def loss_after_training(case: Case) -> float:
    """Train on the whole batch with the case's own optimizer."""
    (optimizer,) = case.optimizers
    for _ in range(STEPS):
        optimizer.zero_grad()
        case.loss_fn(case.model(case.inputs), case.targets).backward()
        optimizer.step()
    return float(case.loss_fn(case.model(case.inputs), case.targets).detach())


def blocks() -> dict[str, str]:
    """Examine, mend, train; what was printed, and the code, in each language."""
    from broken_transformer import WORDS, build

    model, inputs, targets, loss_fn, optimizer = build()
    exam = examine(model, inputs, targets, loss_fn, optimizer=optimizer)
    mended = exam.mend()
    assert exam.case is not None
    losses = {"before": loss_after_training(exam.case), "after": loss_after_training(mended.case)}
    return {
        lang: "\n".join(
            [
                _block("python", CODE),
                _block("text", _wrapped(_findings(plain_text(exam, lang)))),
                _block("python", MENDING),
                _block("text", _wrapped(mended.text(lang))),
                TRAINED[lang].format(steps=STEPS, guessing=math.log(WORDS), **losses) + "\n",
            ]
        )
        for lang in languages()
    }


def _findings(printed: str) -> str:
    """Leave out the tables: they begin at the first row of columns, which two spaces part."""
    parts = printed.split("\n\n")
    table = next((i for i, part in enumerate(parts) if TABLE in part.splitlines()[0]), len(parts))
    return "\n\n".join(parts[:table])


def _block(kind: str, content: str) -> str:
    return f"```{kind}\n{content.strip()}\n```\n"


def _wrapped(printed: str) -> str:
    """Break long sentences as a terminal would; tables and code are narrow enough."""
    lines = []
    for line in printed.splitlines():
        indent = line[: len(line) - len(line.lstrip())]
        lines += textwrap.wrap(line, 100, subsequent_indent=indent) if len(line) > 100 else [line]
    return "\n".join(line.rstrip() for line in lines)


def main() -> None:
    """Write it into both guides, between the marks."""
    torch.set_num_threads(1)
    sys.path.insert(0, str(ROOT / "examples"))
    for lang, written in blocks().items():
        guide = GUIDES[lang].read_text(encoding="utf-8")
        before, _, rest = guide.partition(BEGIN)
        _, _, after = rest.partition(END)
        GUIDES[lang].write_text(f"{before}{BEGIN}\n{written}{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
