"""The document as notebooks, and the few helpers that their cells use.

Each notebook is a Markdown file below `en/` and `ko/`; ``nonlin tutorial`` makes .ipynb of
them.
"""

from nonlin.tutorial.network import Network
from nonlin.tutorial.notebooks import as_notebook, code, sources
from nonlin.tutorial.slider import slider
from nonlin.tutorial.verdict import Verdict, verdict

__all__ = [
    "Network",
    "Verdict",
    "as_notebook",
    "code",
    "slider",
    "sources",
    "verdict",
]
