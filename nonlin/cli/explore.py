"""``nonlin explore``: the page in the browser, served from this machine to this machine."""

import argparse
import os
import socket
import sys
import threading
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nonlin.cli.errors import WRONG_USAGE, CommandError, reason
from nonlin.messages import text

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from uvicorn import Server

__all__ = ["add_arguments", "run"]

HOST = "127.0.0.1"
PORT = 8417
# Threads hand the interpreter on this often: a proof in the background does not hold a slider up.
SWITCH_SECONDS = 0.001


def add_arguments(parser: argparse.ArgumentParser, lang: str) -> None:
    """Declare the command's arguments, described in a language."""
    parser.add_argument(
        "log", nargs="?", type=Path, metavar="RUN", help=text("cli.explore.help.log", lang)
    )
    parser.add_argument(
        "--port", type=int, metavar="N", help=text("cli.explore.help.port", lang, port=PORT)
    )
    parser.add_argument(
        "--host",
        default=HOST,
        metavar="ADDRESS",
        help=text("cli.explore.help.host", lang, host=HOST),
    )
    parser.add_argument(
        "--no-browser", action="store_true", help=text("cli.explore.help.no_browser", lang)
    )


def run(arguments: argparse.Namespace, lang: str) -> int:
    """Serve the explorer until Ctrl-C.

    Parameters
    ----------
    arguments : argparse.Namespace
        With `log`, `port`, `host`, `no_browser`.
    lang : str

    Returns
    -------
    int
        Exit code.

    Raises
    ------
    CommandError
        If the port cannot be had, or the log cannot be read.
    """
    from nonlin.explorer import create_app
    from nonlin.explorer.api.catalogue import catalogue

    log = _readable(arguments.log, lang)
    listening = _listen(arguments.host, arguments.port, lang)
    port = listening.getsockname()[1]
    chosen = lang if hasattr(arguments, "lang") else None
    server = _server(create_app(port, chosen, log))
    address = f"http://{HOST}:{port}/" + ("?view=examine&follow=1" if log else "")
    print(text("cli.explore.address", lang, address=address), flush=True)
    print(text("cli.explore.stop", lang), file=sys.stderr, flush=True)
    # What the first page needs takes half a second: it is ready when the browser is.
    threading.Thread(target=catalogue, args=(lang,), daemon=True).start()
    if not arguments.no_browser:
        threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
    sys.setswitchinterval(SWITCH_SECONDS)
    try:
        server.run(sockets=[listening])
    except KeyboardInterrupt:
        pass
    finally:
        listening.close()
    return 0


def _server(app: "Starlette") -> "Server":
    import uvicorn

    class Server(uvicorn.Server):
        def handle_exit(self, sig: int, frame: Any) -> None:
            """End the streams too: each would go on for as long as its reader stays."""
            app.state.closing.set()
            super().handle_exit(sig, frame)

    return Server(
        uvicorn.Config(
            app,
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=3,
        )
    )


def _listen(host: str, port: int | None, lang: str) -> socket.socket:
    """Take the port that was asked for; the usual one, or any that is free, where none was."""
    if port is not None and not 0 <= port <= 65_535:
        raise CommandError(text("cli.explore.no_port", lang, port=port), WRONG_USAGE)
    for wanted in (PORT, 0) if port is None else (port,):
        try:
            return _listening(host, wanted)
        except OSError as error:
            refused = error
    fields = {"port": PORT if port is None else port, "reason": reason(refused, lang)}
    raise CommandError(text("cli.explore.taken", lang, **fields)) from refused


def _listening(host: str, port: int) -> socket.socket:
    # asyncio turns the delay of small packets off for sockets that say they are TCP, which those of
    # `socket.create_server` do not: each answer would come 40 ms later.
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((host, port))
        made.listen()
    except OSError:
        made.close()
        raise
    return made


def _readable(log: Path | None, lang: str) -> Path | None:
    if log is None:
        return None
    try:
        with log.open("rb"):
            pass
        from nonlin.torch.runs.log import LogError, require_log
    except OSError as error:
        fields = {"path": log, "reason": reason(error, lang)}
        raise CommandError(text("cli.unreadable", lang, **fields)) from error
    except ImportError:
        return log  # the page says which package it takes to read it
    try:
        require_log(log)
    except LogError as error:
        sentence = text("doctor_command.no_log", lang, file=log, reason=error)
        raise CommandError(sentence, WRONG_USAGE) from error
    return log
