"""The card of one function: what the document says of it, and what was measured."""

from nonlin.cards.card import Card, Point, card, said
from nonlin.cards.finding import account, conditions, finding, pieces, points, printed
from nonlin.cards.formulas import Formulas, formulas
from nonlin.cards.notebook import html
from nonlin.cards.settings import settings
from nonlin.cards.verdicts import reference

__all__ = [
    "Card",
    "Formulas",
    "Point",
    "account",
    "card",
    "conditions",
    "finding",
    "formulas",
    "html",
    "pieces",
    "points",
    "printed",
    "reference",
    "said",
    "settings",
]
