"""Streams that grow, experts without tokens, and updates that rounding takes, in whole models."""

import healthy_models as models
import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from healthy_models import Case, exam, told
from torch import nn


class Images(nn.Module):
    """40 residual blocks of two convolutions, as He would draw them, without normalisation."""

    def __init__(self, blocks=40, width=12):
        super().__init__()
        self.stem = nn.Conv2d(3, width, 3, padding=1)
        self.blocks = nn.ModuleList(
            nn.Sequential(
                nn.Conv2d(width, width, 3, padding=1), nn.ReLU(),
                nn.Conv2d(width, width, 3, padding=1),
            )
            for _ in range(blocks)
        )  # fmt: skip
        self.head = nn.Linear(width, 4)
        for layer in self.modules():
            if isinstance(layer, nn.Conv2d):
                nn.init.kaiming_normal_(layer.weight)

    def forward(self, x):
        x = self.stem(x)
        for block in self.blocks:
            x = F.relu(x + block(x))
        return self.head(x.mean((2, 3)))


def unnormalised():
    """GPT-2 of 24 blocks without its normalisations, drawn as He would."""
    config = models.gpt2().model.config
    config.n_layer = 24
    model = models.hf.GPT2LMHeadModel(config)
    x = models._words()
    for module in model.modules():
        for name, part in list(module.named_children()):
            if isinstance(part, nn.LayerNorm):
                setattr(module, name, nn.Identity())
        if type(module).__name__ == "Conv1D":
            nn.init.normal_(module.weight, std=(2 / module.weight.shape[0]) ** 0.5)
    return Case(model, {"input_ids": x, "labels": x})


STREAMS = {
    "rows": lambda: models._stack("he"),
    "images": lambda: Case(Images(), *models._images(), F.cross_entropy),
    "transformer": unnormalised,
}


@pytest.mark.parametrize("kind", STREAMS)
def test_a_stream_that_grows_block_by_block_is_told(kind):
    torch.manual_seed(0)
    case = STREAMS[kind]()
    exam_ = exam(case)
    (found,) = [x for x in exam_.findings if x.kind == "exploding_signal"]
    assert (found.severity, found.cause) == ("error", "branches")
    sums = [x.rms for x in exam_.reading.residuals]
    assert found.evidence["ratio"] == pytest.approx(sums[-1] / sums[0])
    assert found.evidence["blocks"] == len(sums)
    # What comes of it is no root of its own.
    explodes = [x for x in exam_.findings if x.kind == "exploding_gradients"]
    assert all(not x.is_root for x in explodes)


def routed(tokens, shift=0.0):
    x = torch.randn(tokens, 8, generator=torch.Generator().manual_seed(3)) + shift
    return Case(models.Routed(), x, x[:, :4].argmax(1), F.cross_entropy)


@pytest.mark.parametrize(
    ("tokens", "shift", "bias", "grade"),
    [(32, 0.0, -100.0, None), (512, 0.0, -100.0, "warning"), (512, 0.0, 0.0, None),
     (512, 3.0, 0.0, "note")],
)  # fmt: skip
def test_idle_experts_are_told_where_neither_chance_nor_alike_tokens_explain_them(
    tokens, shift, bias, grade
):
    torch.manual_seed(0)
    case = routed(tokens, shift)
    with torch.no_grad():
        case.model.router.bias[3] += bias
    found = [x for x in exam(case).findings if x.kind == "idle_experts"]
    assert [x.severity for x in found] == ([] if grade is None else [grade])


@pytest.mark.parametrize("make", [models.gpt2, models.bert, models.two_tasks])
@pytest.mark.parametrize(
    ("dtype", "rate", "grade"),
    [(torch.bfloat16, 3e-6, "warning"), (torch.bfloat16, 1e-3, None), (torch.float32, 3e-6, None)],
)
def test_updates_that_rounding_takes_are_counted(make, dtype, rate, grade):
    torch.manual_seed(0)
    case = make()
    case.model.to(dtype)
    if case.loss is not None:
        targets = (case.targets[0], case.targets[1].to(dtype))
        case = case._replace(inputs=case.inputs.to(dtype), targets=targets)
    optimizer = torch.optim.AdamW(case.model.parameters(), rate)
    exam_ = exam(case, optimizer=optimizer)
    found = [x for x in exam_.findings if x.cause == "rounding"]
    assert [x.severity for x in found] == ([] if grade is None else [grade])
    if grade:
        before = {name: p.detach().clone() for name, p in case.model.named_parameters()}
        out = case.model(**case.inputs) if case.loss is None else case.model(case.inputs)
        (out.loss if case.loss is None else case.loss(out, case.targets)).backward()
        optimizer.step()
        layer = next(x for x in exam_.reading.layers if x.name == found[0].site)
        weight = case.model.get_submodule(layer.name).weight
        same = (weight == before[f"{layer.name}.weight"]) & (weight.grad != 0)
        assert layer.unmoved == pytest.approx(
            float(same.sum() / (weight.grad != 0).sum()), abs=0.01
        )
    assert {x.kind for x in told(case, optimizer=optimizer)} <= (
        {"stuck_layer"} if grade else set()
    )
