"""Races: the points, the training, its pace, and what becomes of it when the viewer goes."""

import asyncio
import base64
import json
from itertools import pairwise

import numpy as np
import pytest
import torch
from asynchronous import OwnTime, finished

import nonlin as nl
from nonlin.explorer.race.pace import Pace
from nonlin.explorer.race.points import DATASETS, draw
from nonlin.explorer.race.race import Race
from nonlin.explorer.race.runner import Course
from nonlin.explorer.race.stream import Races
from nonlin.explorer.wrong import WrongRequestError
from nonlin.formula import from_formula

COURSE = Course(hidden=16, layers=2, rate=0.3, init="xavier", batch=32, seed=0)


def frames(text):
    """Give the events of a stream with their data."""
    blocks = (block.split("\n") for block in text.strip().split("\n\n"))
    return [(name[7:], json.loads(data[6:])) for name, data in blocks]


@pytest.mark.parametrize("dataset", DATASETS)
def test_points_are_standardised_and_half_of_each_class(dataset):
    points = draw(dataset, 3)
    assert points.places.mean(axis=0) == pytest.approx([0, 0], abs=1e-12)
    assert points.places.std(axis=0) == pytest.approx([1, 1])
    assert points.classes.mean() == 0.5


@pytest.mark.parametrize("dataset", DATASETS)
def test_no_line_separates_the_classes(dataset):
    points = draw(dataset, 0)
    design = np.column_stack([points.places, np.ones(len(points.places))])
    fit = np.linalg.lstsq(design, 2.0 * points.classes - 1.0, rcond=None)[0]
    assert np.mean((design @ fit > 0) == points.classes) < 0.9


def test_a_race_is_the_same_for_the_same_seed():
    functions = [("relu", nl.relu), ("tanh", nl.tanh)]
    races = [Race(functions, "moons", COURSE, 30) for _ in range(2)]
    for race in races:
        while not race.over:  # a turn ends early where it takes long
            race.advance(30)
    first, again = (race.advance(0) for race in races)
    assert first == again


def test_networks_of_a_race_start_from_the_same_weights():
    race = Race([("a", nl.relu), ("b", nl.relu)], "xor", COURSE, 10)
    a, b = race.advance(10)["runs"]
    assert {**a, "spec": "b"} == b


def test_a_network_learns_what_is_learnable():
    # Two layers of 16 tanh units get XOR right; without activations nobody beats a line's 3 of 4.
    race = Race([("tanh", nl.tanh), ("identity", nl.identity)], "xor", COURSE, 300)
    while not race.over:
        frame = race.advance(100)
    tanh, identity = (run["accuracy"] for run in frame["runs"])
    assert tanh > 0.97
    assert identity <= 0.76


def test_gradient_and_dead_units_are_those_of_the_weights():
    # With biases far below, no ReLU of the first layer ever passes anything on.
    race = Race([("relu", nl.relu)], "circles", COURSE, 1)
    (runner,) = race._runners
    with torch.no_grad():
        runner._hidden[0].bias.fill_(-100.0)
    (run,) = race.advance(0)["runs"]
    assert run["dead"][0] == 1.0
    assert run["gradient"][0] == 0.0


def test_answers_are_a_byte_a_place_of_the_grid():
    race = Race([("relu", nl.relu)], "circles", COURSE, 1)
    start = race.start()
    (run,) = race.advance(0)["runs"]
    bytes_ = base64.b64decode(run["boundary"])
    assert len(bytes_) == len(start["grid"]["x"]) * len(start["grid"]["y"])
    (runner,) = race._runners
    corner = torch.tensor([[start["grid"]["x"][-1], start["grid"]["y"][0]]], dtype=torch.float32)
    with torch.no_grad():
        expected = 255 * float(torch.sigmoid(runner._network(corner)))
    assert bytes_[len(start["grid"]["x"]) - 1] == pytest.approx(expected, abs=0.51)


def test_a_network_that_diverges_is_left_alone():
    course = Course(hidden=8, layers=3, rate=100.0, init="he", batch=32, seed=0)
    race = Race([("squared", from_formula("x*x"))], "circles", course, 50)
    (run,) = race.advance(50)["runs"]
    assert (run["loss"], run["accuracy"]) == (None, None)
    assert race.over


def test_the_thread_that_trained_keeps_subnormal_numbers():
    race = Race([("sigmoid", nl.sigmoid)], "circles", COURSE, 5)
    race.advance(5)
    assert float(torch.tensor([1e-40]) * 1.0) > 0.0


