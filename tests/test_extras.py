import subprocess
import sys

import pytest

from nonlin import extras
from nonlin.extras import missing_package


def test_the_command_installs_what_is_missing(monkeypatch):
    monkeypatch.setattr(extras, "_from_folder", lambda: False)
    assert missing_package("sympy") == (
        "this needs the package 'sympy'; install it with: pip install \"nonlin[cli]\""
    )
    assert missing_package("rich", "en", "study").endswith('pip install "nonlin[study]"')


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_who_installed_from_a_folder_is_told_its_command(lang, monkeypatch):
    monkeypatch.setattr(extras, "_from_folder", lambda: True)
    sentence = missing_package("torch", lang)
    assert 'pip install "nonlin[torch]"' in sentence
    assert 'pip install ".[torch]"' in sentence


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        ('{"dir_info": {}, "url": "file:///somewhere"}', True),
        ('{"archive_info": {}, "url": "https://example.org/nonlin.whl"}', False),
        (None, False),
    ],
)
def test_pip_writes_down_where_a_package_came_from(origin, expected, monkeypatch):
    class Distribution:
        def read_text(self, name):
            assert name == "direct_url.json"
            return origin

    monkeypatch.setattr(extras, "distribution", lambda _: Distribution())
    assert extras._from_folder() is expected


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("sympy", "from nonlin import symbolic; symbolic.definition(nonlin.elu)"),
        ("matplotlib", "nonlin.plot(nonlin.elu)"),
        ("torch", "import nonlin.torch"),
    ],
)
def test_the_library_says_the_same_sentence(module, line):
    code = f"import sys; sys.modules[{module!r}] = None\nimport nonlin\n{line}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr.splitlines()[-1] == f"ImportError: {missing_package(module)}"
