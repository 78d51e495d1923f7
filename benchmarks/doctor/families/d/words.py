"""Words, all of transformers: parallel, capped, expert, recurrent, masked and Fourier models."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from transformers import (
    AlbertConfig,
    AlbertForMaskedLM,
    BloomConfig,
    BloomForCausalLM,
    DebertaV2Config,
    DebertaV2ForSequenceClassification,
    DeepseekV3Config,
    DeepseekV3ForCausalLM,
    FNetConfig,
    FNetForSequenceClassification,
    Gemma2Config,
    Gemma2ForCausalLM,
    GPTNeoXConfig,
    GPTNeoXForCausalLM,
    RwkvConfig,
    RwkvForCausalLM,
)

from doctor.data import text, topics
from doctor.families.pieces import next_word_accuracy
from doctor.program import Program, accuracy, adam, family

ATTENTION = frozenset({"attention"})


def _next(model: nn.Module, out: str, rate: float = 3e-3, **more: Any) -> Program:
    words = text()
    return Program(model, {"input_ids": words, "labels": words}, None, None,
                   adam(model, rate, 0.01), next_word_accuracy, 100, batch=32, out=out,
                   **more)  # fmt: skip


def _topic(model: nn.Module) -> Program:
    x, y = topics()
    return Program(model, {"input_ids": x, "labels": y}, None, None, adam(model, 2e-3, 0.01),
                   accuracy, batch=32, task="classes", out="classifier")  # fmt: skip


@family("D", "gelu", "relu", learns=0.6, chance=0.05, steps=120)
def gpt_neox(variant: str) -> Program:
    """Name each next word with attention and layers side by side."""
    made = GPTNeoXConfig(vocab_size=24, hidden_size=64, num_hidden_layers=2, num_attention_heads=4,
                         intermediate_size=128, hidden_act=variant, max_position_embeddings=16,
                         bos_token_id=0, eos_token_id=0)  # fmt: skip
    return _next(GPTNeoXForCausalLM(made), "lm_head")


@family("D", "gelu_pytorch_tanh", "silu", learns=0.6, chance=0.05, steps=120)
def gemma2(variant: str) -> Program:
    """Name each next word with scores and logits that a tanh bounds."""
    made = Gemma2Config(vocab_size=24, hidden_size=64, num_hidden_layers=2, num_attention_heads=4,
                        num_key_value_heads=2, head_dim=16, query_pre_attn_scalar=16,
                        intermediate_size=128, hidden_activation=variant, sliding_window=8,
                        max_position_embeddings=16, pad_token_id=None, bos_token_id=0,
                        eos_token_id=0)  # fmt: skip
    return _next(Gemma2ForCausalLM(made), "lm_head", traits=ATTENTION)


@family("D", "4", "8", learns=0.6, chance=0.05, steps=120)
def deepseek_v3(variant: str) -> Program:
    """Name each next word with latent attention, and experts beside one that is always asked."""
    made = DeepseekV3Config(vocab_size=24, hidden_size=64, num_hidden_layers=2,
                            num_attention_heads=4, num_key_value_heads=4, q_lora_rank=24,
                            kv_lora_rank=16, qk_rope_head_dim=8, qk_nope_head_dim=16,
                            v_head_dim=16, intermediate_size=128, moe_intermediate_size=32,
                            n_routed_experts=int(variant), n_group=1, topk_group=1,
                            num_experts_per_tok=2, first_k_dense_replace=1, num_mtp_layers=0,
                            max_position_embeddings=16, bos_token_id=0,
                            eos_token_id=0)  # fmt: skip
    return _next(DeepseekV3ForCausalLM(made), "lm_head",
                 known={"router": "model.layers.1.mlp.gate"})  # fmt: skip


class Autocast(nn.Module):
    """A language model under autocast to bfloat16."""

    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, input_ids: Tensor, labels: Tensor) -> Any:
        with torch.autocast("cpu", torch.bfloat16):
            return self.inner(input_ids=input_ids, labels=labels)


@family("D", "64", "96", learns=0.6, chance=0.27, steps=120)
def bloom(variant: str) -> Program:
    """Name each next word under autocast, with distances in the scores instead of positions."""
    made = BloomConfig(vocab_size=24, hidden_size=int(variant), n_layer=2, n_head=4,
                       bos_token_id=0, eos_token_id=0)  # fmt: skip
    return _next(Autocast(BloomForCausalLM(made)), "inner.lm_head")


@family("D", "64", "96", learns=0.6, chance=0.05, steps=120)
def rwkv(variant: str) -> Program:
    """Name each next word with a state that decays channel by channel."""
    made = RwkvConfig(vocab_size=24, context_length=16, hidden_size=int(variant),
                      num_hidden_layers=2, intermediate_size=128, rescale_every=0,
                      use_cache=False, bos_token_id=0, eos_token_id=0)  # fmt: skip
    return _next(RwkvForCausalLM(made), "head")


@family("D", "gelu_new", "relu", learns=0.4, chance=0.15, steps=300)
def albert(variant: str) -> Program:
    """Name words that are masked, with one layer that is gone through three times."""
    made = AlbertConfig(vocab_size=13, embedding_size=32, hidden_size=64, num_hidden_layers=3,
                        num_attention_heads=4, intermediate_size=128, hidden_act=variant,
                        max_position_embeddings=16, pad_token_id=None)  # fmt: skip
    words, rng = text(12, 8), torch.Generator().manual_seed(40)
    masked = torch.rand(words.shape, generator=rng) < 0.2
    inputs = {"input_ids": words.masked_fill(masked, 12),
              "labels": words.masked_fill(~masked, -100)}  # fmt: skip
    model = AlbertForMaskedLM(made)
    return Program(model, inputs, None, None, adam(model, 3e-3, 0.01), accuracy, 200, batch=64,
                   out="predictions.decoder", traits=ATTENTION)  # fmt: skip


@family("D", "gelu", "silu", learns=0.7, chance=0.25, steps=120)
def deberta(variant: str) -> Program:
    """Name the topic of rows of words with scores of words and of distances."""
    made = DebertaV2Config(vocab_size=200, hidden_size=64, num_hidden_layers=2,
                           num_attention_heads=4, intermediate_size=128, hidden_act=variant,
                           max_position_embeddings=40, relative_attention=True,
                           pos_att_type=["c2p", "p2c"], position_biased_input=False,
                           type_vocab_size=0, num_labels=4)  # fmt: skip
    return _topic(DebertaV2ForSequenceClassification(made))


@family("D", "gelu_new", "relu", learns=0.7, chance=0.25, steps=120)
def fourier_mixing(variant: str) -> Program:
    """Name the topic of rows of words with Fourier transforms for attention (FNet)."""
    made = FNetConfig(vocab_size=200, hidden_size=64, num_hidden_layers=2, intermediate_size=128,
                      hidden_act=variant, max_position_embeddings=40, num_labels=4)  # fmt: skip
    return _topic(FNetForSequenceClassification(made))
