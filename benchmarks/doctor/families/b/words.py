"""Language models: transformers' GPT-2, BERT and Mixtral, a schedule, tied weights."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn
from transformers import (
    BertConfig,
    BertForSequenceClassification,
    GPT2Config,
    GPT2LMHeadModel,
    MixtralConfig,
    MixtralForCausalLM,
)

from doctor.data import text, tones, topics
from doctor.families.pieces import act, next_word_accuracy, next_words
from doctor.program import Program, accuracy, adam, family

ATTENTION = frozenset({"attention"})


@family("B", "gelu_new", "relu", learns=0.6, chance=0.05, steps=150)
def gpt2(variant: str) -> Program:
    """Name each next word with transformers' GPT-2."""
    made = GPT2Config(vocab_size=24, n_positions=16, n_embd=48, n_layer=2, n_head=4,
                      activation_function=variant, bos_token_id=0, eos_token_id=0)  # fmt: skip
    model, words = GPT2LMHeadModel(made), text()
    return Program(model, {"input_ids": words, "labels": words}, None, None,
                   adam(model, 5e-3, 0.01), next_word_accuracy, 100, batch=32,
                   out="lm_head", traits=ATTENTION)  # fmt: skip


@family("B", "gelu", "silu", learns=0.7, chance=0.25, steps=120)
def bert(variant: str) -> Program:
    """Name the topic of rows of words with transformers' BERT; the loss is the user's."""
    made = BertConfig(vocab_size=200, hidden_size=48, num_hidden_layers=2, num_attention_heads=4,
                      intermediate_size=96, hidden_act=variant, max_position_embeddings=40,
                      num_labels=4)  # fmt: skip
    model = BertForSequenceClassification(made)
    x, y = topics()
    return Program(model, x, y, lambda out, y: F.cross_entropy(out.logits, y),
                   adam(model, 2e-3, 0.01), accuracy, batch=32, out="classifier",
                   task="classes", traits=ATTENTION)  # fmt: skip


@family("B", "4", "8", learns=0.6, chance=0.05, steps=120)
def mixtral(variant: str) -> Program:
    """Name each next word with transformers' Mixtral, of four or eight experts."""
    made = MixtralConfig(vocab_size=24, hidden_size=48, num_hidden_layers=2, num_attention_heads=4,
                         num_key_value_heads=2, intermediate_size=48, num_experts_per_tok=2,
                         num_local_experts=int(variant), max_position_embeddings=16,
                         bos_token_id=0, eos_token_id=0, router_aux_loss_coef=0.01,
                         output_router_logits=True)  # fmt: skip
    model, words = MixtralForCausalLM(made), text()
    return Program(model, {"input_ids": words, "labels": words}, None, None,
                   adam(model, 5e-3, 0.01), next_word_accuracy, 100, batch=32, out="lm_head",
                   traits=ATTENTION, known={"router": "model.layers.0.mlp.gate"})  # fmt: skip


class Encoder(nn.Module):
    """torch's own encoder, normalised behind each part, over numbers."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.embed = nn.Linear(2, 32)
        self.position = nn.Parameter(0.1 * torch.randn(24, 32))
        layer = nn.TransformerEncoderLayer(32, 4, 64, 0.0, name, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.out = nn.Linear(32, 4)

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = self.out(self.encoder(self.embed(x) + self.position).mean(1))
        return found


@family("B", "relu", "gelu", learns=0.8, chance=0.25)
def encoder_with_schedule(variant: str) -> Program:
    """Tell four rates with nn.TransformerEncoder; the rate warms up from 0 and falls to 0."""
    model = Encoder(variant)
    optimizer = adam(model, 5e-3, 0.01)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(step / 20, 0.5 + 0.5 * math.cos(math.pi * min(step / 150, 1)))
    )
    return Program(model, *tones(), F.cross_entropy, optimizer, accuracy, 300, out="out",
                   task="classes", traits=ATTENTION, between=lambda _: schedule.step())  # fmt: skip


class Tied(nn.Module):
    """An embedding whose weights name the next word too, with a convolution between."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.embed = nn.Embedding(24, 32)
        nn.init.normal_(self.embed.weight, 0.0, 0.2)
        self.mix, self.act = nn.Conv1d(32, 64, 2), act(name)
        self.norm, self.down = nn.LayerNorm(64), nn.Linear(64, 32)
        self.head = nn.Linear(32, 24, bias=False)
        self.head.weight = self.embed.weight

    def forward(self, x: Tensor) -> Tensor:
        rows = F.pad(self.embed(x).transpose(1, 2), (1, 0))
        inner = self.act(self.mix(rows)).transpose(1, 2)
        found: Tensor = self.head(self.down(self.norm(inner)))
        return found


@family("B", "gelu", "tanh", learns=0.6, chance=0.05, steps=200)
def tied_embedding(variant: str) -> Program:
    """Name each next word with one matrix for both ends."""
    model, words = Tied(variant), text()
    return Program(model, words, words, next_words, adam(model, 1e-2), next_word_accuracy, 100,
                   batch=32, out="head")  # fmt: skip
