"""Trials of learning rates: what they leave alone, what they tell, and how they are told."""

import copy
import json
import math
from dataclasses import replace

import pytest
import torch
from hand_made_readings import idle, network, units, with_site
from planted_findings import tried
from torch import nn

from nonlin.torch import Exam, examine
from nonlin.torch.findings import findings
from nonlin.torch.findings.rates import fit_factor
from nonlin.torch.mending import ladder
from nonlin.torch.wording import describe

LOSS = nn.functional.cross_entropy


def case(rate=1e-3, kind=torch.optim.SGD, **options):
    torch.manual_seed(0)
    x = torch.randn(64, 16)
    y = (x @ torch.randn(16, 4)).argmax(1)
    model = nn.Sequential(nn.Linear(16, 24), nn.ReLU(), nn.Dropout(0.2), nn.Linear(24, 4))
    return model, x, y, kind(model.parameters(), lr=rate, **options)


def trial_of(model, x, y, optimizer, steps=12, loss=LOSS):
    return examine(model, x, y, loss, optimizer=optimizer, trial=steps)


def judged(**changed):
    made = tried({0.1: 1.0, 1.0: 1.0, 10.0: 1.0}, **changed)
    return [x for x in findings(replace(network(), trial=made)) if x.kind == "learning_rate"]


def test_a_trial_trains_as_a_user_would():
    model, x, y, optimizer = case(0.05)
    row = trial_of(model, x, y, optimizer).reading.trial
    own = row.losses[row.factors.index(1.0)]
    for place in range(13):
        torch.manual_seed(place)
        optimizer.zero_grad()
        loss = LOSS(model(x), y)
        assert own[place] == float(loss.detach())
        loss.backward()
        optimizer.step()


def test_nothing_of_the_users_is_changed():
    model, x, y, optimizer = case(0.1, momentum=0.9)

    def penalized(outputs, targets):
        # It reaches the user's own parameters, and not the copies'.
        return LOSS(outputs, targets) + 1e-3 * sum(p.pow(2).sum() for p in model.parameters())

    penalized(model(x), y).backward()
    optimizer.step()
    torch.optim.lr_scheduler.StepLR(optimizer, 5)
    before = copy.deepcopy((model.state_dict(), optimizer.state_dict()))
    grads = [p.grad.clone() for p in model.parameters()]
    states, mode = torch.get_rng_state(), model.training
    trial_of(model, x, y, optimizer, loss=penalized)
    for name, value in model.state_dict().items():
        assert torch.equal(value, before[0][name])
    assert str(optimizer.state_dict()) == str(before[1])
    assert all(torch.equal(p.grad, g) for p, g in zip(model.parameters(), grads, strict=True))
    assert torch.equal(torch.get_rng_state(), states)
    assert model.training is mode


def test_the_same_trial_twice_is_the_same():
    first, again = (trial_of(*case()).reading.trial for _ in range(2))
    assert first == again


def test_batches_are_gone_through_in_turn():
    model, x, y, optimizer = case()
    loader = [(x[:32], y[:32]), (x[32:], y[32:])]
    made = examine(model, loader, None, LOSS, optimizer=optimizer, trial=10).reading.trial
    assert made.batches == 2
    whole = examine(model, loader[:1], None, LOSS, optimizer=optimizer, trial=10).reading.trial
    assert made.still[0] == whole.still[0]
    assert made.still[1] != whole.still[1]


def test_all_groups_and_optimizers_are_scaled_and_schedules_tried_at_their_highest():
    torch.manual_seed(0)
    model, x, y, _ = case()
    one = torch.optim.SGD([{"params": model[0].parameters(), "lr": 0.4}], lr=1.0)
    two = torch.optim.Adam(model[3].parameters(), lr=0.01)
    torch.optim.lr_scheduler.LinearLR(one, 0.25, total_iters=100)
    made = trial_of(model, x, y, [one, two]).reading.trial
    assert (made.rate, made.share) == (0.4, 0.25)
    assert (one.param_groups[0]["lr"], two.param_groups[0]["lr"]) == (0.1, 0.01)


