"""Healthy models of many kinds, small: what each works on, and how its loss is made."""

from __future__ import annotations

import copy
from collections.abc import Callable
from itertools import pairwise
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F  # noqa: N812
import transformers as hf
from torch import Tensor, nn

from nonlin.torch import Exam, examine
from nonlin.torch.finding import Finding


class Case(NamedTuple):
    """A model, a batch, and the loss of outputs and targets (None: the model's own)."""

    model: nn.Module
    inputs: Any
    targets: Any = None
    loss: Callable[..., Tensor] | None = None


def trained(case: Case, steps: int = 12, rate: float = 1e-3) -> Case:
    """Train a model in place for a few steps of Adam."""
    optimizer = torch.optim.Adam([p for p in case.model.parameters() if p.requires_grad], rate)
    for _ in range(steps):
        optimizer.zero_grad()
        x = case.inputs
        out = case.model(**x) if isinstance(x, dict) else case.model(x)
        (out.loss if case.loss is None else case.loss(out, case.targets)).backward()
        optimizer.step()
    optimizer.zero_grad()
    return case


def _words(count: int = 8, length: int = 12, size: int = 48) -> Tensor:
    return torch.randint(3, size, (count, length), generator=torch.Generator().manual_seed(1))


def _images(count: int = 16, side: int = 16, channels: int = 3) -> tuple[Tensor, Tensor]:
    made = torch.Generator().manual_seed(1)
    y = torch.randint(0, 4, (count,), generator=made)
    x = torch.randn(count, channels, side, side, generator=made)
    return x + y[:, None, None, None] * 0.5, y


def _language(config: Any, kind: Any = hf.AutoModelForCausalLM) -> Case:
    x = _words()
    return Case(kind.from_config(config), {"input_ids": x, "labels": x})


def gpt2() -> Case:
    return _language(hf.GPT2Config(vocab_size=48, n_positions=16, n_embd=32, n_layer=3, n_head=4))


def llama() -> Case:
    return _language(_llama())


def _llama() -> Any:
    return hf.LlamaConfig(
        vocab_size=48, hidden_size=32, intermediate_size=64, num_hidden_layers=3,
        num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=16,
    )  # fmt: skip


def mixtral() -> Case:
    config = hf.MixtralConfig(
        vocab_size=48, hidden_size=32, intermediate_size=48, num_hidden_layers=2,
        num_attention_heads=4, num_key_value_heads=2, num_local_experts=8, num_experts_per_tok=2,
        max_position_embeddings=16, output_router_logits=True,
    )  # fmt: skip
    x = _words(4, 8)
    return Case(hf.MixtralForCausalLM(config), {"input_ids": x, "labels": x})


def mamba() -> Case:
    return _language(hf.MambaConfig(vocab_size=48, hidden_size=32, num_hidden_layers=2))


def bert() -> Case:
    config = hf.BertConfig(
        vocab_size=48, hidden_size=32, num_hidden_layers=3, num_attention_heads=4,
        intermediate_size=64, max_position_embeddings=16, num_labels=3,
    )  # fmt: skip
    x = {"input_ids": _words(), "labels": torch.arange(8) % 3}
    return Case(hf.BertForSequenceClassification(config), x)


def t5() -> Case:
    config = hf.T5Config(
        vocab_size=48, d_model=32, d_kv=8, d_ff=64, num_layers=2, num_heads=4,
        decoder_start_token_id=0,
    )  # fmt: skip
    x = _words()
    return Case(hf.T5ForConditionalGeneration(config), {"input_ids": x, "labels": x})


def vit() -> Case:
    config = hf.ViTConfig(
        hidden_size=32, num_hidden_layers=3, num_attention_heads=4, intermediate_size=64,
        image_size=16, patch_size=4, num_labels=4,
    )  # fmt: skip
    x, y = _images()
    return Case(hf.ViTForImageClassification(config), {"pixel_values": x, "labels": y})


def resnet() -> Case:
    config = hf.ResNetConfig(
        embedding_size=8, hidden_sizes=[8, 16, 16], depths=[2, 2, 2], layer_type="basic",
        num_labels=4,
    )  # fmt: skip
    x, y = _images(32, 32)
    return Case(hf.ResNetForImageClassification(config), {"pixel_values": x, "labels": y})


class Rows(nn.Module):
    """A recurrent module over rows, its last output classified."""

    def __init__(self, kind: Any, width: int = 24, features: int = 8, classes: int = 10) -> None:
        super().__init__()
        self.memory = kind(features, width, batch_first=True)
        self.head = nn.Linear(width, classes)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.memory(x)[0][:, -1])


