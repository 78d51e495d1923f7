"""The numbers of a page, to compare it with its twin in the other language."""

import re
from collections import Counter

NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


def numbers(page):
    """Give those of each paragraph, in no order: a sentence may be turned around.

    What is one word in a language may be a digit in the other, so a sentence's digits do not count.
    """
    return [_of(part) for part in page.strip().split("\n\n")]


def _of(part):
    found = NUMBER.findall(part)
    return Counter(found if part.startswith("|") else [each for each in found if len(each) > 1])