def test_an_optimizer_that_computes_the_loss_itself_is_tried():
    made = trial_of(*case(0.5, torch.optim.LBFGS, max_iter=2))
    assert len(made.reading.trial.losses[0]) == 13
    assert made.reading.trial.losses[made.reading.trial.factors.index(1.0)][-1] < 1.3


@pytest.mark.parametrize(
    ("steps", "optimizer", "error", "said"),
    [
        (5, True, ValueError, "at least 10"),
        (-1, True, ValueError, "at least 10"),
        (2.5, True, TypeError, "number of steps"),
        (True, True, TypeError, "number of steps"),
        (20, False, ValueError, "give optimizer="),
    ],
)
def test_wrong_arguments(steps, optimizer, error, said):
    model, x, y, given = case()
    with pytest.raises(error, match=said):
        examine(model, x, y, LOSS, optimizer=given if optimizer else None, trial=steps)


def test_what_cannot_be_tried_is_one_note():
    model, x, y, optimizer = case(0.0)
    exam = trial_of(model, x, y, optimizer)
    assert [note.key for note in exam.reading.notes] == ["trial_rate"]
    assert exam.reading.trial is None
    assert "Learning rates were not tried" in str(exam) or "학습률" in str(exam)


def test_an_interruption_keeps_what_is_known(monkeypatch):
    calls = []

    def counted(*arguments):
        calls.append(arguments)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return 0.0

    monkeypatch.setattr(ladder, "silent_share", counted)
    exam = trial_of(*case(1e-6))
    assert exam.reading.trial.factors == (1.0,)
    assert [note.key for note in exam.reading.notes] == ["trial_stopped"]


def test_a_trial_is_in_the_json_and_an_old_file_has_none():
    exam = trial_of(*case(1e6))
    read = Exam.from_json(exam.to_json())
    assert str(read.reading.trial) == str(exam.reading.trial)  # NaN is not equal to itself
    assert [str(x) for x in read.findings] == [str(x) for x in exam.findings]
    content = json.loads(exam.to_json())
    del content["reading"]["trial"]
    assert Exam.from_json(json.dumps(content)).reading.trial is None


def test_after_nan_the_rate_is_the_root_and_the_remedy_does_not_repeat_it():
    model, x, y, optimizer = case(1e6)
    for _ in range(6):
        optimizer.zero_grad()
        LOSS(model(x), y).backward()
        optimizer.step()
    assert not all(bool(p.isfinite().all()) for p in model.parameters())
    exam = trial_of(model, x, y, optimizer)
    assert [(f.kind, f.cause, f.caused_by) for f in exam.findings][:2] == [
        ("learning_rate", "diverging", None), ("non_finite", "weights", "optimizer"),
    ]  # fmt: skip
    best = exam.remedies()[0]
    assert (best.key, best.outcome) == ("rate_anew", "cured")
    assert math.isfinite(best.losses[1])
    best.apply(model)
    assert optimizer.param_groups[0]["lr"] < 1e6
    for _ in range(20):
        optimizer.zero_grad()
        LOSS(model(x), y).backward()
        optimizer.step()
    assert float(LOSS(model(x), y).detach()) < math.log(4)


@pytest.mark.parametrize("rate", [1e-7, 1e4])
def test_the_remedy_sets_the_rate_that_got_further(rate):
    model, x, y, optimizer = case(rate)
    exam = trial_of(model, x, y, optimizer, 20)
    best = next(x for x in exam.remedies() if x.key == "set_rate")
    assert best.outcome == "cured"
    best.apply(model)
    assert 1e-2 <= optimizer.param_groups[0]["lr"] <= 10.0
    assert [f for f in trial_of(model, x, y, optimizer, 20).findings
            if f.kind == "learning_rate"] == []  # fmt: skip


