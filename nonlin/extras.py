"""Which extra brings a package that is missing, said in one sentence everywhere."""

import json
from importlib.metadata import PackageNotFoundError, distribution

from nonlin.messages import text

__all__ = ["extra_of", "missing_package"]

# Every other module comes with "study".
_EXTRAS = {
    "matplotlib": "cli",
    "mpmath": "cli",
    "rich": "cli",
    "starlette": "explore",
    "sympy": "cli",
    "torch": "torch",
    "uvicorn": "explore",
}


def extra_of(module: str) -> str:
    """Name the extra of this package that brings a module.

    Examples
    --------
    >>> extra_of("sympy"), extra_of("torch")
    ('cli', 'torch')
    """
    return _EXTRAS.get(module, "study")


def missing_package(module: str, lang: str = "en", extra: str | None = None) -> str:
    """Say that a package is missing, and what installs it.

    Parameters
    ----------
    module : str
        The module that cannot be imported.
    lang : str
        Language of the sentence; exceptions of the library are English.
    extra : str, optional
        The extra to name; without it, the least that brings the module.

    Returns
    -------
    str
    """
    key = "cli.missing_here" if _from_folder() else "cli.missing"
    return text(key, lang, module=module, extra=extra or extra_of(module))


def _from_folder() -> bool:
    """Whether this package was installed from a folder of its source, which pip writes down."""
    try:
        origin = distribution("nonlin").read_text("direct_url.json")
    except PackageNotFoundError:
        return False
    return origin is not None and "dir_info" in json.loads(origin)
