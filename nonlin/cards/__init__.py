"""The card of one function: what the document says of it, and what was measured."""

from nonlin.cards.card import Card, Point, card, said
from nonlin.cards.finding import account, conditions, finding, pieces
from nonlin.cards.formulas import Formulas, formulas
from nonlin.cards.notebook import html
from nonlin.cards.numbers import reference
from nonlin.cards.points import points
from nonlin.cards.scientific import printed
from nonlin.cards.settings import settings

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
