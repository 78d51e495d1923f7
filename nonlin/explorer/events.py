"""Server-sent events: a response that goes on while something happens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
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


def streamed(events: AsyncGenerator[bytes, None], closing: asyncio.Event) -> StreamingResponse:
    """Answer with events until there are no more, the reader goes or the server closes.

    Parameters
    ----------
    events : asynchronous generator of bytes
        Closed at the end, whatever that is.
    closing : asyncio.Event

    Returns
    -------
    starlette.responses.StreamingResponse
    """
    headers = {"Cache-Control": "no-store"}
    lasting = _until(closing, events)
    return StreamingResponse(lasting, media_type="text/event-stream", headers=headers)


async def _until(
    closing: asyncio.Event, events: AsyncGenerator[bytes, None]
) -> AsyncGenerator[bytes, None]:
    closed = asyncio.create_task(closing.wait())
    following: asyncio.Task[bytes] | None = None
    try:
        while True:
            following = asyncio.create_task(_next(events))
            await asyncio.wait({following, closed}, return_when=asyncio.FIRST_COMPLETED)
            if not following.done():
                return
            yield following.result()
    except StopAsyncIteration:
        return
    finally:
        closed.cancel()
        if following is not None and not following.done():
            following.cancel()
            await asyncio.wait({following})
        await events.aclose()


async def _next(events: AsyncGenerator[bytes, None]) -> bytes:
    return await anext(events)
