"""Silence planted in gates, in heads and among experts is counted exactly."""

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import nn

from nonlin.torch import measure
from nonlin.torch.measuring.attention import AttentionSums


class Gated(nn.Module):
    """A gated layer, its two halves from two layers or from one."""

    def __init__(self, phi, joint=False, bias=True):
        super().__init__()
        self.phi, self.joint = phi, joint
        if joint:
            self.both = nn.Linear(6, 32, bias=bias)
        else:
            self.gate, self.up = nn.Linear(6, 16, bias=bias), nn.Linear(6, 16, bias=bias)
        self.down = nn.Linear(16, 3)

    def halves(self, x):
        return self.both(x).chunk(2, -1) if self.joint else (self.gate(x), self.up(x))

    def forward(self, x):
        gate, up = self.halves(x)
        return self.down(self.phi(gate) * up)


@pytest.mark.parametrize("joint", [False, True])
def test_a_unit_of_a_gate_is_silent_if_the_product_is(joint):
    torch.manual_seed(0)
    net = Gated(F.relu, joint)
    with torch.no_grad():
        gate_bias = net.both.bias[:16] if joint else net.gate.bias
        gate_bias[:5] = -100.0  # the gate never opens
        weight, bias = (
            (net.both.weight[16:], net.both.bias[16:]) if joint else (net.up.weight, net.up.bias)
        )
        weight[7], bias[7] = 0.0, 0.0  # and nothing comes through this one
    x = torch.randn(40, 6)
    reading = measure(net, x, torch.zeros(40, 3), F.mse_loss)
    (gate,) = reading.gates
    silent = (gate.active_samples == 0).nonzero()[0].tolist()
    assert silent == [0, 1, 2, 3, 4, 7]
    with torch.no_grad():
        one, other = net.halves(x)
        product = F.relu(one) * other
    assert gate.zeros.tolist() == (product == 0).sum(0).tolist()
    assert gate.active_samples.tolist() == (product != 0).sum(0).tolist()
    (site,) = reading.sites
    assert (site.activation, site.gate, site.units.count) == ("nl.relu", True, 16)
    assert site.name in gate.factors


@pytest.mark.parametrize(
    ("phi", "name"),
    [(F.silu, "nl.silu"), (F.gelu, "nl.gelu"), (torch.sigmoid, "nl.sigmoid")],
)
def test_the_gates_of_todays_models(phi, name):
    torch.manual_seed(0)
    reading = measure(Gated(phi), torch.randn(8, 6), torch.zeros(8, 3), F.mse_loss)
    assert [x.activation for x in reading.sites] == [name]
    assert [x.samples for x in reading.gates] == [8]


def test_glu_and_a_product_of_two_layers():
    class Glu(nn.Module):
        def __init__(self):
            super().__init__()
            self.one, self.two = nn.Linear(6, 16), nn.Linear(8, 3)

        def forward(self, x):
            return self.two(F.glu(self.one(x)))

    reading = measure(Glu(), torch.randn(8, 6), torch.zeros(8, 3), F.mse_loss)
    assert [(x.activation, x.gate, x.units.count) for x in reading.sites] == [
        ("nl.sigmoid", True, 8)
    ]
    assert len(reading.gates) == 1
    bilinear = measure(Gated(lambda x: x), torch.randn(8, 6), torch.zeros(8, 3), F.mse_loss)
    (gate,) = bilinear.gates
    assert (bilinear.sites, set(gate.factors)) == ((), {"gate", "up"})


class Attentive(nn.Module):
    """Self-attention with four heads, written out, fused, or PyTorch's own module."""

    def __init__(self, form, scale=1.0, causal=False):
        super().__init__()
        self.form, self.causal = form, causal
        self.into, self.out = nn.Linear(8, 24), nn.Linear(8, 8)
        self.own = nn.MultiheadAttention(8, 4, batch_first=True)
        with torch.no_grad():
            self.into.weight[:16] *= scale**0.5
            # The first head looks at all alike.
            self.into.weight[:2], self.into.bias[:2] = 0.0, 0.0

    def forward(self, x):
        if self.form == "module":
            return self.own(x, x, x, need_weights=False)[0]
        q, k, v = (y.unflatten(-1, (4, 2)).transpose(1, 2) for y in self.into(x).chunk(3, dim=-1))
        if self.form == "fused":
            y = F.scaled_dot_product_attention(q, k, v, is_causal=self.causal)
        else:
            scores = q @ k.transpose(-1, -2) / 2**0.5
            if self.causal:
                ahead = torch.ones(scores.shape[-2:], dtype=torch.bool).triu(1)
                scores = scores.masked_fill(ahead, -torch.inf)
            y = scores.softmax(-1) @ v
        return self.out(y.transpose(1, 2).flatten(2))

    def scores(self, x):
        q, k, _ = (y.unflatten(-1, (4, 2)).transpose(1, 2) for y in self.into(x).chunk(3, dim=-1))
        return q @ k.transpose(-1, -2) / 2**0.5


