"""Find links of the built site that lead nowhere: missing files, anchors that no page has."""

from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

__all__ = ["broken"]

ADDRESSES = {"a": "href", "link": "href", "img": "src", "script": "src", "source": "src"}


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[tuple[str, str]] = []
        self.anchors: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.anchors.update(value for key in ("id", "name") if (value := given.get(key)))
        address = given.get(ADDRESSES.get(tag, ""))
        if address:
            self.addresses.append((tag, address))


@cache
def _read(path: Path) -> _Page:
    page = _Page()
    page.feed(path.read_text("utf-8"))
    return page


def _has(path: Path, place: str) -> bool:
    return not place or place in _read(path).anchors


def broken(site: Path) -> Iterator[str]:
    """Name every internal link that leads nowhere, and everything a page fetches from elsewhere."""
    for path in sorted(site.rglob("*.html")):
        for tag, address in _read(path).addresses:
            parts = urlsplit(address)
            if parts.scheme or parts.netloc:
                if tag not in ("a",) and parts.scheme != "data" and "canonical" not in address:
                    yield f"{path.relative_to(site)} fetches {address}"
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if target.is_dir():
                target /= "index.html"
            if not target.is_file():
                yield f"{path.relative_to(site)}: no file {address}"
            elif target.suffix == ".html" and not _has(target, unquote(parts.fragment)):
                yield f"{path.relative_to(site)}: no place {address}"
