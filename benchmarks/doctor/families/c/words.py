"""Words: Llama, T5, DistilBERT, Mamba, nn.Transformer, and experts of whom one is asked."""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn
from transformers import (
    DistilBertConfig,
    DistilBertForSequenceClassification,
    LlamaConfig,
    LlamaForCausalLM,
    MambaConfig,
    MambaForCausalLM,
    T5Config,
    T5ForConditionalGeneration,
)

from doctor.data import copying, digits, text, topics
from doctor.families.pieces import act, next_word_accuracy
from doctor.program import Program, accuracy, adam, family

ATTENTION = frozenset({"attention"})


@family("C", "silu", "gelu", learns=0.6, chance=0.05, steps=120)
def llama(variant: str) -> Program:
    """Name each next word with transformers' Llama."""
    made = LlamaConfig(vocab_size=24, hidden_size=48, num_hidden_layers=2, num_attention_heads=4,
                       num_key_value_heads=2, intermediate_size=96, hidden_act=variant,
                       max_position_embeddings=16, bos_token_id=0, eos_token_id=0)  # fmt: skip
    model, words = LlamaForCausalLM(made), text()
    return Program(model, {"input_ids": words, "labels": words}, None, None,
                   adam(model, 5e-3, 0.01), next_word_accuracy, 100, batch=32, out="lm_head",
                   traits=ATTENTION, known={"gate": "model.layers.0.mlp.gate_proj"})  # fmt: skip


@family("C", "relu", "gated-gelu", learns=0.3, chance=0.14, steps=200)
def t5(variant: str) -> Program:
    """Copy rows of words with transformers' T5."""
    made = T5Config(vocab_size=10, d_model=48, d_kv=12, d_ff=96, num_layers=1, num_heads=4,
                    feed_forward_proj=variant, pad_token_id=0, eos_token_id=9,
                    decoder_start_token_id=0, dropout_rate=0.0)  # fmt: skip
    model, row = T5ForConditionalGeneration(made), copying()[:, :6].contiguous()
    return Program(model, {"input_ids": row, "labels": row}, None, None, adam(model, 5e-3),
                   accuracy, 200, batch=64, out="lm_head", traits=ATTENTION)  # fmt: skip


@family("C", "gelu", "relu", learns=0.7, chance=0.25, steps=120)
def distil_bert(variant: str) -> Program:
    """Name the topic of rows of words with transformers' DistilBERT."""
    made = DistilBertConfig(vocab_size=200, dim=48, n_layers=2, n_heads=4, hidden_dim=96,
                            activation=variant, max_position_embeddings=40,
                            num_labels=4)  # fmt: skip
    model = DistilBertForSequenceClassification(made)
    x, y = topics()
    return Program(model, {"input_ids": x, "labels": y}, None, None, adam(model, 2e-3, 0.01),
                   accuracy, batch=32, task="classes", out="classifier",
                   traits=ATTENTION)  # fmt: skip


@family("C", "32", "48", learns=0.5, chance=0.05, steps=120)
def mamba(variant: str) -> Program:
    """Name each next word with transformers' Mamba."""
    made = MambaConfig(vocab_size=24, hidden_size=int(variant), state_size=4,
                       num_hidden_layers=1, time_step_rank=4, pad_token_id=0, bos_token_id=0,
                       eos_token_id=0)  # fmt: skip
    model, words = MambaForCausalLM(made), text()[:, :8].contiguous()
    return Program(model, {"input_ids": words, "labels": words}, None, None,
                   adam(model, 1e-2), next_word_accuracy, 100, batch=32, out="lm_head")  # fmt: skip


class Copier(nn.Module):
    """torch's own nn.Transformer from a row to the same row."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.words = nn.Embedding(9, 32)
        self.positions = nn.Parameter(0.5 * torch.randn(6, 32))
        self.inner = nn.Transformer(32, 4, 1, 1, 64, 0.0, name, batch_first=True)
        self.out = nn.Linear(32, 9)

    def forward(self, x: Tensor) -> Tensor:
        before = torch.cat([torch.full_like(x[:, :1], 8), x[:, :-1]], 1)
        mask = torch.ones(6, 6, dtype=torch.bool).triu(1)
        made = self.inner(self.words(x) + self.positions, self.words(before) + self.positions,
                          tgt_mask=mask)  # fmt: skip
        found: Tensor = self.out(made)
        return found


@family("C", "relu", "gelu", learns=0.4, chance=0.14, steps=200)
def encoder_and_decoder(variant: str) -> Program:
    """Copy rows of words with nn.Transformer."""
    model, row = Copier(variant), copying()[:, :6]
    return Program(model, row, row, lambda out, y: F.cross_entropy(out.flatten(0, 1), y.flatten()),
                   adam(model, 5e-3), accuracy, 200, out="out", traits=ATTENTION)  # fmt: skip


class Experts(nn.Module):
    """Each image goes to one of four experts, weighted by its chance (Switch)."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.stem, self.norm = nn.Linear(64, 32), nn.LayerNorm(32)
        self.router = nn.Linear(32, 4)
        self.experts = nn.ModuleList(
            nn.Sequential(nn.Linear(32, 48), act(name), nn.Linear(48, 32)) for _ in range(4)
        )
        self.out = nn.Linear(32, 10)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        x = self.norm(self.stem(x))
        chance = torch.softmax(self.router(x), 1)
        best, which = chance.max(1)
        made = torch.zeros_like(x)
        for i, expert in enumerate(self.experts):
            own = which == i
            made = made.index_add(0, own.nonzero()[:, 0], expert(x[own]) * best[own, None])
        share = F.one_hot(which, 4).float().mean(0)
        return self.out(x + made), 4 * (share * chance.mean(0)).sum()


@family("C", "relu", "gelu", learns=0.85, chance=0.1)
def switch_experts(variant: str) -> Program:
    """Classify digits with four experts and a balancing loss."""
    model = Experts(variant)
    x, y = digits()
    return Program(model, x, y, lambda out, y: F.cross_entropy(out[0], y) + 0.05 * out[1],
                   adam(model, 5e-3), lambda out, y: accuracy(out[0], y), 300,
                   known={"router": "router"})  # fmt: skip
