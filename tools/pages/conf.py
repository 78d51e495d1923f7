"""Sphinx's settings, for the language that the environment names."""

import os
from pathlib import Path

HERE = Path(__file__).parent
LOCALES = {"en": "en_GB.UTF-8", "ko": "ko_KR.UTF-8"}

project = "nonlin"
author = "nonlin"
language = os.environ.get("NONLIN_DOCS_LANGUAGE", "en")
# What cells print is in the language of the locale. It is set here and not before, since Sphinx
# itself needs a locale that the system has.
os.environ.pop("LC_ALL", None)
os.environ["LANG"] = LOCALES[language]
extensions = [
    "myst_nb",
    "numpydoc",
    "pages.docstrings",
    "pages.mathml",
    "pages.prose",
    "sphinx.ext.autodoc",
    "sphinx_copybutton",
]
source_suffix = {".md": "myst-nb", ".rst": "restructuredtext"}
templates_path = [str(HERE / "templates")]
html_static_path = [str(HERE / "static")]
html_css_files = ["site.css"]
html_js_files = ["site.js"]
html_theme = "furo"
html_title = "nonlin"
html_favicon = str(HERE.parents[1] / "nonlin" / "explorer" / "page" / "icon.svg")
html_math_renderer = "mathml"
html_show_sphinx = False
html_show_copyright = False
html_copy_source = False
html_last_updated_fmt = None
html_sidebars = {
    "**": [
        "sidebar/brand.html",
        "language.html",
        "sidebar/search.html",
        "sidebar/scroll-start.html",
        "sidebar/navigation.html",
        "sidebar/scroll-end.html",
    ]
}

myst_enable_extensions = ["amsmath", "attrs_inline", "colon_fence", "dollarmath"]
myst_heading_anchors = 3
myst_links_external_new_tab = False
nb_execution_mode = os.environ.get("NONLIN_DOCS_RUN", "cache")
nb_execution_cache_path = str(HERE.parents[1] / "build" / "docs" / "cells" / language)
nb_execution_raise_on_error = True
nb_execution_timeout = 600
nb_mime_priority_overrides = [("html", "image/png", 5)]
# What a cell prints to stderr would be a warning of ours.
nb_output_stderr = "show"
if language == "ko":
    nb_code_prompt_show = "설치 셀 보기"
    nb_code_prompt_hide = "설치 셀 숨기기"
else:
    nb_code_prompt_show = "Show the cell that installs"
    nb_code_prompt_hide = "Hide the cell that installs"

# Types in our docstrings are sentences, such as "array of float64, shape (n,)", and no names.
autodoc_typehints = "none"
autodoc_member_order = "bysource"
numpydoc_show_class_members = False
numpydoc_xref_param_type = False
numpydoc_class_members_toctree = False
nitpicky = True
# phi' has a prime, and no closing quotation mark.
smartquotes = False
