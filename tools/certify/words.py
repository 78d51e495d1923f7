"""The page's sentences, in English and Korean."""

from __future__ import annotations

import sys
from pathlib import Path

# The benchmarks' pages are made in the same way.
sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))

from bilingual import LANGUAGES, sentences

__all__ = ["LANGUAGES", "say"]

say = sentences(Path(__file__).parent)
