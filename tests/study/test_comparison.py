import numpy as np
import pytest
from judged import verdict_of

from nonlin.study import comparison
from nonlin.study.results import Number


@pytest.mark.parametrize(
    ("shallow", "deep", "verdict"),
    [
        (0.02, 0.03, "holds"),
        (0.02, 0.0, "depends"),
        # Ahead, but by less than what matters.
        (0.002, 0.002, "fails"),
        (0.02, 0.006, "undecided"),
    ],
)
def test_the_rule(shallow, deep, verdict):
    values = {2: shallow, 4: shallow, 8: deep}
    found = {
        f"difference_depth_{depth}": Number("x", value, value - 0.002, value + 0.002)
        for depth, value in values.items()
    }
    assert verdict_of(comparison.RULES["E5"](found)) == verdict


def test_the_data_sets_are_the_observations(monkeypatch):
    monkeypatch.setattr(comparison, "DEPTHS", (2,))
    elu = {"digits": np.array([[0.9, 0.8]]), "breast_cancer": np.array([[0.7, 0.7]])}
    relu = {"digits": np.array([[0.8, 0.8]]), "breast_cancer": np.array([[0.8, 0.6]])}
    found = {number.name: number for number in comparison._numbers(elu, relu)}
    # Of four pairs two are won, one is lost and one, a tie, counts half.
    assert found["win_rate"].value == pytest.approx(2.5 / 4)
    assert found["ties"].value == pytest.approx(1 / 4)
    over = found["difference_depth_2"]
    assert (over.value, over.n) == (pytest.approx((0.1 + 0 - 0.1 + 0.1) / 4), 2)
    here = found["difference_here"]
    # Two splits, each averaged over the sets.
    assert (here.value, here.n) == (pytest.approx(0.025), 2)


def test_equal_functions_tie(monkeypatch):
    monkeypatch.setattr(comparison, "RATES", (0.003, 0.01, 0.03))
    data = comparison.load("breast_cancer", 2)
    one, other = (comparison.tuned_accuracy(data, "elu", 2, 30) for _ in range(2))
    assert one.tolist() == other.tolist()
    assert one.min() > 0.8  # thirty steps learn most of it; guessing gives 0.63