def _rows(kind: Any) -> Case:
    made = torch.Generator().manual_seed(2)
    y = torch.randint(0, 10, (64,), generator=made)
    x = torch.randn(64, 8, 8, generator=made) + y[:, None, None] * 0.3
    return Case(Rows(kind), x, y, F.cross_entropy)


def rnn() -> Case:
    return _rows(nn.RNN)


def lstm() -> Case:
    return _rows(nn.LSTM)


def gru() -> Case:
    return _rows(nn.GRU)


class UNet(nn.Module):
    """Two levels down and up, each joined with what is as large."""

    def __init__(self, width: int = 8) -> None:
        super().__init__()
        sizes = ((3, width), (width, 2 * width), (2 * width, 4 * width))
        self.down = nn.ModuleList(self._level(*size) for size in sizes)
        self.up = nn.ModuleList([self._level(6 * width, 2 * width), self._level(3 * width, width)])
        self.last = nn.Conv2d(width, 4, 1)

    @staticmethod
    def _level(into: int, out: int) -> nn.Sequential:
        return nn.Sequential(
            nn.Conv2d(into, out, 3, padding=1), nn.GroupNorm(2, out), nn.SiLU(),
            nn.Conv2d(out, out, 3, padding=1), nn.GroupNorm(2, out), nn.SiLU(),
        )  # fmt: skip

    def forward(self, x: Tensor) -> Tensor:
        kept = []
        for level in self.down:
            kept.append(x := level(F.max_pool2d(x, 2) if kept else x))
        for level, beside in zip(self.up, reversed(kept[:-1]), strict=True):
            x = level(torch.cat([F.interpolate(x, scale_factor=2), beside], 1))
        return self.last(x)


def unet() -> Case:
    x, _ = _images()
    y = x[:, :1].gt(0).long().squeeze(1) + 2 * x[:, 1:2].gt(0).long().squeeze(1)
    return Case(UNet(), x, y, F.cross_entropy)


def _tower(*widths: int) -> nn.Sequential:
    layers: list[nn.Module] = []
    for into, out in pairwise(widths):
        layers += [nn.Linear(into, out), nn.ReLU()]
    return nn.Sequential(*layers)


class Heads(nn.Module):
    """A trunk and two heads of different depths."""

    def __init__(self, trunk: int = 32) -> None:
        super().__init__()
        self.trunk = _tower(8, 32, trunk) if trunk else nn.Identity()
        width = trunk or 8
        self.one = nn.Sequential(_tower(width, 32, 32), nn.Linear(32, 4))
        self.other = nn.Sequential(_tower(width, 32, 32, 32), nn.Linear(32, 1))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        h = self.trunk(x)
        return self.one(h), self.other(h)


def _two(outputs: tuple[Tensor, Tensor], targets: tuple[Tensor, Tensor], share: float) -> Tensor:
    one = F.cross_entropy(outputs[0], targets[0])
    return one + share * F.mse_loss(outputs[1].squeeze(1), targets[1])


def _both(share: float, size: float, trunk: int = 32) -> Case:
    x = torch.randn(64, 8, generator=torch.Generator().manual_seed(3))
    targets = (x[:, :4].argmax(1), size * (x[:, 4] + x[:, 5].abs()))
    return Case(Heads(trunk), x, targets, lambda out, y: _two(out, y, share))


def two_tasks() -> Case:
    return _both(0.5, 1.0)


def critic() -> Case:
    """Returns of 300 beside the actor's loss."""
    return _both(0.5, 300.0)


def towers() -> Case:
    """The same without a trunk: the two never meet before the loss."""
    return _both(0.5, 300.0, trunk=0)


def quiet_head() -> Case:
    return _both(1e-6, 1.0)


class Adversaries(nn.Module):
    """A generator, and a discriminator of what it makes and of data."""

    def __init__(self) -> None:
        super().__init__()
        self.maker = nn.Sequential(_tower(8, 32, 32), nn.Linear(32, 8))
        self.judge = nn.Sequential(
            nn.Linear(8, 32), nn.LeakyReLU(0.2), nn.Linear(32, 32), nn.LeakyReLU(0.2),
            nn.Linear(32, 1),
        )  # fmt: skip

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return self.judge(x), self.judge(self.maker(x.roll(1, 0)))


def adversaries() -> Case:
    def loss(out: tuple[Tensor, Tensor], _: Tensor) -> Tensor:
        real, made = out
        ones, zeros = torch.ones_like(real), torch.zeros_like(made)
        judged = F.binary_cross_entropy_with_logits
        return judged(real, ones) + judged(made, zeros)

    x = torch.randn(64, 8, generator=torch.Generator().manual_seed(3))
    return Case(Adversaries(), x, x, loss)


