"""A model with its activations exchanged computes and learns the same."""

import copy
import pickle

import pytest
import torch
from torch import nn

from nonlin.messages import text
from nonlin.torch import nn as ours
from nonlin.torch import replace_


def net():
    torch.manual_seed(0)
    layers = (
        nn.Linear(3, 8),
        nn.GELU(),
        nn.BatchNorm1d(8),
        nn.PReLU(8),
        nn.Linear(8, 8),
        nn.ELU(0.5),
    )
    return nn.Sequential(*layers, nn.Linear(8, 2), nn.ReLU(inplace=True))


def test_modules_stay_the_objects_that_they_are():
    model = net().eval()
    before, x = copy.deepcopy(model), torch.randn(5, 3)
    modules, parameters = list(model.modules()), list(model.parameters())
    heard = []
    model[1].register_forward_hook(lambda *_: heard.append("gelu"))
    done = replace_(model)
    assert list(model.modules()) == modules
    assert all(p is q for p, q in zip(model.parameters(), parameters, strict=True))
    assert model.state_dict().keys() == before.state_dict().keys()
    assert not any(m.training for m in model.modules())
    assert repr(model) == repr(before)
    assert [type(model[k]) for k in (1, 3, 5, 7)] == [ours.GELU, ours.PReLU, ours.ELU, ours.ReLU]
    assert (model[5].alpha, model[7].inplace) == (0.5, True)
    torch.testing.assert_close(model(x), before(x))
    assert heard == ["gelu"]
    assert [(r.name, r.old, r.new) for r in done.done] == [
        ("1", "GELU", "GELU"), ("3", "PReLU", "PReLU"), ("5", "ELU", "ELU"), ("7", "ReLU", "ReLU"),
    ]  # fmt: skip
    assert replace_(model).modules == ()


def test_a_module_that_is_used_twice_is_exchanged_once():
    shared = nn.ReLU()
    model = nn.Sequential(nn.Linear(2, 2), shared, nn.Linear(2, 2), shared)
    assert len(replace_(model).done) == 1
    assert model[1] is model[3]
    assert type(shared) is ours.ReLU


def test_what_is_left_and_why():
    class Own(nn.ReLU):
        pass

    model = nn.Module()
    model.own, model.act, model.soft = Own(), nn.functional.gelu, nn.Softmax(-1)
    found = replace_(model)
    assert [(r.name, r.key) for r in found.left] == [("act", "function"), ("own", "own_class")]
    assert type(model.own) is Own
    assert "torch.nn.functional.gelu" in repr(found)


def test_it_is_said_in_both_languages():
    found = replace_(net())
    assert repr(found).splitlines()[:2] == [
        "Exchanged: 4. Left: 0.",
        "'1' was GELU and is nonlin's GELU.",
    ]
    assert found.explain("ko").splitlines()[1] == text(
        "replacement.module", "ko", name="1", old="GELU", new="GELU"
    )


def test_no_module():
    with pytest.raises(TypeError, match="expects a module, got builtin"):
        replace_(torch.relu)


CONFIGS = {
    "Llama": {},
    "Mistral": {},
    "Qwen2": {},
    "Gemma": {"head_dim": 8, "hidden_activation": "gelu_pytorch_tanh"},
}


def language_model(family):
    transformers = pytest.importorskip("transformers")
    config = getattr(transformers, f"{family}Config")(
        vocab_size=40, hidden_size=16, intermediate_size=24, num_hidden_layers=2,
        num_attention_heads=2, num_key_value_heads=2, max_position_embeddings=32,
        **CONFIGS[family],
    )  # fmt: skip
    torch.manual_seed(0)
    return getattr(transformers, f"{family}ForCausalLM")(config)


def trained(model, steps=8):
    generator = torch.Generator().manual_seed(1)
    words = torch.randint(0, 40, (4, 12), generator=generator)
    optimizer = torch.optim.AdamW(model.parameters(), 1e-2)
    losses = []
    for _ in range(steps):
        loss = model(input_ids=words, labels=words).loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.parametrize("family", CONFIGS)
def test_language_models_learn_the_same(family):
    before, after = language_model(family), language_model(family)
    found = replace_(after)
    gates = [r for r in found.done if r.key == "gate"]
    assert [r.name for r in gates] == ["model.layers.0.mlp", "model.layers.1.mlp"]
    assert {r.new for r in gates} == {"geglu_tanh" if family == "Gemma" else "swiglu"}
    assert after.state_dict().keys() == before.state_dict().keys()
    expected, losses = trained(before), trained(after)
    assert losses == pytest.approx(expected, rel=1e-3)
    assert losses[-1] < 0.85 * losses[0]
    again = pickle.loads(pickle.dumps(after.model.layers[0].mlp))
    x = torch.randn(3, 16)
    assert torch.equal(again(x), after.model.layers[0].mlp(x))
    assert torch.equal(copy.deepcopy(again)(x), again(x))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_who_listens_to_the_activation_of_a_gate_hears_it():
    model = language_model("Llama")
    replace_(model)
    part, heard = model.model.layers[0].mlp, []
    x = torch.randn(3, 16)
    expected = part(x)
    part.act_fn.register_forward_hook(lambda module, args, result: heard.append(result))
    torch.testing.assert_close(part(x), expected)
    assert len(heard) == 1
