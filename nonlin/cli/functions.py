"""The functions a command is about: of the catalogue, the user's own, or a formula."""

import argparse
import sys
from importlib import import_module

import nonlin
from nonlin.activation import Activation
from nonlin.cli.errors import WRONG_USAGE, CommandError, nearest
from nonlin.messages import text

__all__ = ["add_function", "from_text", "named", "one", "usable"]


def add_function(parser: argparse.ArgumentParser, lang: str) -> None:
    """Declare NAME and --formula, one of which is needed."""
    parser.add_argument("name", nargs="?", metavar="NAME", help=text("cli.own.name", lang))
    parser.add_argument("--formula", metavar="FORMULA", help=text("cli.own.formula", lang))


def one(arguments: argparse.Namespace, lang: str) -> Activation:
    """Give the function that NAME or --formula stands for.

    Raises
    ------
    CommandError
        If there is none, or both are given.
    """
    if arguments.name and arguments.formula is not None:
        raise CommandError(text("cli.own.both", lang), WRONG_USAGE)
    if arguments.formula is not None:
        return from_text(arguments.formula, lang)
    if not arguments.name:
        example = f"nonlin {arguments.command} relu"
        raise CommandError(text("cli.own.nothing", lang, example=example), WRONG_USAGE)
    return named(arguments.name, lang)


def from_text(formula: str, lang: str) -> Activation:
    """Read a formula, or say in a sentence what is wrong with it."""
    from nonlin.formula import FormulaError, from_formula

    try:
        return usable(from_formula(formula), lang)
    except FormulaError as error:
        reason = text(f"cli.own.reason.{error.reason}", lang)
        key = "bad_formula_at" if error.culprit else "bad_formula"
        sentence = text(f"cli.own.{key}", lang, reason=reason, culprit=error.culprit)
        raise CommandError(sentence, WRONG_USAGE) from None


def named(name: str, lang: str) -> Activation:
    """Look a name up in the catalogue, then, if it is module:function, among the user's."""
    try:
        return nonlin.get(name)
    except KeyError:
        if ":" not in name:
            raise nearest("function", name, nonlin.names(), lang) from None
    module, _, function = name.partition(":")
    return _own(module, function, lang)


def _own(module: str, function: str, lang: str) -> Activation:
    # A script's own path does not hold the folder it is called from.
    if "" not in sys.path:
        sys.path.insert(0, "")
    try:
        found = getattr(import_module(module), function, None)
    except Exception as error:
        # Whatever the user's module raises is the user's to read.
        reason = f"{type(error).__name__}: {error}"
        raise CommandError(text("cli.own.module", lang, module=module, reason=reason)) from None
    if found is None:
        raise CommandError(text("cli.own.absent", lang, module=module, function=function))
    if isinstance(found, Activation):
        return found
    if not callable(found):
        raise CommandError(text("cli.own.no_function", lang, name=f"{module}:{function}"))
    return usable(Activation.from_function(found, name=function), lang)


def usable(act: Activation, lang: str) -> Activation:
    """Refuse a function that has no values where one needs them."""
    from nonlin.facts.measured import UndefinedError, require_values, segments

    try:
        require_values(act)
        segments(act, 0)
    except UndefinedError:
        raise CommandError(text("cli.own.undefined", lang, name=act.name)) from None
    except Exception as error:
        # Whatever the user's function raises is the user's to read.
        reason = f"{type(error).__name__}: {error}"
        raise CommandError(text("cli.own.raises", lang, name=act.name, reason=reason)) from None
    return act