class Twin(nn.Module):
    """A network that predicts what a slow copy of it makes, through which no gradient goes."""

    def __init__(self) -> None:
        super().__init__()
        self.online = nn.Sequential(_tower(8, 32, 32), nn.Linear(32, 16))
        self.target = copy.deepcopy(self.online)
        self.predictor = nn.Sequential(_tower(16, 32), nn.Linear(32, 16))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        with torch.no_grad():
            aim = self.target(x.flip(1))
        return self.predictor(self.online(x)), aim


def twin() -> Case:
    x = torch.randn(64, 8, generator=torch.Generator().manual_seed(3))
    return Case(Twin(), x, x, lambda out, _: 1 - F.cosine_similarity(*out).mean())


class Routed(nn.Module):
    """Eight experts of which each row is given to two; a small batch leaves some out."""

    def __init__(self, experts: int = 8) -> None:
        super().__init__()
        self.router = nn.Linear(8, experts)
        self.experts = nn.ModuleList(_tower(8, 16, 8) for _ in range(experts))
        self.head = nn.Linear(8, 4)

    def forward(self, x: Tensor) -> Tensor:
        weight, chosen = self.router(x).softmax(-1).topk(2, -1)
        y = torch.zeros_like(x)
        for number, expert in enumerate(self.experts):
            row, place = torch.where(chosen == number)
            y = y.index_add(0, row, weight[row, place, None] * expert(x[row]))
        return self.head(x + y)


def routed() -> Case:
    x = torch.randn(12, 8, generator=torch.Generator().manual_seed(3))
    return Case(Routed(), x, x[:, :4].argmax(1), F.cross_entropy)


class Dueling(nn.Module):
    """Two heads of different depths that are added."""

    def __init__(self) -> None:
        super().__init__()
        self.trunk = _tower(8, 32)
        self.value = nn.Sequential(_tower(32, 32), nn.Linear(32, 1))
        self.advantage = nn.Sequential(_tower(32, 32, 32), nn.Linear(32, 4))

    def forward(self, x: Tensor) -> Tensor:
        h = self.trunk(x)
        return self.value(h).expand(-1, 4) + self.advantage(h)


def dueling() -> Case:
    x = torch.randn(64, 8, generator=torch.Generator().manual_seed(3))
    return Case(Dueling(), x, x[:, :4] * 2, F.smooth_l1_loss)


class Stack(nn.Module):
    """Residual blocks of ReLU without normalisation, each beginning as the identity.

    The last layer of a branch is 0 (Fixup), or a factor of it is (SkipInit).
    """

    def __init__(self, blocks: int = 40, width: int = 32, way: str = "fixup") -> None:
        super().__init__()
        self.stem = nn.Linear(8, width)
        self.first = nn.ModuleList(nn.Linear(width, width) for _ in range(blocks))
        self.second = nn.ModuleList(nn.Linear(width, width) for _ in range(blocks))
        self.scale = nn.Parameter(torch.zeros(blocks)) if way == "skip" else [1.0] * blocks
        self.head = nn.Linear(width, 4)
        for layer in [*self.first, *self.second]:
            nn.init.kaiming_normal_(layer.weight)
        if way == "fixup":
            for layer in self.second:
                nn.init.zeros_(layer.weight)
            for layer in self.first:
                layer.weight.data *= blocks**-0.5

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        for first, second, scale in zip(self.first, self.second, self.scale, strict=True):
            x = x + scale * second(F.relu(first(F.relu(x))))
        return self.head(x)


def _stack(way: str) -> Case:
    x = torch.randn(64, 8, generator=torch.Generator().manual_seed(3))
    return Case(Stack(way=way), x, x[:, :4].argmax(1), F.cross_entropy)


def fixup() -> Case:
    return _stack("fixup")


def skip_init() -> Case:
    return _stack("skip")


HEALTHY = (
    gpt2, llama, mixtral, mamba, bert, t5, vit, resnet, rnn, lstm, gru, unet, two_tasks, critic,
    towers, quiet_head, adversaries, twin, routed, dueling, fixup, skip_init,
)  # fmt: skip

# What is judged here; of the others each has tests of its own.
KINDS = (
    "vanishing_gradients", "exploding_gradients", "exploding_signal", "collapsed_attention",
    "idle_experts", "stuck_layer", "non_finite",
)  # fmt: skip


def exam(case: Case, **given: Any) -> Exam:
    """Examine a case."""
    loss = () if case.loss is None else (case.loss,)
    return examine(case.model, case.inputs, case.targets, *loss, **given)


def told(case: Case, *kinds: str, **given: Any) -> list[Finding]:
    """What is found that is more than a note."""
    found = exam(case, **given).findings
    return [x for x in found if x.severity != "note" and x.kind in (kinds or KINDS)]
