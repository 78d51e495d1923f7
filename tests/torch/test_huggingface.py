import warnings

import pytest
import torch

with warnings.catch_warnings():
    # What Transformers' own imports warn of is not ours.
    warnings.simplefilter("ignore")
    from transformers import (
        DistilBertConfig,
        DistilBertForSequenceClassification,
        Trainer,
        TrainerCallback,
        TrainingArguments,
    )

from nonlin.torch.huggingface import MonitorCallback
from nonlin.torch.runs import load

DATA = torch.Generator().manual_seed(1)
TOKENS = torch.randint(1, 50, (48, 8), generator=DATA)
LABELS = TOKENS[:, 0] % 3
PROBE = {"input_ids": TOKENS[:16], "labels": LABELS[:16]}


def model():
    torch.manual_seed(0)
    config = DistilBertConfig(
        vocab_size=50, dim=16, n_layers=2, n_heads=2, hidden_dim=32, num_labels=3,
        max_position_embeddings=16,
    )  # fmt: skip
    return DistilBertForSequenceClassification(config)


def fit(folder, callbacks, steps=12, network=model, optimizer=None, **settings):
    rows = [
        {"input_ids": tokens, "labels": label} for tokens, label in zip(TOKENS, LABELS, strict=True)
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        arguments = TrainingArguments(
            output_dir=str(folder),
            max_steps=steps,
            per_device_train_batch_size=8,
            report_to="none",
            save_strategy="no",
            disable_tqdm=True,
            use_cpu=True,
            seed=3,
            **settings,
        )
        trained = network()
        given = {} if optimizer is None else {"optimizers": (optimizer(trained), None)}
        trainer = Trainer(trained, arguments, train_dataset=rows, callbacks=callbacks, **given)
        trainer.train()
    return trainer


def test_readings_follow_the_trainers_steps(tmp_path):
    watch = MonitorCallback(PROBE, every=4, log=tmp_path / "run.jsonl")
    fit(tmp_path, [watch])
    found = load(tmp_path / "run.jsonl")
    assert [each.step for each in found.snapshots] == [0, 4, 8, 12]
    # A feed-forward GELU in each of the two blocks and the head's ReLU.
    activations = [site["activation"] for site in found.structure.sites]
    assert activations == ["nl.gelu", "nl.gelu", "nl.relu"]
    assert [site["units"] for site in found.structure.sites] == [32, 32, 16]
    # Three classes and small first weights: close to ln 3.
    assert found.snapshots[0].loss == pytest.approx(1.0986, abs=0.05)
    assert all(layer.update_ratio is not None for layer in found.last.layers)


def test_the_training_is_bit_for_bit_the_same(tmp_path):
    alone = fit(tmp_path / "a", []).model.state_dict()
    watched = fit(tmp_path / "b", [MonitorCallback(PROBE, every=3)]).model.state_dict()
    for name, value in alone.items():
        assert torch.equal(value, watched[name])


class Kill(TrainerCallback):
    def on_step_begin(self, args, state, control, **given):
        if state.global_step == 2:
            with torch.no_grad():
                given["model"].pre_classifier.bias -= 100.0


def test_an_error_ends_the_training(tmp_path):
    watch = MonitorCallback(PROBE, every=4, stop_on="error")
    trainer = fit(tmp_path, [Kill(), watch], steps=40)
    assert trainer.state.global_step == 4
    assert "dead_units" in {each.kind for each in watch.monitor.findings}


def test_a_healthy_training_is_not_ended(tmp_path):
    trainer = fit(tmp_path, [MonitorCallback(PROBE, every=2, stop_on="error")], steps=6)
    assert trainer.state.global_step == 6


class Noisy(DistilBertForSequenceClassification):
    """Draws from a generator of its own, and counts."""

    def __init__(self, config):
        super().__init__(config)
        self.noise, self.calls, self.seen = torch.Generator().manual_seed(0), 0, {}

    def forward(self, input_ids=None, labels=None):
        self.calls += 1
        result = super().forward(input_ids=input_ids, labels=labels)
        self.seen.setdefault("mean", torch.zeros(())).lerp_(result.logits.detach().mean(), 0.1)
        noise = torch.randn((), generator=self.noise)
        return {"loss": result.loss * (1 + 0.1 * noise + 0.01 * self.calls + self.seen["mean"])}


def noisy():
    torch.manual_seed(0)
    return Noisy(model().config)


def test_noise_and_memories_of_the_models_own_do_not_change(tmp_path):
    alone = fit(tmp_path / "a", [], network=noisy).model
    watched = fit(tmp_path / "b", [MonitorCallback(PROBE, every=3)], network=noisy).model
    assert alone.calls == watched.calls == 12
    for name, value in alone.state_dict().items():
        assert torch.equal(value, watched.state_dict()[name])


@pytest.mark.parametrize("kind", ["linear", "cosine", "constant_with_warmup"])
def test_a_warm_up_and_an_end_are_one_note(tmp_path, kind):
    watch = MonitorCallback(PROBE, every=4, stop_on="error")
    fit(tmp_path, [watch], steps=8, lr_scheduler_type=kind, warmup_steps=4)
    found = [
        [(x.severity, x.cause) for x in snapshot.findings if x.kind == "stuck_layer"]
        for snapshot in watch.monitor.run.snapshots
    ]
    assert [x.step for x in watch.monitor.run.snapshots] == [0, 4, 8]
    assert found[0] == [("note", "schedule")]
    assert found[1] == []
    assert found[2] == ([] if kind == "constant_with_warmup" else [("note", "schedule")])


class MuonAndAdamW(torch.optim.Optimizer):
    """Muon for the matrices of the blocks and AdamW for the rest, as the one that a Trainer takes.

    A schedule finds each one's groups in its own.
    """

    def __init__(self, network):
        named = list(network.named_parameters())
        inside = [p for name, p in named if p.ndim == 2 and ".layer." in name]
        rest = [p for _, p in named if all(p is not x for x in inside)]
        super().__init__(rest, {"lr": 1e-3})
        self.several = [
            torch.optim.Muon(inside, lr=0.02),
            torch.optim.AdamW(rest, lr=1e-3),
        ]
        self.param_groups = [group for each in self.several for group in each.param_groups]

    @torch.no_grad()
    def step(self, closure=None):
        for each in self.several:
            each.step()


def test_a_pair_of_optimizers_is_seen_whole_and_not_disturbed(tmp_path):
    settings = {"optimizer": MuonAndAdamW, "lr_scheduler_type": "constant"}
    alone = fit(tmp_path / "a", [], **settings).model.state_dict()
    watch = MonitorCallback(PROBE, every=4)
    watched = fit(tmp_path / "b", [watch], **settings).model.state_dict()
    assert all(torch.equal(value, watched[name]) for name, value in alone.items())
    last = watch.monitor.run.last
    named = zip(watch.monitor.run.structure.layers, last.layers, strict=True)
    ratios = {str(layer["name"]): state.update_ratio for layer, state in named}
    assert all(ratio is not None and ratio > 0 for ratio in ratios.values())
    # Muon's update is orthogonal: of 16 x 32 weights with a deviation of 0.02 a rate of 0.02 moves
    # more than a tenth, where Adam's thousandth moves a twentieth.
    inside = [ratio for name, ratio in ratios.items() if ".layer." in name]
    outside = [ratio for name, ratio in ratios.items() if ".layer." not in name]
    assert len(inside) == 12
    assert min(inside) > 2 * max(outside)
    assert "stuck_layer" not in {each.kind for each in watch.monitor.findings}
