"""A monitor's log with readings made by hand."""

from sample_run import run

from nonlin.torch.runs.lines import reading_line, structure_line
from nonlin.torch.runs.log import append

__all__ = ["write_log"]


def write_log(file, deaths):
    """Write a log in which `deaths[k]` of 8 units of site 3 are dead at step 100 k."""
    made = run(deaths)
    for line in (made.header, structure_line(made.structure), *map(reading_line, made.snapshots)):
        append(file, line)
