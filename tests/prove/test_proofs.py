"""A few of the proofs of `make prove`, and that what is wrong is not proved."""

import itertools
import json
import math
from fractions import Fraction
from pathlib import Path

import mpmath
import pytest
from prove import approximation, budgets, core, gappa, limits, sources
from prove.kernels import rows

needs_gappa = pytest.mark.skipif(not gappa.installed(), reason=gappa.MISSING)
PAGE = Path(__file__).parents[2] / "docs" / "proofs.json"
END = (Fraction(-1419, 4096), Fraction(-1384, 4096))


@needs_gappa
def test_a_few_pieces_of_every_kernel():
    found = list(rows(fused=True, quick=True, workers=2))
    assert len(found) == 18
    assert all(Fraction(1, 2) < row.bound <= 1 for row in found), found
    rows_of_page = json.loads(PAGE.read_text())[0]["rows"]
    written = {(row["kernel"], row["where"]): row for row in rows_of_page}
    for row in found:
        whole = written[row.kernel, row.where]
        assert whole["proved"]
        assert row.bound <= Fraction(whole["bound"]), "the page knows all pieces, and errs upward"


@needs_gappa
def test_a_wrong_digit_is_not_proved(monkeypatch):
    even, odd, half = sources.TAILS["short_exponential_tail"]
    right = core.piece(True, False, END)
    spoilt = (even, (odd[0] * (1 + 2.0**-44), *odd[1:]), half)
    monkeypatch.setitem(sources.TAILS, "short_exponential_tail", spoilt)
    approximation.difference.cache_clear()
    wrong = core.piece(True, False, END)
    approximation.difference.cache_clear()
    assert budgets.before_rounding(budgets.power([right]), Fraction(0)) < 0.5
    assert wrong.error > 2 * right.error


@needs_gappa
def test_a_hint_that_is_no_identity_is_refused():
    text = gappa.script(
        ["x = rnd(x_);", "off = x * x - x;"], {"x": END}, ["off"], ["x * x - x -> x * (x - 2)"]
    )
    with pytest.raises(gappa.UnprovedError):
        gappa.bounds("refused", text, ["off"])


@pytest.mark.parametrize("name", sources.TAILS)
def test_the_bound_of_a_polynomial_holds_and_is_close(name):
    even, odd, half = sources.TAILS[name]
    with mpmath.workprec(300):
        errors = []
        for k in range(101):
            r = mpmath.mpf(END[0].numerator) / END[0].denominator * k / 100
            p = half + sum(c * r ** (2 * i + 1) for i, c in enumerate(odd))
            p += sum(c * r ** (2 * i + 2) for i, c in enumerate(even))
            errors.append(abs(r * r * p - (mpmath.expm1(r) - r)))
        sampled = float(max(errors))
    bound = max(
        approximation.error_of_tail(name, (END[0] * (k + 1) / 40, END[0] * k / 40))
        for k in range(40)
    )
    assert sampled <= bound <= 1.3 * sampled


def test_what_bounds_x_rests_on():
    assert all(holds for _, holds in limits.claims())


def test_units_and_exponents():
    assert [budgets.exponent(Fraction(x)) for x in (1, 1.5, 2, 0.75, 0.5)] == [0, 0, 1, -1, -1]
    assert budgets.unit(Fraction(3, 2)) == Fraction(2) ** -52
    assert budgets.subnormal(Fraction(1, 4)) == Fraction(7, 8)


def test_the_pieces_leave_no_gap():
    for fused in (True, False):
        pieces = list(core.intervals(fused))
        assert all(a[1] == b[0] for a, b in itertools.pairwise(pieces))
        assert -pieces[0][0] == pieces[-1][1] == core.reach(fused)
        assert pieces[-1][1] > math.log(2) / 2
        assert any(piece[0] == core.NEAR for piece in pieces)
        assert any(piece[1] == -core.NEAR for piece in pieces)
