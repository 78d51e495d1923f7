"""Write the READMEs' tour of the doctor: what it says of an example, before and after a remedy.

python tools/doctor_tour.py
"""

import copy
import math
import sys
import textwrap
from pathlib import Path
from typing import Any

import torch

from nonlin.messages import languages
from nonlin.torch import examine
from nonlin.torch.exam_text import plain_text

ROOT = Path(__file__).parents[1]
READMES = {"en": ROOT / "README.md", "ko": ROOT / "README.ko.md"}
BEGIN, END = "<!-- doctor -->", "<!-- /doctor -->"
STEPS = 100

CODE = """from examples.vanishing_cnn import build   # eight sigmoid layers, PyTorch's first weights
from nonlin.torch import examine

model, inputs, targets, loss_fn = build()
exam = examine(model, inputs, targets, loss_fn)
print(exam)
"""
MENDING = """remedy = exam.remedies()[0]              # each is tried on a copy, the best one first
print(remedy)
model = remedy.apply(model)
print(examine(model, inputs, targets, loss_fn))
"""
TRAINED = {
    "en": "After {steps} steps of Adam the training loss is {before:.3g} with the first weights\n"
    "and below {after:.0e} with the remedy; guessing gives {guessing:.3g}.",
    "ko": "Adam으로 {steps}스텝 학습한 손실은 처음 모델이 {before:.3g}이고, 처방한 모델은 "
    "{after:.0e}보다 작습니다.\n추측하면 {guessing:.3g}입니다.",
}


def loss_after_training(model: Any, inputs: Any, targets: Any, loss_fn: Any) -> float:
    """Train a copy on the whole batch."""
    model = copy.deepcopy(model)
    optimizer = torch.optim.Adam(model.parameters())
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss_fn(model(inputs), targets).backward()
        optimizer.step()
    return float(loss_fn(model(inputs), targets).detach())


def tour(lang: str) -> str:
    """Examine, mend, examine again; what was printed, and the code."""
    from vanishing_cnn import build

    model, *rest = build()
    exam = examine(model, *rest)
    remedy = exam.remedies()[0]
    losses = {"before": loss_after_training(model, *rest)}
    mended = remedy.apply(model)
    # So near 0 the last digits are those of a processor: a power of ten above them is not.
    losses["after"] = 10.0 ** (2 + math.floor(math.log10(loss_after_training(mended, *rest))))
    code = "".join(f"    {line}\n" for line in remedy.code.splitlines())
    said = f"{remedy.describe(lang)}\n  {remedy.result(lang)}\n{code}"
    after = plain_text(examine(mended, *rest), lang)
    classes = int(rest[1].max()) + 1
    guessing = float(torch.tensor(float(classes)).log())
    return "\n".join(
        [
            _block("python", CODE),
            _block("text", _wrapped(_without_caption(plain_text(exam, lang)))),
            _block("python", MENDING),
            _block("text", _wrapped(said) + "\n" + _wrapped(_without_caption(after))),
            TRAINED[lang].format(steps=STEPS, guessing=guessing, **losses) + "\n",
        ]
    )


def _without_caption(printed: str) -> str:
    return printed.rpartition("\n\n")[0]


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
    """Write it into both READMEs, between the marks."""
    torch.set_num_threads(1)
    sys.path.insert(0, str(ROOT / "examples"))
    for lang in languages():
        readme = READMES[lang].read_text(encoding="utf-8")
        before, _, rest = readme.partition(BEGIN)
        _, _, after = rest.partition(END)
        written = f"{before}{BEGIN}\n{tour(lang)}{END}{after}"
        READMES[lang].write_text(written, encoding="utf-8")


if __name__ == "__main__":
    main()
