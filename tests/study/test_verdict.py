"""Three answers, five verdicts, how many runs would decide: against cases worked out by hand."""

import itertools

import numpy as np
import pytest
from scipy import stats

from nonlin.study import claims, verdict
from nonlin.study.results import Number, Outcome
from nonlin.study.statistics import geometric_mean, mean, over_sets, share
from nonlin.study.verdict import ALPHA, Condition, above, at_level, below, decide, fact


def interval(low, high):
    return Number("x", (low + high) / 2, low, high)


@pytest.mark.parametrize(
    ("low", "high", "answer"),
    [
        (0.51, 0.9, "shown"),
        (0.1, 0.49, "shown_not"),
        (0.1, 0.9, "open"),
        (0.49, 0.9, "open"),
        (0.1, 0.51, "open"),
    ],
)
def test_an_interval_beyond_the_line_is_shown_and_one_across_it_is_open(low, high, answer):
    assert above("x", interval(low, high), 0.5).answer() == answer
    mirrored = {"shown": "shown_not", "shown_not": "shown", "open": "open"}[answer]
    assert below("x", interval(low, high), 0.5).answer() == mirrored


def test_a_margin_asks_for_more_than_a_difference():
    # Ahead for certain, by less than what matters: shown not.
    assert above("x", interval(0.001, 0.003), 0.0, margin=0.005).answer() == "shown_not"
    assert above("x", interval(0.004, 0.007), 0.0, margin=0.005).answer() == "open"
    assert above("x", interval(0.006, 0.007), 0.0, margin=0.005).answer() == "shown"


def test_no_difference_can_be_shown():
    for ends, answer in {
        (-0.003, 0.004): "shown",
        (-0.02, 0.02): "open",
        (0.006, 0.02): "shown_not",
    }.items():
        assert Condition("x", interval(*ends), -0.005, 0.005).answer() == answer


def test_a_p_value_is_students():
    values = [0.3, 0.5, 0.6, 0.4, 0.7]
    expected = stats.ttest_1samp(values, 0.2, alternative="greater").pvalue
    assert above("x", mean("x", values), 0.2).shown == pytest.approx(2 * expected)
    logs = stats.ttest_1samp(np.log(values), np.log(0.2), alternative="greater").pvalue
    assert above("x", geometric_mean("x", values), 0.2).shown == pytest.approx(2 * logs)


def test_a_p_value_of_a_share_is_the_binomials():
    expected = stats.binomtest(9, 10, 0.5, alternative="greater").pvalue
    assert above("x", share("x", 9, 10), 0.5).shown == pytest.approx(2 * expected)
    expected = stats.binomtest(9, 10, 0.99, alternative="less").pvalue
    assert above("x", share("x", 9, 10), 0.99).refuted == pytest.approx(2 * expected)


def test_an_answer_at_5_per_cent_is_what_the_interval_says():
    random = np.random.default_rng(0)
    for sample in random.normal(0.2, 1, (200, 6)):
        number = mean("x", sample)
        said = above("x", number, 0.0).answer()
        expected = "shown" if number.low > 0 else "shown_not" if number.high < 0 else "open"
        assert said == expected


def test_equal_runs_are_as_sure_as_coins():
    assert above("x", mean("x", [1.0] * 5), 0.5).shown == 2 * 0.5**5
    assert above("x", mean("x", [1.0] * 12), 0.5).answer() == "shown"
    assert above("x", mean("x", [0.5] * 12), 0.5).answer() == "open"


YES, NO, OPEN = interval(1, 2), interval(-2, -1), interval(-1, 1)


@pytest.mark.parametrize(
    ("needed", "circumstances", "expected"),
    [
        ([], [YES, YES], "holds"),
        ([], [NO, NO], "fails"),
        ([], [YES, NO], "depends"),
        ([], [YES, OPEN], "undecided"),
        ([], [NO, OPEN], "undecided"),
        ([], [YES, NO, OPEN], "depends"),
        ([YES], [YES], "holds"),
        ([NO], [YES], "fails"),
        ([NO], [OPEN], "fails"),
        ([OPEN], [YES, NO], "undecided"),
        ([YES], [NO], "fails"),
        ([YES, NO], [], "fails"),
        ([YES, OPEN], [], "undecided"),
    ],
)
def test_verdicts_of_conditions(needed, circumstances, expected):
    conditions = [
        *(above(str(i), number, 0.0, needed=True) for i, number in enumerate(needed)),
        *(above(f"c{i}", number, 0.0) for i, number in enumerate(circumstances)),
    ]
    assert at_level(decide(conditions)) == expected


