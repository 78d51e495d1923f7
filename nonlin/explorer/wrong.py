"""A request that cannot be answered, as a sentence for the person who made it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from nonlin.messages import text

__all__ = ["Phrase", "WrongRequestError"]


@dataclass(frozen=True, slots=True)
class Phrase:
    """A part of a sentence, put into the sentence's language when it is said."""

    key: str
    fields: Mapping[str, object] = field(default_factory=dict)

    def said(self, lang: str) -> str:
        """Put it into a language."""
        return text(self.key, lang, **self.fields)


class WrongRequestError(Exception):
    """A request that is refused.

    Attributes
    ----------
    key : str
        A message, of ``explorer_api.wrong`` unless it is a dotted path.
    status : int
        The HTTP status, 4xx.
    """

    def __init__(self, key: str, /, status: int = 400, **fields: object) -> None:
        super().__init__(key)
        self.key = key
        self.fields = fields
        self.status = status

    def sentence(self, lang: str) -> str:
        """Say what is wrong.

        Parameters
        ----------
        lang : str
            One of `nonlin.messages.languages`.

        Returns
        -------
        str

        Examples
        --------
        >>> WrongRequestError("twice", name="points").sentence("en")
        'points is given more than once'
        """
        room = "" if "." in self.key else "explorer_api.wrong."
        fields = {
            name: value.said(lang) if isinstance(value, Phrase) else value
            for name, value in self.fields.items()
        }
        return text(f"{room}{self.key}", lang, **fields)

    def __str__(self) -> str:
        return self.sentence("en")