def test_the_lowest_rate_that_gets_half_as_far_fits():
    # Falls of 0.1, 0.7, 1.3 and 1.2 of 2.3: half of the most is 0.65.
    made = tried({0.1: 2.2, 1.0: 1.6, 10.0: 1.0, 100.0: 1.1})
    assert fit_factor(made) == 1.0
    assert fit_factor(tried({1.0: 2.3, 10.0: 2.299})) is None


def test_of_rates_that_come_up_late_the_longer_trainings_tell():
    made = tried({0.01: 2.3, 0.1: 2.3, 1.0: 2.3})
    longer = [(2.3,) * 21 + (last,) * 20 for last in (1.0, 0.5, 2.3)]
    made = replace(made, losses=tuple(longer), still=(2.3,) * 41)
    assert fit_factor(made) == 0.01
    alone = {name: getattr(made, name)[2:] for name in ("losses", "factors", "silent")}
    assert fit_factor(replace(made, **alone)) is None


def test_a_model_that_has_learnt_may_have_a_small_rate():
    low = {1.0: 0.5, 100.0: 0.1}
    for guess, count in ((5.0, 0), (0.5, 1)):
        made = tried(low, start=0.5, guess=guess)
        found = findings(replace(network(), trial=made))
        assert len([x for x in found if x.kind == "learning_rate"]) == count


def test_a_model_at_its_floor_is_not_accused():
    # 0.001 goes to 0.05 and stays at a hundredth of what guessing gives.
    made = tried({0.1: 0.001, 1.0: 0.05}, start=0.001, guess=5.0)
    assert [x for x in findings(replace(network(), trial=made)) if x.kind == "learning_rate"] == []


def test_layers_behind_branches_that_begin_at_0_do_not_make_steps_small():
    plain, trial = network(), tried({1.0: 2.25, 100.0: 1.0})
    own = [{"update_ratio": 1e-2}] + 3 * [{"update_ratio": 5e-5, "weight_gradient_rms": 0.0}]
    zero = tuple(replace(x, **y) for x, y in zip(plain.layers, own, strict=True))
    slow = tuple(replace(x, update_ratio=5e-5) for x in plain.layers)
    for layers, said in ((zero, []), (slow, ["creeping"])):
        found = findings(replace(plain, layers=layers, trial=trial))
        assert [x.cause for x in found if x.kind == "learning_rate"] == said


def test_a_schedule_that_has_not_come_to_its_rate_makes_it_a_note():
    made = tried({0.1: 1.0, 1.0: float("nan")}, share=0.01)
    (finding,) = [x for x in findings(replace(network(), trial=made)) if x.kind == "learning_rate"]
    assert finding.severity == "note"
    assert "1% of it stands" in describe(finding, "en")


def test_units_that_a_rate_has_killed_follow_from_it():
    dead = with_site(network(), 1, units=idle(units(), list(range(40))))
    high = {0.1: 1.0, 1.0: 2.3}
    found = findings(replace(dead, trial=tried(high, stepped=True)))
    assert {x.kind: x.caused_by for x in found}["dead_units"] == "optimizer"
    # Those of first weights are not of its making.
    found = findings(replace(dead, trial=tried(high)))
    assert {x.kind: x.caused_by for x in found}["dead_units"] is None


@pytest.mark.parametrize(("rate", "said"), [(0.3, ["bouncing"]), (0.1, [])])
def test_a_momentum_is_tried_until_it_has_come_up(rate, said):
    torch.manual_seed(0)
    x = torch.randn(64, 16)
    y = (x @ torch.randn(16, 4)).argmax(1)
    model = nn.Sequential(nn.Linear(16, 24), nn.ReLU(), nn.Linear(24, 24), nn.ReLU(),
                          nn.Linear(24, 4))  # fmt: skip
    # It remembers 100 steps: after 20 the loss falls in both.
    optimizer = torch.optim.SGD(model.parameters(), lr=rate, momentum=0.99)
    exam = trial_of(model, x, y, optimizer, steps=20)
    assert [f.cause for f in exam.findings if f.kind == "learning_rate"] == said
    assert len(exam.reading.trial.still) == 200


def test_where_the_loss_falls_as_far_nothing_is_said():
    assert judged() == []