def test_without_conditions_there_is_no_verdict():
    assert decide([]).verdict == "unjudged"


def test_a_fact_is_certain():
    assert decide([fact("x", True)]) == verdict.Decision("holds", 0.0)
    assert decide([fact("x", False)]) == verdict.Decision("fails", 0.0)


def test_open_is_never_taken_for_false():
    # Absence of evidence: wide intervals, however many, decide nothing.
    for count in range(1, 7):
        assert at_level(decide([above(str(i), OPEN, 0.0) for i in range(count)])) == "undecided"


def test_of_many_circumstances_one_must_be_so_much_surer():
    # At 4 % one of two says "depends"; as one of twenty it is what chance does.
    edge = interval(0.0, 2.0)
    two = decide([above("a", edge, -0.05), above("b", interval(-2.0, 0.0), 0.05)])
    many = [above(str(i), OPEN, 0.0) for i in range(18)]
    twenty = decide([above("a", edge, -0.05), above("b", interval(-2.0, 0.0), 0.05), *many])
    assert two.p < twenty.p
    assert at_level(twenty) == "undecided"


def test_the_looks_share_one_error_rate():
    # sum over k of 1 / (k (k + 1)) is 1: 1/2, 2/3, 3/4, ... of alpha after one, two, three looks.
    shares = [ALPHA / verdict.spent(ALPHA, k) * ALPHA if k < 4 else 0 for k in (1, 2, 3)]
    assert shares == pytest.approx([ALPHA / 2, ALPHA / 6, ALPHA / 12])
    assert sum(ALPHA / (k * (k + 1)) for k in range(1, 100_000)) == pytest.approx(ALPHA, rel=1e-4)
    assert verdict.spent(0.9, 3) == 1.0


def test_looking_after_every_block_keeps_the_error_rate():
    random = np.random.default_rng(1)
    wrong = 0
    for _ in range(400):
        values = random.normal(0, 1, 40)
        for look, n in enumerate(range(5, 41, 5), 1):
            condition = above("x", mean("x", values[:n]), 0.0)
            if verdict.spent(min(condition.shown, condition.refuted), look) <= ALPHA:
                wrong += 1
                break
    # Nothing is there: a decision either way is an error. Binomial, 400 draws at 5 %: below 35.
    assert wrong < 35


def test_holm_by_hand():
    # Sorted 0.001, 0.01, 0.02, 0.04 against 0.05/4, 0.05/3, 0.05/2, 0.05/1.
    p = {"a": 0.04, "b": 0.001, "c": 0.02, "d": 0.01}
    expected = {"b": ALPHA / 4, "d": ALPHA / 3, "c": ALPHA / 2, "a": ALPHA}
    assert verdict.holm(p, 4) == pytest.approx(expected)
    # One that fails stops all after it, however small their own line would be.
    assert verdict.holm({"a": 0.02, "b": 0.024, "c": 0.001}, 3) == pytest.approx(
        {"c": ALPHA / 3, "a": ALPHA / 2, "b": ALPHA}
    )
    assert verdict.holm({"a": 0.03, "b": 0.04, "c": 0.001}, 3) == pytest.approx(
        {"c": ALPHA / 3, "a": 0.0, "b": 0.0}
    )


def outcome(claim, p, looks=1):
    number = Number("normal_ratio", 0.9)
    half = stats.norm.isf(p / 2)
    trained = Number("trained_ratio", 0.25 + half, 0.25 + half - 1.96, 0.25 + half + 1.96)
    conditions = claims.get(claim).rule({n.name: n for n in (number, trained)})
    decision = decide(conditions)
    numbers = (number, trained)
    answers = verdict.answers(conditions)
    return Outcome(
        claim,
        at_level(decision),
        "measured",
        numbers,
        conditions=answers,
        p=decision.p,
        looks=looks,
    )


def test_a_claim_that_is_sure_alone_may_be_undecided_among_many():
    alone = outcome("S7", 0.01)
    assert alone.verdict == "holds"
    settled = verdict.settle({"S7": alone})["S7"]
    assert settled.verdict == "undecided"
    assert {c.name: c.answer for c in settled.conditions} == {"normal": "shown", "trained": "open"}
    assert verdict.settle({"S7": outcome("S7", 1e-5)})["S7"].verdict == "holds"
    # The same p at the tenth look has been paid for.
    assert verdict.settle({"S7": outcome("S7", 1e-4, looks=10)})["S7"].verdict == "undecided"


