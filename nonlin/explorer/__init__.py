"""The explorer: a local page, and an API under it that every number on the page comes from."""

try:
    import starlette as _starlette  # noqa: F401
except ImportError as error:
    from nonlin.extras import missing_package

    raise ImportError(missing_package("starlette")) from error

from nonlin.explorer.server import create_app

__all__ = ["create_app"]
