"""The verdict of a claim's conditions, as if it were the only claim and looked at once."""

from nonlin.study.verdict import at_level, decide


def verdict_of(conditions):
    return at_level(decide(conditions))
