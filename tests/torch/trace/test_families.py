"""Model families of transformers, small and made from their configurations: all of each is seen."""

import os
import warnings

import pytest
import torch

from nonlin.torch import examine

os.environ["HF_HUB_OFFLINE"] = "1"
transformers = pytest.importorskip("transformers")
from transformers.models.auto import configuration_auto, modeling_auto  # noqa: E402

# Whichever of these a configuration has.
SMALL = {
    **dict.fromkeys(["hidden_size", "d_model", "n_embd", "word_embed_proj_dim"], 32),
    **dict.fromkeys(["embedding_size", "attention_hidden_size"], 32),
    **dict.fromkeys(["num_hidden_layers", "n_layer", "num_layers", "encoder_layers"], 2),
    **dict.fromkeys(["decoder_layers", "num_encoder_layers", "num_decoder_layers"], 2),
    **dict.fromkeys(["num_attention_heads", "n_head", "num_heads"], 4),
    **dict.fromkeys(["encoder_attention_heads", "decoder_attention_heads"], 4),
    **dict.fromkeys(["d_ff", "intermediate_size", "encoder_ffn_dim", "decoder_ffn_dim"], 48),
    **dict.fromkeys(["ffn_dim", "n_inner"], 48),
    **dict.fromkeys(["num_experts", "num_local_experts"], 4),
    **dict.fromkeys(["moe_intermediate_size", "shared_expert_intermediate_size"], 24),
    **dict.fromkeys(["max_position_embeddings", "n_positions"], 64),
    "num_key_value_heads": 2, "head_dim": 8, "d_kv": 8, "vocab_size": 99, "num_experts_per_tok": 2,
    "image_size": 32, "patch_size": 8, "num_labels": 3, "pad_token_id": 0, "bos_token_id": 1,
    "eos_token_id": 2, "decoder_start_token_id": 1, "state_size": 8, "time_step_rank": 4,
    "num_feat_extract_layers": 2, "conv_dim": (16, 16), "conv_stride": (5, 2),
    "num_conv_pos_embeddings": 16, "num_conv_pos_embedding_groups": 2,
}  # fmt: skip

OWN = {
    "gpt_neo": {"hidden_size": 32, "num_layers": 2, "num_heads": 4, "vocab_size": 99,
                "attention_types": [[["global", "local"], 1]], "max_position_embeddings": 64},
    "gptj": {"n_embd": 32, "n_layer": 2, "n_head": 4, "rotary_dim": 4, "vocab_size": 99},
    "mamba2": {"hidden_size": 32, "num_heads": 8, "head_dim": 8, "expand": 2, "vocab_size": 99,
               "num_hidden_layers": 2, "state_size": 8, "n_groups": 1, "chunk_size": 8},
    "swin": {"image_size": 32, "patch_size": 2, "embed_dim": 16, "depths": [1, 1],
             "num_heads": [2, 2], "window_size": 4, "num_labels": 3},
    "swinv2": {"image_size": 32, "patch_size": 2, "embed_dim": 16, "depths": [1, 1],
               "num_heads": [2, 2], "window_size": 4, "num_labels": 3},
    "convnext": {"hidden_sizes": [8, 16], "depths": [1, 1], "num_stages": 2, "num_labels": 3},
    "resnet": {"embedding_size": 8, "hidden_sizes": [8, 16], "depths": [1, 1], "num_labels": 3,
               "layer_type": "basic"},
    "segformer": {"hidden_sizes": [8, 16, 16, 16], "depths": [1, 1, 1, 1], "num_labels": 3,
                  "num_attention_heads": [1, 2, 2, 2], "decoder_hidden_size": 16},
    "poolformer": {"hidden_sizes": [8, 16, 16, 16], "depths": [1, 1, 1, 1], "num_labels": 3},
    "focalnet": {"image_size": 32, "embed_dim": 16, "depths": [1, 1], "num_labels": 3},
}  # fmt: skip

# The functions that the families' papers name, and how many attentions and gates a layer has.
FAMILIES = {
    "causal": {
        "gpt2": "gelu(tanh)", "openai-gpt": "gelu(tanh)", "gpt_neo": "gelu(tanh)",
        "gpt_neox": "gelu", "gptj": "gelu(tanh)", "opt": "relu", "bloom": "gelu(tanh)",
        "falcon": "gelu", "llama": "silu", "mistral": "silu", "mixtral": "silu", "qwen2": "silu",
        "qwen3": "silu", "qwen3_moe": "silu", "gemma": "gelu(tanh)", "gemma2": "gelu(tanh)",
        "phi": "gelu(tanh)", "phi3": "silu", "olmo": "silu", "olmoe": "silu", "stablelm": "silu",
        "starcoder2": "gelu(tanh)", "cohere": "silu", "granite": "silu", "smollm3": "silu",
        "ctrl": "relu", "xglm": "gelu", "mamba": "silu", "mamba2": "silu",
        "gpt_oss": "min(x, 7) sigmoid(1.702 min(x, 7))",
        "nemotron": "relu_squared",
    },
    "masked": {
        "bert": "gelu", "roberta": "gelu", "distilbert": "gelu", "albert": "gelu(tanh)",
        "electra": "gelu", "deberta": "gelu", "modernbert": "gelu", "fnet": "gelu(tanh)",
        "longformer": "gelu", "mobilebert": "relu", "roformer": "gelu",
    },
    "seq2seq": {"t5": "relu", "bart": "gelu", "pegasus": "gelu", "marian": "gelu", "led": "gelu"},
    "image": {
        "vit": "gelu", "deit": "gelu", "beit": "gelu", "dinov2": "gelu", "swin": "gelu",
        "swinv2": "gelu", "convnext": "gelu", "resnet": "relu", "segformer": "gelu",
        "poolformer": "gelu", "focalnet": "gelu",
    },
    "audio": {"wav2vec2": "gelu", "hubert": "gelu", "wavlm": "gelu"},
}  # fmt: skip

