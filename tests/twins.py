"""The numbers of a page, to compare it with its twin in the other language."""

import re
from collections import Counter

NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
# A cell of a table that is nothing but a digit.
CELL = re.compile(r"\| (\d) (?=\|)")


def numbers(page):
    """Give those of each paragraph, in no order: a sentence may be turned around.

    What is one word in a language may be a digit in the other, so a sentence's digits do not count.
    """
    return [_of(part) for part in page.strip().split("\n\n")]


def _of(part):
    return Counter([*filter(lambda each: len(each) > 1, NUMBER.findall(part)), *CELL.findall(part)])
