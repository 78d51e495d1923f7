"""The options of the benchmarks, the cases that are left, and a bar for the one who waits."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from speed.results import Results
from speed.session import Session

import nonlin


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("speed")
    group.addoption("--quick", action="store_true")
    group.addoption("--threads", type=int, default=1)
    group.addoption("--into", type=Path, required=True)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Leave out what is measured already."""
    config = metafunc.config
    session = Session(config.getoption("into"), config.getoption("quick"))
    cases = session.results().missing(session.cases(config.getoption("threads")))
    metafunc.parametrize("case", cases, ids=[case.key.replace(" ", "-") for case in cases])


@pytest.fixture(scope="session")
def session(request: pytest.FixtureRequest) -> Session:
    return Session(request.config.getoption("into"), request.config.getoption("quick"))


@pytest.fixture(scope="session")
def results(session: Session) -> Results:
    return session.results()


@pytest.fixture(scope="session", autouse=True)
def limited(request: pytest.FixtureRequest) -> None:
    """Give every library the same number of threads; JAX and ONNX Runtime take it elsewhere."""
    import numexpr
    import torch

    count = request.config.getoption("threads")
    nonlin.set_num_threads(count)
    torch.set_num_threads(count)
    torch.set_grad_enabled(False)
    numexpr.set_num_threads(count)


@pytest.fixture(scope="session")
def progress(request: pytest.FixtureRequest) -> Iterator[Progress]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True)) as bar:
        bar.add_task("", total=len(request.session.items))
        yield bar


def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, str] | None:
    """Print no letter a benchmark: the bar says how far it is."""
    return ("passed", "", "") if report.passed and report.when == "call" else None
