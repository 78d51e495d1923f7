"""Pictures in patches, of transformers: windows, pooling, pixels' classes, and two towers."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor
from transformers import (
    CLIPConfig,
    CLIPModel,
    PoolFormerConfig,
    PoolFormerForImageClassification,
    SegformerConfig,
    SegformerForSemanticSegmentation,
    SwinConfig,
    SwinForImageClassification,
)

from doctor.data import images, pixels, shapes
from doctor.program import Program, accuracy, adam, family, pixel_accuracy

ATTENTION = frozenset({"attention"})


@family("D", "gelu", "relu", learns=0.75, chance=0.1, steps=200)
def swin(variant: str) -> Program:
    """Classify digits with attention in windows that shift."""
    made = SwinConfig(image_size=8, patch_size=2, num_channels=1, embed_dim=64, depths=[2, 1],
                      num_heads=[4, 8], window_size=2, mlp_ratio=2.0, hidden_act=variant,
                      drop_path_rate=0.0, num_labels=10)  # fmt: skip
    model = SwinForImageClassification(made)
    x, y = images()
    return Program(model, {"pixel_values": x, "labels": y}, None, None, adam(model, 2e-3, 0.01),
                   accuracy, 300, batch=32, task="classes", out="classifier",
                   traits=ATTENTION)  # fmt: skip


@family("D", "gelu", "relu", learns=0.75, chance=0.1, steps=200)
def pool_former(variant: str) -> Program:
    """Classify digits with means of neighbours for attention."""
    made = PoolFormerConfig(num_channels=1, hidden_sizes=[32, 64], depths=[1, 1],
                            num_encoder_blocks=2, patch_sizes=[3, 3], strides=[2, 2],
                            padding=[1, 1], hidden_act=variant, num_labels=10)  # fmt: skip
    model = PoolFormerForImageClassification(made)
    x, y = pixels()
    return Program(model, {"pixel_values": x, "labels": y}, None, None, adam(model, 3e-3, 0.01),
                   accuracy, 300, task="classes", out="classifier")  # fmt: skip


def _wide_accuracy(out: Any, y: Tensor) -> float:
    """Answers are for squares of pixels; between them lies what is interpolated."""
    return pixel_accuracy(F.interpolate(out.logits, y.shape[-2:], mode="bilinear"), y)


@family("D", "gelu", "silu", learns=0.93, chance=0.82, steps=120)
def segformer(variant: str) -> Program:
    """Name each pixel's class from two resolutions; the border is not to be answered."""
    made = SegformerConfig(num_channels=1, num_encoder_blocks=2, depths=[1, 1], sr_ratios=[2, 1],
                           hidden_sizes=[32, 64], patch_sizes=[3, 3], strides=[2, 2],
                           num_attention_heads=[1, 2], mlp_ratios=[2, 2], hidden_act=variant,
                           decoder_hidden_size=64, num_labels=3, drop_path_rate=0.0,
                           semantic_loss_ignore_index=255)  # fmt: skip
    model = SegformerForSemanticSegmentation(made)
    x, y = shapes()
    return Program(model, {"pixel_values": x, "labels": y}, None, None, adam(model, 5e-3, 0.01),
                   _wide_accuracy, 128, batch=32, out="decode_head.classifier",
                   traits=ATTENTION)  # fmt: skip


def _matched(out: Any, _: Tensor) -> Tensor:
    aim = torch.arange(len(out.logits_per_image))
    pair = F.cross_entropy(out.logits_per_image, aim), F.cross_entropy(out.logits_per_text, aim)
    return 0.5 * (pair[0] + pair[1])


@family("D", "gelu", "relu", learns=0.5, chance=0.1, steps=200)
def clip(variant: str) -> Program:
    """Match digits with captions of their class and their ink, by two towers."""
    inner = {"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 1,
             "num_attention_heads": 4, "hidden_act": variant}  # fmt: skip
    words = inner | {"vocab_size": 24, "max_position_embeddings": 4, "bos_token_id": 22,
                     "eos_token_id": 23, "pad_token_id": 23}  # fmt: skip
    views = inner | {"image_size": 8, "patch_size": 2, "num_channels": 1}
    model = CLIPModel(CLIPConfig(text_config=words, vision_config=views, projection_dim=32))
    x, y = pixels()
    ink = x.flatten(1).mean(1)
    level = 10 + (ink[:, None] > ink.quantile(torch.linspace(0.1, 0.9, 9))).sum(1)
    ends = torch.full((len(y), 2), 22) + torch.tensor([0, 1])
    captions = torch.stack([ends[:, 0], y, level, ends[:, 1]], 1)
    return Program(model, {"input_ids": captions, "pixel_values": x}, y, _matched,
                   adam(model, 2e-3, 0.01),
                   lambda out, y: float((y[out.logits_per_image.argmax(1)] == y).float().mean()),
                   100, traits=ATTENTION)  # fmt: skip
