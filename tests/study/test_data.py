import pytest
import torch

from nonlin.study.data import load


@pytest.mark.parametrize(
    ("name", "inputs", "classes", "samples"),
    [
        ("digits", 64, 10, 1797),
        ("breast_cancer", 30, 2, 569),
        ("circles", 2, 2, 1000),
        ("xor", 2, 2, 1000),
    ],
)
def test_sizes(name, inputs, classes, samples):
    data = load(name, 2)
    parts = (data.train, data.validation, data.test)
    assert (data.inputs, data.classes, data.seeds) == (inputs, classes, 2)
    assert sum(part.y.shape[1] for part in parts) == samples
    assert [round(part.y.shape[1] / samples, 1) for part in parts] == [0.6, 0.2, 0.2]


@pytest.mark.parametrize("name", ["digits", "breast_cancer"])
def test_the_training_part_is_standardised(name):
    x = load(name, 2).train.x
    variance = x.double().var(1, unbiased=False)
    assert x.double().mean(1).abs().max() < 1e-6
    assert ((variance - 1).abs().lt(1e-5) | variance.eq(0)).all()


def test_every_class_keeps_its_share():
    data = load("breast_cancer", 3)
    # 357 of the 569 tumours are benign, class 1.
    for part in (data.train, data.validation, data.test):
        assert (part.y.double().mean(1) - 357 / 569).abs().max() < 0.01


def test_a_seed_has_its_own_split_and_always_the_same():
    two, three = load("digits", 2), load("digits", 3)
    assert torch.equal(two.train.x, three.train.x[:2])
    assert not torch.equal(three.train.y[0], three.train.y[1])


def test_xor_is_the_sign_of_the_product():
    data = load("xor", 1)
    # Standardising shifts the symmetric square by little: away from the axes the signs decide.
    x, y = data.train.x[0], data.train.y[0]
    clear = x.abs().min(1).values > 0.2
    assert torch.equal(y[clear], (x.prod(1) < 0).long()[clear])
