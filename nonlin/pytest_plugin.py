"""The plugin for pytest: the fixture `assert_healthy`, and how severe a finding fails it.

It is loaded in every session of pytest where nonlin is installed, so it imports PyTorch where a
test asks for it alone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

__all__ = ["assert_healthy", "pytest_addoption"]

LEVELS = ("error", "warning", "note")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare ``--nonlin-level``."""
    parser.getgroup("nonlin").addoption(
        "--nonlin-level",
        choices=LEVELS,
        default="error",
        help="from which severity on a finding fails assert_healthy: error (default), warning or "
        "note; a level that a test names itself comes first",
    )


@pytest.fixture(scope="session")
def assert_healthy(pytestconfig: pytest.Config) -> Callable[..., Any]:
    """Fail where something is wrong with a model: `nonlin.torch.testing.assert_healthy`.

    Its `level` is that of ``--nonlin-level``. Where PyTorch is not installed, the test is skipped.
    """
    pytest.importorskip("torch", reason="assert_healthy needs PyTorch")
    from nonlin.torch import testing

    default = pytestconfig.getoption("--nonlin-level")

    def judge(*given: Any, level: str | None = None, **named: Any) -> Any:
        __tracebackhide__ = True
        return testing.assert_healthy(*given, level=default if level is None else level, **named)

    return judge
