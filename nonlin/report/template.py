"""Pages of HTML out of the templates that lie beside this file."""

import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Template

__all__ = ["asset", "joined", "template"]


@cache
def template(name: str) -> "Template":
    """Load a template.

    Parameters
    ----------
    name : str
        Its path under ``nonlin/report``.

    Returns
    -------
    jinja2.Template
        It escapes what it inserts, and a value that is missing is an error.

    Raises
    ------
    ImportError
        If Jinja2 is not installed.
    """
    try:
        from jinja2 import Environment, StrictUndefined
    except ImportError as error:
        from nonlin.extras import missing_package

        raise ImportError(missing_package("jinja2")) from error

    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.from_string(asset(name))


def asset(name: str) -> str:
    """Read a file that lies beside this one."""
    return files("nonlin.report").joinpath(name).read_text(encoding="utf-8")


def joined(page: str) -> str:
    """Forbid a line to end before a particle or the copula that leans on a bracket or a sign.

    Browsers break there even where words are to be kept whole; U+2060, word joiner, is invisible.
    """
    return re.sub(r"([])%|²](?:</span>)?)(?=[가-힣])", "\\1\u2060", page)
