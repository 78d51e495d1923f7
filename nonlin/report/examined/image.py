"""A raster of bytes as a PNG in a data URI."""

import base64
import struct
import zlib

import numpy as np
from numpy.typing import NDArray

__all__ = ["data_uri"]

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