CLASSES = {
    "causal": modeling_auto.MODEL_FOR_CAUSAL_LM_MAPPING,
    "masked": modeling_auto.MODEL_FOR_MASKED_LM_MAPPING,
    "seq2seq": modeling_auto.MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING,
    "image": modeling_auto.MODEL_FOR_IMAGE_CLASSIFICATION_MAPPING,
    "audio": modeling_auto.MODEL_FOR_AUDIO_CLASSIFICATION_MAPPING,
}

# Poolers that no loss of a language model uses.
UNUSED = {"fnet", "big_bird", "squeezebert"}


def configuration(family):
    kind = configuration_auto.CONFIG_MAPPING[family]
    if family in OWN:
        return kind(**OWN[family])
    base = kind()
    fixed = {key for key, x in vars(kind).items() if isinstance(x, property) and x.fset is None}
    chosen = {key: x for key, x in SMALL.items() if hasattr(base, key) and key not in fixed}
    if isinstance(getattr(base, "conv_dim", None), tuple | list):
        chosen["conv_kernel"] = (10, 3)
    try:
        made = kind(**chosen)
    except Exception:
        made = kind(**{key: x for key, x in chosen.items() if not key.startswith("conv_")})
    if getattr(made, "decoder_start_token_id", None) is None:
        made.decoder_start_token_id = 1
    return made


def batch(task):
    rng = torch.Generator().manual_seed(0)
    if task == "image":
        return {"pixel_values": torch.randn(2, 3, 32, 32, generator=rng),
                "labels": torch.tensor([0, 1])}  # fmt: skip
    if task == "audio":
        return {"input_values": torch.randn(2, 800, generator=rng), "labels": torch.tensor([0, 1])}
    words = torch.randint(3, 90, (2, 12), generator=rng)
    return {"input_ids": words, "labels": words}


CASES = [(task, family, name) for task, row in FAMILIES.items() for family, name in row.items()]


@pytest.mark.parametrize(("task", "family", "function"), CASES)
def test_all_of_a_family_is_seen(task, family, function):
    from nonlin.torch.findings.curves import spelled

    chosen = configuration(family)
    cls = CLASSES[task][type(chosen)]
    torch.manual_seed(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = (cls[0] if isinstance(cls, tuple | list) else cls)(chosen).train()
        exam = examine(model, batch(task))
    coverage = exam.reading.coverage
    assert coverage.complete, coverage
    assert coverage.operations > 0
    written = {spelled(site) for site in exam.sites}
    assert function in written
    assert "\nSeen: " in str(exam)
    # A loss of its own: what does not get a gradient is not among the parameters that count.
    with_gradient = sum(p.requires_grad for p in model.parameters())
    assert coverage.parameters <= with_gradient


def test_there_are_forty_families_at_least():
    assert len({family for _, family, _ in CASES}) >= 40


@pytest.mark.parametrize(
    ("task", "family", "attentions", "gates", "routers"),
    [
        ("causal", "gpt2", 2, 0, 0),
        ("causal", "llama", 2, 2, 0),
        ("causal", "mixtral", 2, 2, 2),
        ("causal", "gpt_oss", 2, 2, 2),
        ("causal", "mamba", 0, 2, 0),
        ("masked", "bert", 2, 0, 0),
        ("seq2seq", "bart", 6, 0, 0),
        ("image", "vit", 2, 0, 0),
    ],
)
def test_attention_gates_and_routers_of_two_layers(task, family, attentions, gates, routers):
    chosen = configuration(family)
    torch.manual_seed(0)
    reading = examine(CLASSES[task][type(chosen)](chosen), batch(task)).reading
    assert len(reading.attentions) == attentions
    assert len(reading.routers) == routers
    if family != "mamba":
        assert len(reading.gates) == gates
    heads = {len(each.entropy) for each in reading.attentions}
    assert heads <= {4}
    for each in reading.attentions:
        assert ((each.entropy > 0.9) & (each.entropy < 1.0 + 1e-6)).all()
