"""What a request may say: each parameter reads its text, refuses what is wrong, describes itself.

The same declarations validate requests and write the OpenAPI document, so that the two agree.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nonlin.activation import Activation
from nonlin.explorer.functions import LONGEST, function
from nonlin.explorer.wrong import WrongRequestError
from nonlin.messages import languages

__all__ = [
    "Choice",
    "Functions",
    "Number",
    "Parameter",
    "Slider",
    "Text",
    "Values",
    "Whole",
    "language",
]

Values = Mapping[str, Any]

MOST_FUNCTIONS = 8
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_WHOLE = re.compile(r"[+-]?\d{1,18}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a query.

    Attributes
    ----------
    name, about : str
    default : object
        What a request without it means.
    """

    name: str
    about: str
    default: Any = None

    def read(self, given: Sequence[str]) -> Any:
        """Turn what the query says into a value.

        Raises
        ------
        WrongRequestError
            If it is out of bounds, no such value, or said twice.
        """
        if len(given) > 1:
            raise WrongRequestError("twice", name=self.name)
        return self.value(given[0]) if given else self.default

    def value(self, given: str) -> Any:
        """Read one text."""
        raise NotImplementedError

    def schema(self) -> dict[str, Any]:
        """Describe the values in JSON Schema."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Slider:
    """What the page's slider offers of a number: its ends, and a step, or equal factors."""

    minimum: float
    maximum: float
    step: float | None = None
    logarithmic: bool = False


@dataclass(frozen=True, slots=True)
class Number(Parameter):
    """A real number within bounds."""

    low: float = -math.inf
    high: float = math.inf
    slider: Slider | None = None

    def value(self, given: str) -> float:
        """Read a decimal number."""
        if not _NUMBER.fullmatch(given):
            raise WrongRequestError("number", name=self.name, given=given[:60])
        value = float(given)
        if not self.low <= value <= self.high:
            low, high = f"{self.low:g}", f"{self.high:g}"
            raise WrongRequestError("bounds", name=self.name, given=given[:60], low=low, high=high)
        return value

    def schema(self) -> dict[str, Any]:
        """Describe the bounds."""
        return {"type": "number", "minimum": self.low, "maximum": self.high}


@dataclass(frozen=True, slots=True)
class Whole(Parameter):
    """A whole number within bounds."""

    low: int = 0
    high: int = 0
    slider: Slider | None = None

    def value(self, given: str) -> int:
        """Read digits."""
        if not _WHOLE.fullmatch(given):
            raise WrongRequestError("whole", name=self.name, given=given[:60])
        value = int(given)
        if not self.low <= value <= self.high:
            low, high = self.low, self.high
            raise WrongRequestError("bounds", name=self.name, given=given[:60], low=low, high=high)
        return value

    def schema(self) -> dict[str, Any]:
        """Describe the bounds."""
        return {"type": "integer", "minimum": self.low, "maximum": self.high}


@dataclass(frozen=True, slots=True)
class Choice(Parameter):
    """One of several words; `titles` are what people call them, where that is another word."""

    words: tuple[str, ...] = ()
    titles: Mapping[str, str] | None = None

    def value(self, given: str) -> str:
        """Read a word."""
        if given not in self.words:
            known = ", ".join(self.words)
            raise WrongRequestError("choice", name=self.name, given=given[:60], known=known)
        return given

    def schema(self) -> dict[str, Any]:
        """List the words."""
        return {"type": "string", "enum": list(self.words)}


@dataclass(frozen=True, slots=True)
class Text(Parameter):
    """Any text up to a length."""

    longest: int = LONGEST

    def value(self, given: str) -> str:
        """Read a text."""
        if len(given) > self.longest:
            raise WrongRequestError("long", name=self.name, longest=self.longest)
        return given

    def schema(self) -> dict[str, Any]:
        """Describe the length."""
        return {"type": "string", "maxLength": self.longest}


@dataclass(frozen=True, slots=True)
class Functions(Parameter):
    """Functions, one each time the parameter is said; see `nonlin.explorer.functions`."""

    name: str = "f"
    about: str = "a function: elu, elu(alpha=0.5), gelu(approximate=tanh) or formula:x*tanh(x)"
    most: int = MOST_FUNCTIONS

    def read(self, given: Sequence[str]) -> tuple[tuple[str, Activation], ...]:
        """Read each with the text it was said in."""
        if not 1 <= len(given) <= self.most:
            raise WrongRequestError("how_many", least=1, most=self.most, given=len(given))
        return tuple((spec, function(spec)) for spec in given)

    def schema(self) -> dict[str, Any]:
        """Describe the list."""
        item = {"type": "string", "minLength": 1, "maxLength": LONGEST}
        return {"type": "array", "items": item, "minItems": 1, "maxItems": self.most}


language = Choice("lang", "the language of sentences; by default the browser's", None, languages())