@pytest.mark.parametrize("form", ["fused", "written"])
@pytest.mark.parametrize("causal", [False, True])
def test_attention_head_by_head(form, causal):
    torch.manual_seed(0)
    net = Attentive(form, scale=40.0, causal=causal)
    x = torch.randn(3, 9, 8)
    (found,) = measure(net, x, torch.zeros(3, 9, 8), F.mse_loss).attentions
    with torch.no_grad():
        scores = net.scores(x)
        allowed = torch.ones(9, 9, dtype=torch.bool)
        allowed = allowed.tril() if causal else allowed
        p = scores.masked_fill(~allowed, -torch.inf).softmax(-1).double()
        free = allowed.sum(-1) > 1
        entropy = -(p * p.clamp_min(1e-300).log()).sum(-1)[..., free]
        entropy = entropy / allowed.sum(-1)[free].log()
        jacobian = torch.diag_embed(p) - p[..., :, None] * p[..., None, :]
        flat = (jacobian.flatten(-2).norm(dim=-1) < 0.005)[..., free]
    assert found.entropy.tolist() == pytest.approx(entropy.mean((0, 2)).tolist(), rel=1e-4)
    assert found.saturated.tolist() == pytest.approx(flat.double().mean((0, 2)).tolist())
    assert found.entropy[0] == pytest.approx(1.0, abs=1e-6)
    assert found.saturated[1:].min() > 0.3
    assert found.keys == pytest.approx(allowed.sum(-1)[free].double().mean().item())
    most = scores.masked_fill(~allowed, -torch.inf).amax((0, 2, 3))
    assert found.largest_score.tolist() == pytest.approx(most.tolist(), rel=1e-5)


def test_the_attention_of_pytorchs_module():
    torch.manual_seed(0)
    (found,) = measure(
        Attentive("module"), torch.randn(3, 9, 8), torch.zeros(3, 9, 8), F.mse_loss
    ).attentions
    assert found.entropy.shape == (4,)
    assert ((found.entropy > 0.0) & (found.entropy < 1.0)).all()


class Experts(nn.Module):
    """Four experts of which each token is given to two; some get none."""

    def __init__(self):
        super().__init__()
        self.router = nn.Linear(6, 4)
        self.experts = nn.ModuleList(
            nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 6)) for _ in range(4)
        )

    def forward(self, x):
        weight, chosen = self.router(x).softmax(-1).topk(2, -1)
        y = torch.zeros_like(x)
        for number, expert in enumerate(self.experts):
            token, place = torch.where(chosen == number)
            if len(token):
                y = y.index_add(0, token, weight[token, place, None] * expert(x[token]))
        return y


def test_experts_without_tokens_and_each_experts_own_units():
    torch.manual_seed(0)
    net = Experts()
    with torch.no_grad():
        net.router.bias[3] = -100.0
        net.experts[1][0].bias[:3] = -100.0
    x = torch.randn(50, 6)
    reading = measure(net, x, torch.zeros(50, 6), F.mse_loss)
    (router,) = reading.routers
    chosen = net.router(x).topk(2, -1).indices
    assert (router.name, router.chosen) == (":router", 2)
    assert router.tokens.tolist() == torch.bincount(chosen.flatten(), minlength=4).tolist()
    assert router.tokens[3] == 0
    assert [x.name for x in reading.sites] == ["experts.0.1", "experts.1.1", "experts.2.1"]
    silent = [int((x.units.active_samples == 0).sum()) for x in reading.sites]
    assert silent[1] == 3


@pytest.mark.parametrize("cell", [nn.RNN, nn.LSTM, nn.GRU])
def test_the_gradient_that_reaches_each_time_step(cell):
    class Words(nn.Module):
        def __init__(self):
            super().__init__()
            self.memory, self.last = cell(3, 7, batch_first=True), nn.Linear(7, 2)

        def forward(self, x):
            return self.last(self.memory(x)[0][:, -1])

    torch.manual_seed(0)
    reading = measure(Words(), torch.randn(5, 12, 3), torch.zeros(5, 2), F.mse_loss)
    assert reading.sites
    for site in reading.sites:
        # The first step has nothing to forget.
        assert site.calls == len(site.gradient_by_call) == 12 - ("forget" in site.name)
        assert site.gradient_by_call[0] < site.gradient_by_call[-1]


def test_a_part_that_cannot_be_measured_is_named_and_the_exam_goes_on(monkeypatch):
    def fails(self, *given):
        raise RuntimeError("no sums of these")

    monkeypatch.setattr(AttentionSums, "look", fails)
    torch.manual_seed(0)
    layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
    net = nn.Sequential(layer, nn.Flatten(), nn.Linear(40, 2))
    reading = measure(net, torch.randn(6, 5, 8), torch.randn(6, 2), F.mse_loss)
    assert list(reading.coverage.unmeasured.values()) == ["RuntimeError: no sums of these"]
    assert [site.activation for site in reading.sites] == ["nl.relu"]
