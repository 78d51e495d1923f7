"""The heat map: units by site over the steps of a training, and the loss above them."""

import base64
import math
import struct
import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nonlin.messages.columns import shortened
from nonlin.report.examined.svg import drawing, label, words
from nonlin.report.numbers import shown

if TYPE_CHECKING:
    from nonlin.torch.runs import Run, Snapshot

__all__ = ["data_uri", "heat", "palette"]

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_INDEXED = 3


def data_uri(pixels: NDArray[np.uint8], palette: NDArray[np.uint8]) -> str:
    """Encode an image whose pixels are indices into a palette.

    Parameters
    ----------
    pixels : array of uint8, shape (height, width)
    palette : array of uint8, shape (256, 3)
        Red, green and blue.

    Returns
    -------
    str

    Examples
    --------
    >>> grey = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
    >>> data_uri(np.zeros((2, 2), dtype=np.uint8), grey)[:26]
    'data:image/png;base64,iVBO'
    """
    height, width = pixels.shape
    header = struct.pack(">IIBBBBB", width, height, 8, _INDEXED, 0, 0, 0)
    # Each row begins with the number of its filter: 0, none.
    rows = np.pad(pixels, ((0, 0), (1, 0)))
    content = (
        _SIGNATURE
        + _chunk(b"IHDR", header)
        + _chunk(b"PLTE", palette.tobytes())
        + _chunk(b"IDAT", zlib.compress(rows.tobytes(), 9))
        + _chunk(b"IEND", b"")
    )
    return "data:image/png;base64," + base64.b64encode(content).decode("ascii")


def _chunk(kind: bytes, content: bytes) -> bytes:
    check = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)


_WIDTH, _LEFT, _RIGHT = 760, 150, 58
_COLUMNS = 240
_LOSS, _BAND, _GAP = 64, 34, 5
_TOP = 22
_DEAD = (217, 72, 59)
# From seldom to always, each darker than the last one: readable without colour too.
_STOPS = ((0xFB, 0xF1, 0xCF), (0x9C, 0xD0, 0xB4), (0x3D, 0x8F, 0xA8), (0x14, 0x3F, 0x6B))


def palette() -> NDArray[np.uint8]:
    """The colours of shares: 0 has its own, 1/255 to 1 go from light to dark.

    Returns
    -------
    array of uint8, shape (256, 3)
    """
    at = np.linspace(0.0, 1.0, len(_STOPS))
    shares = np.linspace(0.0, 1.0, 255)
    channels = [np.interp(shares, at, [stop[k] for stop in _STOPS]) for k in range(3)]
    colours = np.rint(np.stack(channels, axis=1)).astype(np.uint8)
    return np.concatenate([np.array([_DEAD], dtype=np.uint8), colours])


def heat(run: "Run", labelled_by: str, called: Callable[[str], str] = str) -> str | None:
    """Draw a band a site: time from left to right, the units sorted, the idle ones at the bottom.

    Parameters
    ----------
    run : Run
    labelled_by : str
        Id of the caption.
    called : callable
        Gives a site's name what stands beside its band.

    Returns
    -------
    str or None
        An ``<svg>`` element; None with fewer than two readings.
    """
    seen, structure = run.snapshots, run.structure
    if structure is None or len(seen) < 2 or seen[-1].step <= seen[0].step:
        return None
    first, last = seen[0].step, seen[-1].step

    def across(step: float) -> float:
        return _LEFT + (step - first) / (last - first) * (_WIDTH - _LEFT - _RIGHT)

    top = _TOP + _LOSS + 14
    bottom = top + len(structure.sites) * (_BAND + _GAP)
    shapes = [*_loss(seen, across)]
    columns = _columns(seen)
    for place, site in enumerate(structure.sites):
        shapes += _band(
            called(str(site["name"])), place, columns, top + place * (_BAND + _GAP), seen[-1]
        )
    shapes += _began(run, across, bottom)
    shapes += _steps(first, last, across, bottom)
    shapes += _key(bottom + 40)
    return drawing(_WIDTH, bottom + 62, shapes, labelled_by)


