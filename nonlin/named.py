"""What an activation, a gate and a function along an axis share: a name, parameters, identity."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache, wraps
from inspect import Parameter as Argument
from typing import Any, ClassVar, TypeVar, cast

from nonlin.above import Shown, answerer
from nonlin.errors import refuse_unknown

__all__ = ["Named", "remembered"]

F = TypeVar("F", bound=Callable[..., Any])


class Named(Shown):
    """A function of the library: it compares by name and parameters, pickles, and shows its card.

    Its record is what the catalogue knows of it, None for one of the user's.
    """

    __slots__ = ()

    # The class whose instances it may be equal to.
    _kind: ClassVar[str]
    _name: str
    _parameters: Mapping[str, Any]
    _record: Any
    # What `remembered` keeps of one of the user's.
    _kept: dict[Any, Any]

    @property
    def name(self) -> str:
        """The name in the catalogue, or the one that was given."""
        return self._name

    @property
    def __name__(self) -> str:
        return self._name

    @property
    def parameters(self) -> Mapping[str, Any]:
        """The parameters and the values they have unless a call says otherwise."""
        return self._parameters

    def _defaults(self) -> Mapping[str, Any]:
        return {each.name: each.default for each in self._record.parameters}

    def _made_of(self) -> tuple[Any, ...]:
        """Give what else tells two apart: the functions that one of the user's is made of."""
        return ()

    def _known(self, keywords: Mapping[str, Any], others: tuple[str, ...]) -> None:
        refuse_unknown(self, self._parameters, keywords, others)

    def _keywords(self, **others: Any) -> list[Argument]:
        """Give the keywords of a call for its signature, the parameters first."""
        every = {**self._parameters, **others}
        return [Argument(n, Argument.KEYWORD_ONLY, default=value) for n, value in every.items()]

    def __repr__(self) -> str:
        defaults = self._defaults()
        changed = [
            f"{name}={value!r}"
            for name, value in self._parameters.items()
            if value != defaults[name]
        ]
        return f"nl.{self._name}" + (f".bind({', '.join(changed)})" if changed else "")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Named) or other._kind != self._kind:
            return NotImplemented
        return self._identity() == other._identity()

    def __hash__(self) -> int:
        return hash(self._identity())

    def _identity(self) -> tuple[Any, ...]:
        return self._name, tuple(self._parameters.items()), self._made_of()

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return restore, (self._kind, self._name, dict(self._parameters))


def restore(kind: str, name: str, parameters: Mapping[str, Any]) -> Any:
    """Find a function of the catalogue again, as it was pickled."""
    return answerer("find", kind)(name).bind(**parameters)


def remembered(find: F) -> F:
    """Keep what a function of an activation found.

    Of the catalogue's it is kept for good, whichever object stands for one. Of one of the user's it
    is kept with the object, and goes when that goes: a cache of its own would hold the user's
    function, and all that this holds, for ever.
    """
    of_the_catalogue = lru_cache(maxsize=256)(find)

    @wraps(find)
    def found(act: Named, *rest: Any) -> Any:
        users = (x for x in (act, *rest) if isinstance(x, Named) and x._record is None)
        owner: Any = next(users, None)
        if owner is None:
            return of_the_catalogue(act, *rest)
        if not hasattr(owner, "_kept"):
            owner._kept = {}
        key = (find, act, *rest)
        if key not in owner._kept:
            owner._kept[key] = find(act, *rest)
        return owner._kept[key]

    return cast(F, found)