def test_a_stream_starts_shows_frames_and_ends(client):
    query = {"f": ["relu", "elu"], "steps": 30, "every": 10, "speed": 10000, "hidden": 4}
    answer = client.get("/api/race/stream", params=query)
    assert answer.headers["content-type"].startswith("text/event-stream")
    events = frames(answer.text)
    names = [name for name, _ in events]
    assert names == ["start", *["frame"] * (len(names) - 2), "end"]
    steps = [data["step"] for name, data in events if name == "frame"]
    assert (steps[0], steps[-1]) == (0, 30)
    assert all(0 < after - before <= 10 for before, after in pairwise(steps))
    assert len(client.app.state.races) == 0


def test_too_many_races_are_refused(client, refused):
    races = client.app.state.races
    names = [races.begin(Pace(1.0, 1, False)) for _ in range(4)]
    try:
        sentence = refused(429, "race/stream", f="relu")
    finally:
        for name in names:
            races.end(name)
    assert sentence == "4 races are running already; close one of them first"


def test_paused_races_leave_room_for_another(client):
    races = client.app.state.races
    paces = [Pace(1.0, 1, False) for _ in range(4)]
    names = [races.begin(pace) for pace in paces]
    try:
        for name in names:
            answer = client.post(f"/api/race/{name}/control", json={"action": "pause"})
            assert answer.status_code == 200
        query = {"f": "relu", "steps": 2, "every": 1, "speed": 10000, "hidden": 2, "layers": 1}
        answer = client.get("/api/race/stream", params=query)
        assert answer.status_code == 200
        assert frames(answer.text)[-1][0] == "end"
    finally:
        for name in names:
            races.end(name)


def test_one_that_starts_paused_is_shown_beside_those_that_run():
    races = Races()
    for _ in range(4):
        races.begin(Pace(1.0, 1, False))
    assert races.begin(Pace(1.0, 1, True))
    with pytest.raises(WrongRequestError, match="4 races are running already"):
        races.begin(Pace(1.0, 1, False))


def test_there_is_an_end_to_paused_ones_too():
    races = Races()

    def open_many():
        for _ in range(1000):
            races.begin(Pace(1.0, 1, True))

    with pytest.raises(WrongRequestError, match="open already"):
        open_many()


@pytest.mark.parametrize(
    "action",
    ["", "[]", "{}", '{"action": "run"}', '{"action": "speed"}', '{"action": ["step"]}',
     '{"action": "speed", "speed": 1e9}', '{"action": "speed", "speed": "nan"}', "[" * 900],
)  # fmt: skip
def test_a_wrong_action_is_refused(client, action):
    races = client.app.state.races
    name = races.begin(Pace(1.0, 1, True))
    answer = client.post(f"/api/race/{name}/control", content=action)
    races.end(name)
    assert answer.status_code == 400
    assert answer.json()["error"].startswith("an action is pause, resume, step or speed")


def test_a_race_that_is_over_cannot_be_controlled(client):
    answer = client.post("/api/race/none/control", json={"action": "pause"})
    assert (answer.status_code, answer.json()) == (404, {"error": "this race is over"})


def test_actions_are_bounded(client):
    races = client.app.state.races
    name = races.begin(Pace(1.0, 1, True))
    answer = client.post(f"/api/race/{name}/control", content=b" " * 2000)
    races.end(name)
    assert answer.status_code == 413


def test_a_paused_race_takes_single_steps_until_it_goes_on():
    async def turns():
        pace = Pace(speed=1000.0, every=7, paused=True)
        pace.step()
        pace.step()
        single = [await pace.turn(), await pace.turn()]
        waiting = asyncio.create_task(pace.turn())
        await asyncio.sleep(0.02)
        rested = not waiting.done()
        pace.resume()
        return single, rested, await waiting

    assert finished(turns()) == ([1, 1], True, 7)


def test_a_race_keeps_its_speed():
    async def elapsed():
        pace = Pace(speed=100.0, every=5, paused=False)
        clock = asyncio.get_running_loop().time
        start = clock()
        for _ in range(4):
            await pace.turn()
        return clock() - start

    # Three pauses of 5 / 100 s lie between four turns.
    assert finished(elapsed(), OwnTime) == pytest.approx(0.15, abs=1e-6)


def test_ids_are_forgotten():
    races = Races()
    name = races.begin(Pace(1.0, 1, False))
    races.end(name)
    races.end(name)
    with pytest.raises(WrongRequestError):
        races[name]