def _columns(seen: Sequence["Snapshot"]) -> list["Snapshot"]:
    """The newest reading at each of evenly spaced steps."""
    steps = np.array([each.step for each in seen])
    wanted = np.linspace(steps[0], steps[-1], _COLUMNS)
    return [seen[i] for i in np.searchsorted(steps, wanted, side="right") - 1]


def _band(
    name: str, place: int, columns: Sequence["Snapshot"], y: float, last: "Snapshot"
) -> Iterator[str]:
    # The first row of an image is its top, where the busiest unit is to be.
    image = np.stack([each.sites[place].passing[::-1] for each in columns], axis=1)
    wide = _WIDTH - _LEFT - _RIGHT
    yield label(_LEFT - 10, y + _BAND / 2 + 4, shortened(name, 20), "name", "end")
    yield (
        f'<image x="{_LEFT}" y="{y:g}" width="{wide}" height="{_BAND}" '
        f'preserveAspectRatio="none" href="{data_uri(image, palette())}"/>'
        f'<rect class="frame" x="{_LEFT}" y="{y:g}" width="{wide}" height="{_BAND}"/>'
    )
    idle = float(np.mean(last.sites[place].passing == 0))
    if idle:
        yield label(_WIDTH - _RIGHT + 5, y + _BAND - 3, shown(round(idle, 2), "share"), "idle")


def _loss(seen: Sequence["Snapshot"], across: Callable[[float], float]) -> Iterator[str]:
    known = [(each.step, each.loss) for each in seen if math.isfinite(each.loss)]
    yield words(_LEFT - 10, _TOP + _LOSS / 2 + 4, "heat.loss", "end", "name")
    if not known:
        return
    losses = [loss for _, loss in known]
    low, high = min(losses), max(losses)
    span = (high - low) or 1.0
    points = (
        f"{across(step):.1f} {_TOP + (high - loss) / span * _LOSS:.1f}" for step, loss in known
    )
    yield f'<path class="grid" d="M{_LEFT} {_TOP}H{_WIDTH - _RIGHT}M{_LEFT} {_TOP + _LOSS}'
    yield f'H{_WIDTH - _RIGHT}"/>'
    yield f'<path class="seen" d="M{"L".join(points)}"/>'
    yield label(_WIDTH - _RIGHT + 5, _TOP + 4, shown(high), "axis")
    yield label(_WIDTH - _RIGHT + 5, _TOP + _LOSS + 4, shown(low), "axis")


def _began(run: "Run", across: Callable[[float], float], bottom: float) -> Iterator[str]:
    """Mark where errors began."""
    for step in sorted({each.began for each in run.troubles if each.worst == "error"}):
        if run.snapshots[0].step < step:
            x = across(step)
            yield f'<path class="began" d="M{x:.1f} {_TOP - 4}V{bottom:g}"/>'
            yield f'<path class="began tip" d="M{x - 5:.1f} {_TOP - 12}h10l-5 8z"/>'


def _steps(first: int, last: int, across: Callable[[float], float], bottom: float) -> Iterator[str]:
    for step in _round_steps(first, last):
        x = across(step)
        yield f'<path class="grid" d="M{x:.1f} {bottom - _GAP:g}v5"/>'
        yield label(x, bottom + 15, f"{step:,}", "axis", "middle")
    yield words(_LEFT - 10, bottom + 15, "heat.step", "end", "axis")


def _round_steps(first: int, last: int) -> list[int]:
    """Four to eight round numbers from the first to the last step."""
    rough = (last - first) / 5
    unit = 10 ** math.floor(math.log10(max(rough, 1)))
    width = max(1, next(unit * k for k in (1, 2, 5, 10) if unit * k >= rough))
    return list(range(-(-first // width) * width, last + 1, width))


def _key(y: float) -> Iterator[str]:
    ramp = np.arange(1, 256, dtype=np.uint8)[None, :]
    yield f'<rect class="dead" x="{_LEFT}" y="{y}" width="14" height="12"/>'
    yield words(_LEFT + 20, y + 10, "heat.never", kind="axis")
    x = _LEFT + 260
    yield (
        f'<image x="{x}" y="{y}" width="120" height="12" preserveAspectRatio="none" '
        f'href="{data_uri(ramp, palette())}"/>'
    )
    yield words(x + 128, y + 10, "heat.always", kind="axis")
    yield words(x - 6, y + 10, "heat.seldom", "end", "axis")
