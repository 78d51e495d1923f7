"""A training run as its readings tell it: states, their log, troubles and trends."""

from nonlin.torch.runs.log import LogError, load
from nonlin.torch.runs.run import Run
from nonlin.torch.runs.state import SiteState, Snapshot
from nonlin.torch.runs.trends import Trend
from nonlin.torch.runs.troubles import Trouble

__all__ = ["LogError", "Run", "SiteState", "Snapshot", "Trend", "Trouble", "load"]
