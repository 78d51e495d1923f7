"""Signals and gradients along towers, branches, time, attention and experts, in whole models."""

from dataclasses import replace

import healthy_models as models
import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from healthy_models import HEALTHY, Case, trained
from torch import nn

from nonlin.torch import examine, measure
from nonlin.torch.verdicts import findings

# What is judged here; of the others each has tests of its own.
KINDS = (
    "vanishing_gradients", "exploding_gradients", "exploding_signal", "collapsed_attention",
    "idle_experts", "stuck_layer", "non_finite",
)  # fmt: skip


def exam(case: Case, **given):
    loss = () if case.loss is None else (case.loss,)
    return examine(case.model, case.inputs, case.targets, *loss, **given)


def told(case: Case, *kinds, **given):
    """What is found that is more than a note."""
    found = exam(case, **given).findings
    return [x for x in found if x.severity != "note" and x.kind in (kinds or KINDS)]


@pytest.mark.parametrize("make", HEALTHY, ids=lambda make: make.__name__)
def test_healthy_models_are_left_alone_at_their_first_weights_and_after_a_training(make):
    torch.manual_seed(0)
    case = make()
    assert told(case) == []
    assert told(trained(case)) == []


# ---- towers and branches


def deep(act, depth, width=32, gain=1.0):
    layers = []
    for _ in range(depth):
        layer = nn.Linear(width, width)
        layer.weight.data.mul_(gain)
        layers += [layer, act()]
    return nn.Sequential(*layers)


def heads(trunk, act=nn.Sigmoid, depth=14, gain=1.0):
    case = models.two_tasks() if trunk else models.towers()
    case.model.other[0].append(deep(act, depth, gain=gain))
    return case


def words(act=nn.Sigmoid, depth=14, gain=1.0):
    case = models.gpt2()
    case.model.transformer.h[1].mlp.act = deep(act, depth, 128, gain)
    return case


def image(act=nn.Sigmoid, depth=14, gain=1.0):
    class Pixels(nn.Module):
        def __init__(self):
            super().__init__()
            self.rows = deep(act, depth, 8, gain)

        def forward(self, x):
            # The block adds in place.
            return self.rows(x.movedim(1, -1)).movedim(-1, 1) * 1.0

    case = models.resnet()
    case.model.resnet.encoder.stages[0].layers[1].layer.append(Pixels())
    return case


