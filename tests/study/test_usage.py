import pytest
from judged import verdict_of

from nonlin.study import usage
from nonlin.study.context import Context
from nonlin.study.results import Number


def test_the_counts_have_a_day_and_versions():
    found = usage.counts()
    assert found["counted"] == "2026-11-29"
    assert set(found["families"]) == set(usage.FAMILIES)
    for family in found["families"].values():
        assert family["version"]
        assert all(count > 0 for count in family["functions"].values())


@pytest.mark.parametrize(
    ("ours", "verdict"), [((9, 9), "holds"), ((9, 1), "depends"), ((1, 1), "fails")]
)
def test_the_rule(ours, verdict):
    found = {f"{f}_most": Number("x", 9) for f in usage.FAMILIES}
    found |= {f"{f}_relu": Number("x", n) for f, n in zip(usage.FAMILIES, ours, strict=True)}
    assert verdict_of(usage.RULES["R8"](found)) == verdict


def test_relu_is_third_in_one_family_and_second_in_the_other():
    (outcome,) = usage.measure(Context())
    fields = outcome.fields
    assert [fields[f"{family}_rank"].value for family in usage.FAMILIES] == [3, 2]
    assert outcome.verdict == "fails"
    assert all(next(iter(each)) == "gelu" for each in outcome.series["family"].values())
