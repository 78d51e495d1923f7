"""Gradients along towers, heads and branches, in whole models; healthy ones are left alone."""

import healthy_models as models
import pytest
import torch
from healthy_models import HEALTHY, exam, told, trained
from torch import nn

from nonlin.torch import measure


@pytest.mark.parametrize("make", HEALTHY, ids=lambda make: make.__name__)
def test_healthy_models_are_left_alone_at_their_first_weights_and_after_a_training(make):
    torch.manual_seed(0)
    case = make()
    assert told(case) == []
    assert told(trained(case)) == []


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
