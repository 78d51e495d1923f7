"""The functions a command is about: of the catalogue, the user's own, or a formula."""

import argparse
import sys
from importlib import import_module

import nonlin
from nonlin.activation import Activation
from nonlin.axis import AxisFunction
from nonlin.cli.errors import WRONG_USAGE, CommandError, nearest
from nonlin.gate import Gate
from nonlin.messages import text

__all__ = [
    "add_function",
    "add_functions",
    "from_text",
    "named",
    "one",
    "one_or_gate",
    "several",
    "several_or_gates",
    "usable",
]

Function = Activation | Gate


def add_function(parser: argparse.ArgumentParser, lang: str, taken: tuple[str, ...] = ()) -> None:
    """Declare NAME and --formula, one of which is needed."""
    parser.add_argument("name", nargs="?", metavar="NAME", help=text("cli.own.name", lang))
    parser.add_argument("--formula", metavar="FORMULA", help=_formula_help(lang))
    add_parameters(parser, taken, lang)


def _formula_help(lang: str) -> str:
    from nonlin.formula import names

    return text("cli.own.formula", lang, names=", ".join(names()))


def add_parameters(parser: argparse.ArgumentParser, taken: tuple[str, ...], lang: str) -> None:
    """Declare an option for each parameter that some function of the catalogue has.

    One that the command has `taken` itself is called --function-width.
    """
    group = parser.add_argument_group(text("cli.own.parameters", lang))
    for parameter, functions in _parameters().items():
        group.add_argument(
            f"--{'function-' if parameter in taken else ''}{parameter.replace('_', '-')}",
            dest=f"parameter_{parameter}",
            metavar="V",
            help=text("cli.own.parameter", lang, names=", ".join(functions)),
        )


def _parameters() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name in (*nonlin.names(), *nonlin.gates()):
        for parameter in nonlin.get(name).parameters:
            found.setdefault(parameter, []).append(name)
    return found


def bound(acts: list[Function], arguments: argparse.Namespace, lang: str) -> list[Function]:
    """Give each function the parameters of the command line that it has.

    Raises
    ------
    CommandError
        If none of them has one, or its value is none.
    """
    given = {
        parameter: getattr(arguments, f"parameter_{parameter}", None) for parameter in _parameters()
    }
    for parameter, value in given.items():
        if value is None:
            continue
        option = f"--{parameter.replace('_', '-')}"
        if not any(parameter in act.parameters for act in acts):
            listed = ", ".join(act.name for act in acts)
            sentence = text("cli.own.no_parameter", lang, option=option, name=listed)
            raise CommandError(sentence, WRONG_USAGE)
        try:
            acts = [_with(act, parameter, value) for act in acts]
        except (TypeError, ValueError):
            sentence = text("cli.own.wrong_parameter", lang, option=option, value=value)
            raise CommandError(sentence, WRONG_USAGE) from None
    return acts


def _with(act: Function, parameter: str, value: str) -> Function:
    if parameter not in act.parameters:
        return act
    is_word = isinstance(act.parameters[parameter], str)
    number: float | str = value if is_word else float(value)
    if isinstance(number, float) and number != number:
        raise ValueError(value)
    return act.bind(**{parameter: number})


def several(arguments: argparse.Namespace, lang: str) -> list[Activation]:
    """Give the functions that NAMEs and --formula stand for, with their parameters."""
    return [only_activation(each, lang) for each in several_or_gates(arguments, lang)]


def several_or_gates(arguments: argparse.Namespace, lang: str) -> list[Function]:
    """Give the functions, gates among them."""
    acts = [_named(name, lang) for name in arguments.names]
    acts += [from_text(formula, lang) for formula in arguments.formula]
    return bound(acts, arguments, lang)


def only_activation(found: Function, lang: str) -> Activation:
    """Refuse a gate where a command is about functions of one input."""
    if isinstance(found, Activation):
        return found
    # What it does to its gate is a function of one.
    phi = repr(found.activation).removeprefix("nl.")
    sentence = text("gates.refused", lang, name=found.name, activation=phi)
    raise CommandError(sentence, WRONG_USAGE)


def add_functions(parser: argparse.ArgumentParser, command: str, lang: str) -> None:
    """Declare NAMEs, --formula, which may be given again, and parameters."""
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=text(f"cli.{command}.help.names", lang)
    )
    parser.add_argument(
        "--formula", action="append", default=[], metavar="FORMULA", help=_formula_help(lang)
    )
    add_parameters(parser, (), lang)


def one(arguments: argparse.Namespace, lang: str) -> Activation:
    """Give the function that NAME or --formula stands for; `one_or_gate` says what it raises."""
    return only_activation(one_or_gate(arguments, lang), lang)


def one_or_gate(arguments: argparse.Namespace, lang: str) -> Function:
    """Give the function, or the gate, that NAME or --formula stands for.

    Raises
    ------
    CommandError
        If there is none, or both are given.
    """
    if arguments.name and arguments.formula is not None:
        raise CommandError(text("cli.own.both", lang), WRONG_USAGE)
    if arguments.formula is not None:
        return bound([from_text(arguments.formula, lang)], arguments, lang)[0]
    if not arguments.name:
        example = f"nonlin {arguments.command} relu"
        raise CommandError(text("cli.own.nothing", lang, example=example), WRONG_USAGE)
    return bound([_named(arguments.name, lang)], arguments, lang)[0]


def from_text(formula: str, lang: str) -> Activation:
    """Read a formula, or say in a sentence what is wrong with it."""
    from nonlin.formula import FormulaError, from_formula, names

    try:
        return usable(from_formula(formula), lang)
    except FormulaError as error:
        reason = text(f"cli.own.reason.{error.reason}", lang, names=", ".join(names()))
        key = "bad_formula_at" if error.culprit else "bad_formula"
        sentence = text(f"cli.own.{key}", lang, reason=reason, culprit=error.culprit)
        raise CommandError(sentence, WRONG_USAGE) from None


def named(name: str, lang: str) -> Activation:
    """Look a name up in the catalogue, then, if it is module:function, among the user's."""
    return only_activation(_named(name, lang), lang)


def _named(name: str, lang: str) -> Function:
    try:
        found: Function | AxisFunction = nonlin.get(name)
    except KeyError:
        if ":" not in name:
            every = (*nonlin.names(), *nonlin.gates(), *nonlin.axis_functions())
            raise nearest("function", name, every, lang) from None
    else:
        if isinstance(found, AxisFunction):
            raise CommandError(text("axis.elementwise", lang, name=found.name), WRONG_USAGE)
        return found
    module, _, function = name.partition(":")
    return _own(module, function, lang)


def _own(module: str, function: str, lang: str) -> Function:
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
    if isinstance(found, Activation | Gate):
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
