"""A user's file with a function that builds what is to be examined."""

import importlib.util
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext, redirect_stdout
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nonlin.cli.errors import WRONG_USAGE, CommandError, reason
from nonlin.messages import text

if TYPE_CHECKING:
    from nonlin.torch.examination import Exam

__all__ = ["Patient", "load", "quiet", "running", "split"]

_MODULE = "nonlin_doctor_file"
_SEED = 0


@dataclass
class Patient:
    """What a file's function returned."""

    model: Any
    inputs: Any
    targets: Any
    loss_fn: Any
    optimizer: Any = None
    activations: Mapping[Any, Any] = field(default_factory=dict)
    trial: int = 0

    @property
    def optimizers(self) -> tuple[Any, ...]:
        """The optimizers, however many there are."""
        from nonlin.torch.measuring.updates import optimizers

        return optimizers(self.optimizer)

    def examine(self) -> "Exam":
        """Examine it as it is."""
        from nonlin.torch.examination import examine

        return examine(
            self.model,
            self.inputs,
            self.targets,
            self.loss_fn,
            optimizer=self.optimizer,
            activations=self.activations,
            trial=self.trial,
        )


def load(target: str, lang: str) -> Patient:
    """Run a file and its function.

    torch's random state is seeded before, so that the same file gives the same answer.

    Parameters
    ----------
    target : str
        FILE.py or FILE.py:function; the function is `build` if it is not named.
    lang : str
        Language of the errors.

    Returns
    -------
    Patient

    Raises
    ------
    CommandError
        If there is no such file or function, it raises, or returns something else.
    """
    import torch

    file, name = split(target)
    source = _source(file, lang)
    torch.manual_seed(_SEED)
    with _failing(file, "loading", lang):
        module = _module(file, source)
    build = getattr(module, name, None)
    if not callable(build):
        known = [key for key, value in vars(module).items() if _is_own(value)]
        close = get_close_matches(name, known, n=1)
        if close:
            raise _wrong("unknown_function", lang, file=file, function=name, nearest=close[0])
        raise _wrong("no_functions", lang, file=file, function=name)
    with _failing(file, "building", lang, function=name):
        built = build()
    return _patient(built, name, file, lang)


def quiet(wanted: bool) -> AbstractContextManager[object]:
    """Keep what a file prints out of the standard output, where JSON is expected."""
    return redirect_stdout(sys.stderr) if wanted else nullcontext()


@contextmanager
def running(lang: str) -> Iterator[None]:
    """Say in a sentence why a model could not be run."""
    try:
        yield
    except (CommandError, ImportError, MemoryError):
        raise
    except Exception as error:
        raise _wrong("not_run", lang, **_words(error), where=_where(error, None, lang)) from error


def split(target: str) -> tuple[Path, str]:
    """Take "FILE.py:function" apart; the function is `build` if it is not named."""
    file, colon, name = target.rpartition(":")
    return (Path(file), name) if colon and name.isidentifier() else (Path(target), "build")


def _source(file: Path, lang: str) -> str:
    if file.suffix != ".py":
        raise _wrong("kind_of_file", lang, file=file)
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        fields = {"path": file, "reason": reason(error, lang)}
        raise CommandError(text("cli.unreadable", lang, **fields), WRONG_USAGE) from error
    except UnicodeDecodeError as error:
        raise _wrong("not_text", lang, file=file) from error


def _module(file: Path, source: str) -> Any:
    """Import a file by its path, with its own folder first, as `python FILE.py` does."""
    spec = importlib.util.spec_from_loader(_MODULE, loader=None, origin=str(file))
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    module.__file__ = str(file)
    sys.path.insert(0, str(file.resolve().parent))
    sys.modules[_MODULE] = module
    exec(compile(source, str(file), "exec"), vars(module))
    return module


def _is_own(value: Any) -> bool:
    return callable(value) and getattr(value, "__module__", None) == _MODULE


@contextmanager
def _failing(file: Path, doing: str, lang: str, **fields: Any) -> Iterator[None]:
    try:
        yield
    except SyntaxError as error:
        line = (error.text or "").strip()
        fields = {"file": file, "number": error.lineno, "line": line, "reason": error.msg}
        raise _wrong("syntax", lang, **fields) from error
    except Exception as error:
        where = _where(error, file, lang)
        raise _wrong(doing, lang, file=file, where=where, **fields, **_words(error)) from error


def _where(error: Exception, file: Path | None, lang: str) -> str:
    """The line of the user's file that led to an error: the last one of it that was running."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [each for each in frames if file is None or each.filename == str(file)]
    if file is None:
        inside = Path(__file__).parents[1]
        own = [each for each in frames if inside not in Path(each.filename).parents]
        own = [each for each in own if "site-packages" not in each.filename] or own
    if not own:
        return ""
    frame = own[-1]
    fields = {"file": Path(frame.filename).name, "number": frame.lineno, "line": frame.line or ""}
    return "\n" + text("doctor_command.at_line", lang, **fields)


def _words(error: Exception) -> dict[str, str]:
    return {"kind": type(error).__name__, "reason": str(error).strip() or "–"}


def _patient(built: Any, name: str, file: Path, lang: str) -> Patient:
    from torch import nn

    fields = {"file": file, "function": name}
    if not isinstance(built, tuple | list) or len(built) not in (4, 5):
        raise _wrong("returned", lang, got=_described(built), **fields)
    patient = Patient(*built)
    checks: list[tuple[str, str, Callable[[Any], bool]]] = [
        ("model", "torch.nn.Module", lambda x: isinstance(x, nn.Module)),
        # A model may return its loss, from the labels among its inputs.
        ("loss_fn", "callable", lambda x: callable(x) or (x is None and patient.targets is None)),
        ("optimizer", "torch.optim.Optimizer", _are_optimizers),
    ]
    for part, expected, fits in checks:
        value = getattr(patient, part)
        if not fits(value):
            got = type(value).__name__
            raise _wrong("part", lang, part=part, expected=expected, got=got, **fields)
    if not isinstance(patient.inputs, tuple | dict | list) and hasattr(patient.inputs, "__next__"):
        # It is gone through more than once.
        patient.inputs = list(patient.inputs)
    return patient


def _are_optimizers(x: Any) -> bool:
    several = x if isinstance(x, tuple | list) else () if x is None else (x,)
    return all(hasattr(each, "step") for each in several)


def _described(built: Any) -> str:
    if isinstance(built, tuple | list):
        return f"({', '.join(type(each).__name__ for each in built)})"
    return type(built).__name__


def _wrong(key: str, lang: str, **fields: Any) -> CommandError:
    return CommandError(text(f"doctor_command.{key}", lang, **fields), WRONG_USAGE)
