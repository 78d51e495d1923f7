"""Server-sent events: a response that goes on while something happens."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from starlette.responses import StreamingResponse

from nonlin.explorer.numbers import dump

__all__ = ["event", "streamed"]


def event(name: str, data: Any) -> bytes:
    """Write one event.

    Examples
    --------
    >>> event("end", {})
    b'event: end\\ndata: {}\\n\\n'
    """
    return b"event: %s\ndata: %s\n\n" % (name.encode("ascii"), dump(data))


def streamed(events: AsyncIterator[bytes]) -> StreamingResponse:
    """Answer with events; when the reader goes, the iterator is cancelled."""
    headers = {"Cache-Control": "no-store"}
    return StreamingResponse(events, media_type="text/event-stream", headers=headers)
