import numpy as np
import pytest

from nonlin.study import comparison
from nonlin.study.results import Number


@pytest.mark.parametrize(
    ("low", "of_a_set", "verdict"),
    [(0.52, 0.4, "holds"), (0.48, 0.55, "depends"), (0.48, 0.4, "fails")],
)
def test_the_rule(low, of_a_set, verdict):
    found = {
        "win_rate": Number("x", 0.6, low, 0.7),
        "win_rate_digits": Number("x", 0.6, 0.4, 0.7),
        "win_rate_breast_cancer": Number("x", 0.6, of_a_set, 0.7),
    }
    assert comparison.RULES["E5"](found) == verdict


def test_wins_ties_and_the_mean_difference():
    elu = {"digits": np.array([[0.9, 0.8]]), "breast_cancer": np.array([[0.7, 0.7]])}
    relu = {"digits": np.array([[0.8, 0.8]]), "breast_cancer": np.array([[0.8, 0.6]])}
    found = {number.name: number for number in comparison._numbers(elu, relu)}
    # Of four pairs two are won, one is lost and one, a tie, counts half.
    assert found["win_rate"].value == pytest.approx(2.5 / 4)
    assert found["win_rate_digits"].value == pytest.approx(1.5 / 2)
    assert found["ties"].value == pytest.approx(1 / 4)
    assert found["difference"].value == pytest.approx((0.1 + 0 - 0.1 + 0.1) / 4)


def test_equal_functions_tie(monkeypatch):
    monkeypatch.setattr(comparison, "RATES", (0.01,))
    data = comparison.load("breast_cancer", 2)
    one, other = (comparison.tuned_accuracy(data, "elu", 2, 30) for _ in range(2))
    assert one.tolist() == other.tolist()
    assert one.min() > 0.85  # thirty steps learn most of it; guessing gives 0.63