WAYS = {
    "tower": (lambda **k: heads(False, **k), "other.", False),
    "head": (lambda **k: heads(True, **k), "other.", False),
    "branch of a transformer": (words, "transformer.h.1.mlp.act", True),
    "branch of a ResNet": (image, "resnet.encoder.stages.0.layers.1.", True),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_gradient_that_vanishes_on_one_way_is_told_of_that_way(way):
    make, place, branch = WAYS[way]
    torch.manual_seed(0)
    (found,) = told(make(), "vanishing_gradients")
    assert found.site.startswith(place)
    assert found.evidence["first"].startswith(place)
    assert found.evidence["branch"] is branch
    assert found.severity == ("warning" if branch else "error")
    # sigmoid' is 1/4 at most, and 14 of them are passed; PyTorch's weights make 3^-1/2 each.
    assert found.evidence["ratio"] < 0.25**13


@pytest.mark.parametrize("way", ["tower", "head", "branch of a transformer"])
def test_a_gradient_that_explodes_on_one_way_is_told_of_that_way(way):
    make, place, _ = WAYS[way]
    torch.manual_seed(0)
    # ReLU halves E[x^2], weights of sw2 = 27 make 13.5 of it: 14 layers 13.5^7 of the length.
    found = [x for x in exam(make(act=nn.ReLU, gain=9.0)).findings if "exploding_g" in x.kind]
    assert [x.site.startswith(place) for x in found] == [True]
    assert 7 < torch.tensor(found[0].evidence["ratio"]).log10() < 9


def test_the_gradient_of_the_larger_of_two_losses_is_no_explosion():
    torch.manual_seed(0)
    case = models.critic()
    reading = measure(case.model, case.inputs, case.targets, case.loss)
    rms = {x.name: x.gradient_rms for x in reading.sites}
    # The planted returns make one head's gradients far larger than the other's.
    assert rms["other.0.1"] > 100 * rms["one.0.1"]
    assert told(case) == []


def test_a_gradient_that_is_not_finite_is_told_of_its_branch():
    torch.manual_seed(0)
    case = models.two_tasks()

    class Root(nn.Module):
        def forward(self, x):
            return (x * 0.0).sqrt()

    case.model.other.append(Root())
    (found,) = told(case, "non_finite")
    assert (found.site, found.evidence["module"]) == ("other.2:sqrt", "other.2")


# ---- the stream


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


# ---- time


class Cell(nn.Module):
    """A tanh cell written out, its recurrent weights orthogonal times a radius."""

    def __init__(self, radius, width=24, each=False):
        super().__init__()
        self.into, self.again = nn.Linear(4, width), nn.Linear(width, width, bias=False)
        self.head, self.each = nn.Linear(width, 3), each
        nn.init.orthogonal_(self.again.weight, radius)

    def forward(self, x):
        h, outputs = x.new_zeros(len(x), self.again.in_features), []
        for t in range(x.shape[1]):
            h = torch.tanh(self.into(x[:, t]) + self.again(h))
            outputs.append(self.head(h))
        return torch.stack(outputs, 1).mean(1) if self.each else outputs[-1]


class Called(Cell):
    def __init__(self, radius, width=24):
        super().__init__(radius, width)
        self.cell = nn.RNNCell(4, width)
        nn.init.orthogonal_(self.cell.weight_hh, radius)
        del self.into, self.again

    def forward(self, x):
        h = None
        for t in range(x.shape[1]):
            h = self.cell(x[:, t], h)
        return self.head(h)


def fused(radius, layers=1):
    net = models.Rows(nn.RNN, 24, 4, 3)
    net.memory = nn.RNN(4, 24, layers, batch_first=True)
    for name, weight in net.memory.named_parameters():
        if "weight_hh" in name:
            nn.init.orthogonal_(weight, radius)
    return net


def steps(net, count=60):
    x = torch.randn(32, count, 4, generator=torch.Generator().manual_seed(4))
    return Case(net, x, torch.arange(32) % 3, F.cross_entropy)


@pytest.mark.parametrize("make", [Cell, Called, fused])
def test_a_gradient_that_vanishes_through_time_is_told_with_its_rate(make):
    torch.manual_seed(0)
    (found,) = told(steps(make(0.5)), "vanishing_gradients")
    assert (found.cause, found.severity) == ("time", "warning")
    assert found.evidence["steps"] == 59
    assert found.evidence["ratio"] < 2e-18
    # A step back multiplies by the radius times sqrt(E[tanh'^2]), which is below 1.
    assert found.evidence["factor"] == pytest.approx(found.evidence["predicted"], rel=0.1)
    assert found.evidence["predicted"] < 0.5


def test_each_layer_of_a_stack_is_told_of():
    torch.manual_seed(0)
    found = told(steps(fused(0.3, layers=2)), "vanishing_gradients")
    assert {x.cause for x in found} == {"time"}
    assert "tanh_l1" in "".join(x.site for x in found)


def test_where_nothing_arrives_at_the_first_steps_it_is_an_error():
    torch.manual_seed(0)
    (found,) = told(steps(Cell(0.1), 80), "vanishing_gradients")
    # 0.1^79 is below what float32 holds.
    assert (found.severity, found.evidence["ratio"]) == ("error", 0.0)
    assert found.evidence["without"] > 20


def test_steps_that_all_get_a_gradient_of_their_own_are_fine():
    torch.manual_seed(0)
    assert told(steps(Cell(0.5, each=True))) == []
    torch.manual_seed(0)
    assert told(steps(Cell(1.0))) == []


def test_gates_that_are_half_open_are_noted_and_open_ones_are_not():
    torch.manual_seed(0)
    net = models.Rows(nn.LSTM, 24, 4, 3)
    half = [x for x in exam(steps(net, 80)).findings if x.cause == "time"]
    assert [x.severity for x in half] == ["note"]
    with torch.no_grad():
        # The forget gate's biases.
        net.memory.bias_ih_l0[24:48] = 3.0
    assert [x for x in exam(steps(net, 80)).findings if x.cause == "time"] == []


# ---- attention


def scaled(case, factor):
    """Multiply the queries' and the keys' weights."""
    names = ("q_proj.weight", "k_proj.weight", "query.weight", "key.weight", "Attention.q.weight",
             "Attention.k.weight")  # fmt: skip
    with torch.no_grad():
        for name, weight in case.model.named_parameters():
            if name.endswith(names):
                weight.mul_(factor)
            elif name.endswith("c_attn.weight"):
                weight[:, : 2 * weight.shape[1] // 3].mul_(factor)
    return case


@pytest.mark.parametrize(
    ("make", "factor"),
    [(models.gpt2, 400), (models.bert, 400), (models.vit, 400), (models.llama, 400),
     (models.t5, 30)],
)  # fmt: skip
def test_attention_whose_scores_are_too_large_is_an_error_and_its_twin_is_silent(make, factor):
    torch.manual_seed(0)
    case = scaled(make(), factor)
    reading = exam(case).reading
    found = told(case, "collapsed_attention")
    assert {x.severity for x in found} == {"error"}
    assert len(found) >= len(reading.attentions) - 1
    assert all(x.evidence["passed"] < 0.05 for x in found)


@pytest.mark.parametrize("make", [models.bert, models.vit, models.llama])
def test_sharp_heads_that_pass_the_gradient_on_are_fine(make):
    torch.manual_seed(0)
    case = scaled(make(), 20)
    assert exam(case).reading.attentions[0].entropy.max() < 0.6
    assert told(case, "collapsed_attention") == []


def test_what_comes_back_to_the_scores_is_measured():
    torch.manual_seed(0)
    q, k, v = (nn.Parameter(torch.randn(2, 3, 7, 5)) for _ in range(3))

    class Attend(nn.Module):
        def __init__(self, fused):
            super().__init__()
            self.q, self.k, self.v, self.fused = q, k, v, fused

        def forward(self, x):
            q, k, v = self.q * x, self.k * x, self.v * x
            if self.fused:
                return F.scaled_dot_product_attention(q, k, v, is_causal=True)
            s = q @ k.mT / 5**0.5
            s = s.masked_fill(torch.ones(7, 7).triu(1).bool(), -torch.inf)
            return s.softmax(-1) @ v

    x, y = torch.ones(2, 1, 1, 1), torch.randn(2, 3, 7, 5)
    # By hand, from autograd's dL/dp and dL/ds, the first query left out: it has one key.
    s = (q @ k.mT / 5**0.5).detach()
    s = s.masked_fill(torch.ones(7, 7).triu(1).bool(), -torch.inf).requires_grad_()
    p = s.softmax(-1)
    p.retain_grad()
    F.mse_loss(p @ v, y).backward()
    keys, allowed = torch.arange(1, 8.0)[:, None], torch.ones(7, 7).tril()
    given = (p.grad - (p.grad * allowed).sum(-1, keepdim=True) / keys) * allowed
    back, given = (keys * s.grad)[:, :, 1:], given[:, :, 1:]
    expected = (back.square().sum((0, 2, 3)) / given.square().sum((0, 2, 3))).sqrt()
    for way in (True, False):
        (found,) = measure(Attend(way), x, y, F.mse_loss).attentions
        torch.testing.assert_close(torch.from_numpy(found.passed), expected.double(), rtol=1e-4,
                                   atol=0.0)  # fmt: skip


def test_attention_that_stays_uniform_in_a_training_is_noted():
    torch.manual_seed(0)
    case = models.gpt2()
    assert exam(case).findings == ()
    later = replace(measure(case.model, case.inputs), step=500)
    (found,) = [x for x in findings(later) if x.kind == "collapsed_attention"]
    assert (found.severity, found.cause, found.evidence["attentions"]) == ("note", "uniform", 3)


# ---- experts and updates


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


# ---- what is a branch, and what is none


def residual_sites(case):
    loss = () if case.loss is None else (case.loss,)
    return {
        x.name for x in measure(case.model, case.inputs, case.targets, *loss).sites if x.residual
    }


@pytest.mark.parametrize("make", [models.two_tasks, models.towers, models.dueling])
def test_heads_that_are_added_or_whose_losses_are_have_no_branch(make):
    torch.manual_seed(0)
    assert residual_sites(make()) == set()


def test_losses_that_are_written_out_and_added_make_no_branch():
    torch.manual_seed(0)
    case = models.two_tasks()

    def loss(out, y):
        own = -(out[0].log_softmax(-1)[torch.arange(len(y[0])), y[0]])
        return (own + (out[1].squeeze(1) - y[1]) ** 2).mean()

    assert residual_sites(case._replace(loss=loss)) == set()


def test_a_block_of_a_resnet_is_a_branch_and_a_shortcut_with_weights_is_none():
    torch.manual_seed(0)
    found = residual_sites(models.resnet())
    blocks = [f"resnet.encoder.stages.{i}.layers.{j}" for i in range(3) for j in range(2)]
    assert found == {f"{name}.layer.0.activation" for name in blocks}


def test_a_gradient_that_explodes_through_time_is_told():
    torch.manual_seed(0)
    net = models.Rows(nn.RNN, 24, 4, 3)
    net.memory = nn.RNN(4, 24, batch_first=True, nonlinearity="relu")
    nn.init.orthogonal_(net.memory.weight_hh_l0, 4.0)
    found = [x for x in exam(steps(net, 20)).findings if x.cause == "time"]
    assert [(x.kind, x.severity) for x in found] == [("exploding_gradients", "error")]
    # A step back multiplies by 4 and passes half of the units: (4 / 2^(1/2))^19 in length.
    assert found[0].evidence["factor"] == pytest.approx(4 / 2**0.5, rel=0.25)