def test_what_else_is_measured_does_not_take_a_verdict_away():
    one = verdict.settle({"S7": outcome("S7", 1e-4)})["S7"].verdict
    both = verdict.settle({"S7": outcome("S7", 1e-4), "R7": outcome("R7", 0.5)})["S7"].verdict
    assert one == both == "holds"


def test_about_so_many_runs_would_decide():
    random = np.random.default_rng(2)
    sample = random.normal(0.1, 1, 50)
    condition = above("x", mean("x", sample), 0.0)
    assert condition.answer() == "open"
    asked = condition.runs(ALPHA)
    # With so many the interval's end touches the line: half the width is the distance.
    number = condition.number
    half = (number.high - number.low) / 2
    assert half * np.sqrt(number.n / asked) == pytest.approx(abs(number.value), rel=0.02)
    # A stricter level asks for more; a margin is the least distance that must be told apart.
    assert condition.runs(ALPHA / 30) > asked
    assert above("x", number, number.value - 0.2, margin=0.2).runs(ALPHA) == pytest.approx(
        number.n * (half / 0.1) ** 2, rel=0.02
    )


def test_a_fine_interval_is_measured_no_further():
    assert Condition("x", interval(-0.002, 0.002), -0.001, 0.001, margin=0.005).fine
    assert not Condition("x", interval(-0.02, 0.02), -0.001, 0.001, margin=0.005).fine
    assert not above("x", interval(-0.002, 0.002), 0.0).fine


def test_every_rule_gives_conditions_with_names_in_both_languages():
    from nonlin.messages import text

    for claim in claims.CLAIMS:
        numbers = _Anything()
        for condition in claim.rule(numbers):
            for lang in ("en", "ko"):
                assert text(f"study.circumstances.{condition.name}", lang)


class _Anything(dict):
    """Numbers of every name."""

    def __missing__(self, name):
        return Number(name, 0.5, 0.4, 0.6, 5)


def test_no_rule_names_two_conditions_alike():
    for claim in claims.CLAIMS:
        names = [condition.name for condition in claim.rule(_Anything())]
        assert len(names) == len(set(names)), claim.id


def test_no_condition_is_decided_by_the_width_of_its_interval_alone():
    # With everything unknown no measured claim has a verdict.
    class Unknown(dict):
        def __missing__(self, name):
            return Number(name, 0.5, -1e6, 1e6, 5)

    for key in claims.judged():
        if key == "R6":
            continue  # an existence claim rests on a count
        numbers = Unknown()
        for name in ("normal_ratio", "slope_jump"):
            numbers[name] = Number(name, 0.0)
        if key in ("S7", "R7"):
            numbers["normal_ratio"] = Number("normal_ratio", 0.9)
        assert at_level(decide(claims.get(key).rule(numbers))) == "undecided", key


def test_margins_are_stated_once():
    assert set(verdict.MARGINS) == {"accuracy", "time", "factor", "calibration"}
    assert all(0 < margin <= 0.1 for margin in verdict.MARGINS.values())
    assert all(a != b for a, b in itertools.combinations(verdict.MARGINS, 2))


SIGNS = np.resize([-1.0, 1.0], (8, 1))


def test_more_splits_of_the_same_sets_cannot_decide_what_differs_from_set_to_set():
    random = np.random.default_rng(3)
    centres = random.normal(0.0, 0.02, 8)
    steady = over_sets("gain", [c + random.normal(0, 1e-4, 5) for c in centres])
    noise = random.normal(0, 0.06, (8, 5))
    noisy = over_sets("gain", list(0.004 + noise - noise.mean(1, keepdims=True) + 0.01 * SIGNS))
    for number, limited in ((steady, True), (noisy, False)):
        condition = above("tuned", number, 0.0, margin=0.005)
        assert condition.answer() == "open"
        assert (condition.limited.answer() == "open") is limited
        found = Outcome(
            "K4", "undecided", "measured", (number,), conditions=(1,), p=condition.shown
        )
        assert verdict.is_settled(found) is limited


def test_a_claim_on_its_way_is_not_settled_and_a_sure_one_is():
    assert not verdict.is_settled(outcome("S7", 0.01))
    assert verdict.is_settled(outcome("S7", 1e-6))
    # Sure enough at the first look, no longer at the fourth.
    assert verdict.is_settled(outcome("S7", 5e-4, looks=1))
    assert not verdict.is_settled(outcome("S7", 5e-4, looks=4))
