"""The numbers of a page, to compare it with its twin in the other language."""

import re
from collections import Counter

NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


def numbers(page):
    """Give those of each paragraph, in no order: a sentence may be turned around."""
    return [Counter(NUMBER.findall(part)) for part in page.strip().split("\n\n")]
