"""What is in use is called neither wrong nor doubtful, at first weights and after some training."""

import pytest
import torch
from healthy_losses import PAIRS

from nonlin.torch import examine

KINDS = ("output_mismatch", "unscaled_inputs")


def alarms(*case):
    found = examine(*case).findings
    return [(x.kind, x.cause) for x in found if x.kind in KINDS and x.severity != "note"]


def trained(model, inputs, targets, loss_fn, steps=20):
    optimizer = torch.optim.Adam(model.parameters(), 0.01)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        outputs = model(inputs)
        loss = loss_fn(outputs) if targets is None else loss_fn(outputs, targets)
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    return losses


@pytest.mark.parametrize("name", PAIRS)
def test_no_alarm(name):
    make, *data = PAIRS[name]
    torch.manual_seed(2)
    model = make()
    assert alarms(model, *data) == []
    losses = trained(model, *data)
    # Healthy is what learns.
    assert min(losses[-3:]) < losses[0]
    assert alarms(model, *data) == []
