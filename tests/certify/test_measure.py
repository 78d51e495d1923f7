"""The filter tallies what the definitions do, and no wrong result escapes it."""

import numpy as np
import pytest
from certify.chunk import add, filter_error
from certify.functions import KINDS, certified
from certify.inputs import sample
from certify.library import Tally, library

# So many of the sample; a __float128 takes microseconds.
COUNT = {"float32": 1 << 14, "float64": 1 << 12}
SPECIAL = [np.inf, -np.inf, np.nan, 0.0, -0.0]
FUNCTIONS = [pytest.param(function, id=function.name) for function in certified()]
SIGMOID = next(function for function in certified() if function.name == "sigmoid")


def some(dtype):
    x = sample(dtype)
    return np.concatenate([x[:: x.size // COUNT[dtype]], np.array(SPECIAL, dtype)])


def tallied(function, kind, x, result, by_definition=False):
    tally = Tally()
    add(tally, function, kind, x, result, by_definition)
    found = tally.as_dict()
    needed = found.pop("by_definition")
    return found, needed


def spoilt(result, seed):
    """Move results by up to 2 ULP and make a few of them infinite, NaN or 0."""
    generator = np.random.default_rng(seed)
    bits = result.view(f"i{result.itemsize}") + generator.integers(-2, 3, result.size)
    wrong = bits.astype(f"i{result.itemsize}").view(result.dtype)
    places = generator.integers(0, result.size, 20)
    wrong[places] = np.resize(np.array([np.inf, -np.inf, np.nan, 0], result.dtype), 20)
    return wrong


@pytest.mark.parametrize("dtype", COUNT)
@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_filter_changes_no_tally(function, dtype):
    x = some(dtype)
    for kind in KINDS:
        result = function.call(kind)(x)
        for results in (result, spoilt(result, seed=x.size)):
            filtered, needed = tallied(function, kind, x, results)
            by_definition, all_of_them = tallied(function, kind, x, results, by_definition=True)
            assert filtered == by_definition
            assert needed < all_of_them == x.size


@pytest.mark.parametrize("dtype", COUNT)
@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_bound_of_the_filter_holds(function, dtype):
    for kind in KINDS:
        parameters = function.parameters_in(dtype)
        error = library().check(function.reference_name(kind), parameters, some(dtype)[:4096])
        assert 0 <= error <= 1


def test_the_check_of_the_filter_sees_its_errors():
    # Roundings of exp, of a sum and of a quotient differ from bounds that are met only rarely.
    assert 0.5 < filter_error(SIGMOID, "value", "float32") <= 1


# The sigmoid is 0.5 at 0, and near -20 is e^-20, whose neighbours are one ULP away.
@pytest.mark.parametrize("dtype", COUNT)
def test_one_wrong_result_among_many_is_found(dtype):
    x = np.resize(some(dtype)[:1000], 1 << 13)
    x[5000] = -20
    exact = (1 / (1 + np.exp(-x.astype(np.longdouble)))).astype(dtype)
    before, _ = tallied(SIGMOID, "value", x, exact)
    assert before["largest"] <= 0.501
    assert before["wrong_specials"] == 0
    wrong = exact.copy()
    wrong[5000] = np.nextafter(exact[5000], np.array(1, dtype))
    after, _ = tallied(SIGMOID, "value", x, wrong)
    assert after["misrounded"] == before["misrounded"] + 1
    assert after["where"] == -20
    assert 0.5 < after["largest"] < 1.5


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
def test_a_wrong_infinity_or_nan_is_found(wrong):
    x = np.full(2048, 0.25, np.float32)
    result = np.full(2048, 1 / (1 + np.exp(-0.25)), np.float32)
    assert tallied(SIGMOID, "value", x, result)[0]["wrong_specials"] == 0
    result[777] = wrong
    assert tallied(SIGMOID, "value", x, result)[0]["wrong_specials"] == 1
    # Where x is NaN, anything else is wrong.
    x[:] = np.nan
    assert tallied(SIGMOID, "value", x, result)[0]["wrong_specials"] == 2048 - np.isnan(wrong)


def test_zero_instead_of_a_subnormal_number_is_found():
    # e^-100 = 3.72e-44 = 26.55 units of 2^-149.
    x = np.full(512, -100, np.float32)
    found, _ = tallied(SIGMOID, "value", x, np.zeros_like(x))
    assert found["largest"] == pytest.approx(26.547, abs=1e-3)
    assert found["misrounded"] == 512


def test_ties_go_to_the_even_neighbour():
    # Half of 2^-149 (1 + 2 k) lies between two subnormal numbers.
    x = np.float32(2.0**-149 * np.array([1, 3, 5, 7]))
    gelu = next(function for function in certified() if function.name == "gelu")
    even = np.float32(2.0**-149 * np.array([0, 2, 2, 4]))
    assert tallied(gelu, "value", x, even)[0] | {"where": 0} == {
        "inputs": 4, "misrounded": 0, "wrong_specials": 0, "largest": 0.5, "where": 0,
    }  # fmt: skip


# Where 1 + sin 2x is 5e-17 and s x^2 + b is 1e-8, the digits of a long double are all but lost.
CANCELS = [("snake_beta", "derivative", 2.19327895e33), ("star_relu", "value", 0.70710754)]


@pytest.mark.parametrize(("name", "kind", "where"), CANCELS)
def test_a_definition_that_cancels_is_measured_with_the_digits_that_are_left(name, kind, where):
    (function,) = (each for each in certified() if each.name == name)
    x = np.full(1, where, np.float32)
    result = function.call(kind)(x)
    assert abs(result[0]) < 1e-6
    found, _ = tallied(function, kind, x, result)
    assert found["largest"] < 0.75
    assert filter_error(function, kind, "float32") <= 1.0
