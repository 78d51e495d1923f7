"""``nonlin explore``: where it listens, how it ends, and what goes on while it runs."""

import json
import re
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from sample_log import write_log

from nonlin.cli import main
from nonlin.cli.explore import PORT
from nonlin.messages import languages, text

# Seconds; a guard against what never comes, on a busy machine.
PATIENCE = 300.0


@contextmanager
def exploring(folder, *arguments, path=""):
    """Start the command, give the process and the address it prints first."""
    command = [sys.executable, "-m", "nonlin", "explore", "--no-browser", "--lang", "en"]
    process = subprocess.Popen(
        [*command, *arguments],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        first = process.stdout.readline()
        found = re.fullmatch(r"The explorer is at (http://127\.0\.0\.1:\d+/)(\S*)\n", first)
        assert found, first + process.stderr.read()
        assert found[2] == path
        yield process, found[1]
    finally:
        process.kill()
        process.communicate()


def asked(address):
    with urlopen(address, timeout=PATIENCE) as answer:
        return json.load(answer)


def eventually(condition):
    late = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < late
        time.sleep(0.05)


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    with exploring(tmp_path_factory.mktemp("explored"), "--port", "0") as found:
        yield found


def test_it_answers_at_the_address_it_prints(running):
    _, address = running
    assert asked(f"{address}api/curve?f=relu&points=2")["curves"][0]["value"] == [0.0, 5.0]


def test_another_name_for_it_is_refused(running):
    _, address = running
    with pytest.raises(HTTPError, match="403"):
        urlopen(Request(f"{address}api/schema", headers={"Host": "example.org"}), timeout=PATIENCE)


def test_it_does_not_listen_to_other_machines(running):
    _, address = running
    port = int(address.rsplit(":", 1)[1].strip("/"))
    # Another address of this very machine, which a server on 0.0.0.0 would answer.
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.2", port), timeout=PATIENCE)


def test_a_race_ends_when_its_viewer_goes(running):
    _, address = running
    race = f"{address}api/race/stream?f=relu"
    streams = [urlopen(f"{race}&seed={seed}", timeout=PATIENCE) for seed in range(4)]
    for stream in streams:
        assert stream.readline() == b"event: start\n"
    with pytest.raises(HTTPError, match="429"):
        urlopen(race, timeout=PATIENCE)
    for stream in streams:
        stream.close()

    def free():
        try:
            urlopen(race, timeout=PATIENCE).close()
        except HTTPError:
            return False
        return True

    eventually(free)


def test_a_race_is_led_by_its_viewer(running):
    _, address = running
    with urlopen(f"{address}api/race/stream?f=relu&paused=1", timeout=PATIENCE) as stream:

        def event():
            name, data, _ = (stream.readline().decode() for _ in range(3))
            return name[7:-1], json.loads(data[6:])

        def act(action, **fields):
            body = json.dumps({"action": action, **fields}).encode()
            control = f"{address}api/race/{started['id']}/control"
            urlopen(Request(control, body), timeout=PATIENCE).close()

        _, started = event()
        assert event()[1]["step"] == 0
        act("step")
        assert event()[1]["step"] == 1
        act("speed", speed=10)
        act("resume")
        assert event()[1]["step"] == 2
        act("pause")


def test_slow_questions_do_not_hold_quick_ones_up(running):
    _, address = running
    slow = [f"{address}api/network?f={name}&width=1024&depth=60" for name in ("mish", "gelu")]
    with ThreadPoolExecutor(2) as viewers:
        waiting = [viewers.submit(asked, each) for each in slow]
        for alpha in range(1, 21):
            asked(f"{address}api/curve?f=elu(alpha={alpha / 10})&points=101")
        # A slow one computes thirty times as long as the quick ones together.
        assert not any(each.done() for each in waiting)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such signal")
def test_ctrl_c_ends_it_cleanly_even_in_the_middle_of_a_race(tmp_path):
    with exploring(tmp_path, "--port", "0") as (process, address):
        stream = urlopen(f"{address}api/race/stream?f=relu&f=tanh&steps=100000", timeout=PATIENCE)
        assert stream.readline() == b"event: start\n"
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0
        assert (out, err) == ("", f"{text('cli.explore.stop', 'en')}\n")


def test_a_log_is_opened_and_followed(tmp_path):
    write_log(tmp_path / "run.jsonl", deaths=(0, 3))
    with exploring(tmp_path, "run.jsonl", "--port", "0", path="?view=examine&follow=1") as found:
        _, address = found
        with urlopen(f"{address}api/examine/follow?lang=en", timeout=PATIENCE) as stream:
            assert stream.readline() == b"event: examination\n"
            assert json.loads(stream.readline()[6:])["steps"] == [0, 100]


@pytest.mark.parametrize("lang", languages())
def test_a_file_that_is_no_log_is_refused_at_once(tmp_path, capsys, lang):
    file = tmp_path / "notes.md"
    file.write_text("# A text\n", encoding="utf-8")
    assert main(["explore", str(file), "--lang", lang]) == 2
    said = capsys.readouterr().err
    assert text("doctor_command.no_log", lang, file=file, reason="line 1 is not JSON") in said


def test_a_free_port_is_taken_where_the_usual_one_is_not(tmp_path):
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            other.bind(("127.0.0.1", PORT))
            other.listen()
        except OSError:
            pass  # somebody else has it: all the better
        with exploring(tmp_path) as (_, address):
            assert f":{PORT}/" not in address
            assert asked(f"{address}api/schema")["openapi"] == "3.1.0"


def test_a_port_that_was_asked_for_is_not_changed(capsys):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert main(["explore", "--no-browser", "--port", str(port), "--lang", "en"]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(f"nonlin: cannot listen on port {port}: ")


def test_in_a_container_it_listens_to_the_published_port(tmp_path):
    """Other addresses reach the socket then, and are refused if a browser names them."""
    with exploring(tmp_path, "--host", "0.0.0.0", "--port", "0") as (_, address):
        assert address.startswith("http://127.0.0.1:")
        assert asked(f"{address}api/schema")["openapi"] == "3.1.0"
        named = Request(f"{address}api/schema", headers={"Host": "example.org"})
        with pytest.raises(HTTPError, match="403"):
            urlopen(named, timeout=PATIENCE)


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["--port", "70000"], 2, "a port lies between 0 and 65535, not 70000"),
        (["none.jsonl"], 1, "cannot read 'none.jsonl'"),
    ],
)
def test_what_cannot_be_done_is_said(capsys, tmp_path, monkeypatch, arguments, code, sentence):
    monkeypatch.chdir(tmp_path)
    assert main(["explore", "--no-browser", "--lang", "en", *arguments]) == code
    assert sentence in capsys.readouterr().err


@pytest.mark.parametrize("missing", ["starlette", "uvicorn"])
def test_what_is_missing_is_named_with_its_extra(missing, tmp_path):
    code = (
        f"import sys; sys.modules[{missing!r}] = None\n"
        "from nonlin.cli import main\n"
        "sys.exit(main(['explore', '--no-browser', '--port', '0', '--lang', 'en']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 1
    assert f"this needs the package '{missing}'" in done.stderr
    assert "nonlin[explore]" in done.stderr
