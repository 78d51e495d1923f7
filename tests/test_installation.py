"""What an installation says of itself: enough to look for a fault, nothing that names anyone."""

import os
import platform
from importlib.metadata import PackageNotFoundError

import pytest

import nonlin as nl
from nonlin import installation as module
from nonlin.installation import EXTRAS, cores, extras, installation, processor

REQUIRES = [
    "numpy>=2.0",
    'sympy>=1.13; extra == "symbolic"',
    'matplotlib>=3.9 ; python_version < "9" and extra == "plot"',
    'nonlin[plot,symbolic]; extra == "cli"',
    "rich>=13; extra == 'cli'",
    'uvicorn[standard]>=0.30; extra == "explore"',
    'nonlin[cli]; extra == "explore"',
    'pytest>=8.2; extra == "test"',
]


@pytest.fixture
def installed(monkeypatch):
    """An installation that brought `REQUIRES`, with some packages there."""

    class Distribution:
        requires = REQUIRES

    there = {"numpy": "2.4.6", "sympy": "1.14.0", "rich": "15.0.0", "pytest": "9.2.0"}
    monkeypatch.setattr(module, "distribution", lambda _: Distribution)
    monkeypatch.setattr(module, "version_of", there.get)


@pytest.mark.usefixtures("installed")
def test_an_extra_misses_what_those_within_it_miss():
    assert extras() == {
        "symbolic": [],
        "plot": ["matplotlib"],
        "cli": ["matplotlib"],
        "explore": ["uvicorn", "matplotlib"],
    }


@pytest.mark.usefixtures("installed")
def test_packages_are_those_of_extras_for_users():
    found = installation()
    assert found["packages"] == {"numpy": "2.4.6", "rich": "15.0.0", "sympy": "1.14.0"}
    assert found["extras"]["symbolic"] == {"installed": True, "missing": []}
    assert found["extras"]["plot"] == {"installed": False, "missing": ["matplotlib"]}


def test_without_an_installation_there_are_no_extras(monkeypatch):
    def missing(_):
        raise PackageNotFoundError

    monkeypatch.setattr(module, "distribution", missing)
    assert installation()["extras"] == {}
    assert list(installation()["packages"]) == ["numpy"]


def test_it_says_what_computes_and_names_nobody(monkeypatch):
    monkeypatch.setenv("NONLIN_NUM_THREADS", "3")
    found = installation()
    assert (found["nonlin"], found["instruction_set"]) == (nl.__version__, nl.instruction_set())
    assert found["threads"] == nl.get_num_threads()
    assert found["variables"]["NONLIN_NUM_THREADS"] == "3"
    assert set(found["extras"]) == set(EXTRAS)
    assert 1 <= cores() <= os.cpu_count()
    said = str(found)
    assert platform.node() not in said
    assert os.path.expanduser("~") not in said.split("'")  # noqa: PTH111 - a word, not a path


def test_the_processors_model_is_read_where_linux_keeps_it(monkeypatch, tmp_path):
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text("processor\t: 0\nmodel name\t: Some CPU @ 3 GHz\n\nmodel name\t: B\n")
    monkeypatch.setattr(module, "Path", lambda _: cpuinfo)
    monkeypatch.setattr(module.platform, "system", lambda: "Linux")
    assert processor() == "Some CPU @ 3 GHz"
    # Processors of other families have no such line.
    cpuinfo.write_text("processor\t: 0\nBogoMIPS\t: 50.00\n")
    assert processor() is None
