"""A mistake in an environment variable: an ImportError for who imports, a sentence for who types.

The variables are read when the kernels are loaded, which is before the command line exists.
"""

import os
import sys
from importlib import import_module
from pathlib import Path

_SENTENCES = {
    "NONLIN_INSTRUCTION_SET": "cli.environment.instruction_set",
    "NONLIN_NUM_THREADS": "cli.environment.threads",
}
_WRONG_USAGE = 2


def _is_program() -> bool:
    """Whether the interpreter runs ``nonlin`` or ``python -m nonlin``."""
    name = (getattr(sys, "argv", None) or [""])[0]
    # While the interpreter looks for the module of "-m", that is the program's name.
    return Path(name).stem == "nonlin" or (name == "-m" and "nonlin" in sys.orig_argv)


def _answer(error: ImportError) -> None:
    """Leave the program with a sentence if a variable of the package is at fault."""
    for variable, key in _SENTENCES.items():
        if str(error).startswith(variable) and _is_program():
            from nonlin.messages import language, text
            from nonlin.messages.requested import requested_language

            lang = language(requested_language(sys.orig_argv))
            sentence = text(key, lang, value=os.environ[variable])
            print(text("cli.error", lang, sentence=sentence), file=sys.stderr)
            raise SystemExit(_WRONG_USAGE) from None


try:
    for _module in ("nonlin.ufuncs", "nonlin.threads"):
        import_module(_module)
except ImportError as error:
    _answer(error)
    if error.name == "nonlin.ufuncs":
        from sysconfig import get_config_var

        if get_config_var("Py_GIL_DISABLED"):
            raise ImportError(
                "nonlin needs the interpreter's lock, which this free-threaded Python does "
                "without: use the usual build of the same version",
                name=error.name,
            ) from None
        raise ImportError(
            f"nonlin is imported from {Path(__file__).parent}, which holds its sources and no "
            "compiled kernels: leave that folder, or install it with pip install --editable .",
            name=error.name,
        ) from None
    raise
