import csv
import logging
import warnings
from pathlib import Path

import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

with warnings.catch_warnings():
    # What Lightning's own imports warn of is not ours.
    warnings.simplefilter("ignore")
    from lightning import pytorch as lightning
    from lightning.pytorch.loggers import CSVLogger

from nonlin.torch.lightning import MonitorCallback
from nonlin.torch.runs import load

DATA = torch.Generator().manual_seed(1)
INPUTS, TARGETS = torch.randn(64, 6, generator=DATA), torch.randn(64, 1, generator=DATA)


class Regression(lightning.LightningModule):
    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.net = nn.Sequential(
            nn.Linear(6, 16), nn.ReLU(), nn.Dropout(0.1), nn.Linear(16, 1)
        )  # fmt: skip

    def forward(self, x):
        return self.net(x)

    def training_step(self, batch, _):
        return nn.functional.mse_loss(self(batch[0]), batch[1])

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.01)


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    monkeypatch.setattr(logging.getLogger("lightning.pytorch"), "level", logging.ERROR)


def fit(folder, callbacks, steps=12, module=None, **settings):
    module = Regression() if module is None else module
    logger = CSVLogger(str(folder), flush_logs_every_n_steps=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        trainer = lightning.Trainer(
            max_steps=steps,
            callbacks=callbacks,
            logger=logger,
            accelerator="cpu",
            enable_progress_bar=False,
            enable_model_summary=False,
            enable_checkpointing=False,
            **settings,
        )
        torch.manual_seed(0)
        trainer.fit(module, DataLoader(TensorDataset(INPUTS, TARGETS), 8))
    return module, trainer, logger


def callback(**settings):
    return MonitorCallback((INPUTS, TARGETS), nn.functional.mse_loss, every=4, **settings)


def test_readings_follow_the_trainers_steps(tmp_path):
    watch = callback(log=tmp_path / "run.jsonl")
    _, trainer, logger = fit(tmp_path, [watch])
    assert trainer.global_step == 12
    found = load(tmp_path / "run.jsonl")
    assert [each.step for each in found.snapshots] == [0, 4, 8, 12]
    assert [site["name"] for site in found.structure.sites] == ["net.1"]
    assert watch.monitor.run.last.layers[0].update_ratio > 0
    written = Path(logger.log_dir, "metrics.csv").read_text(encoding="utf-8")
    rows = [row for row in csv.DictReader(written.splitlines()) if row.get("nonlin/loss")]
    assert [int(row["step"]) for row in rows] == [0, 4, 8, 12]
    assert float(rows[-1]["nonlin/loss"]) == pytest.approx(found.last.loss, rel=1e-5)


def test_the_training_is_bit_for_bit_the_same(tmp_path):
    alone, *_ = fit(tmp_path / "a", [])
    watched, *_ = fit(tmp_path / "b", [callback()])
    for name, value in alone.state_dict().items():
        assert torch.equal(value, watched.state_dict()[name])


def test_accumulated_gradients_are_one_step(tmp_path):
    watch = callback()
    fit(tmp_path, [watch], steps=8, accumulate_grad_batches=2)
    assert [each.step for each in watch.monitor.run.snapshots] == [0, 4, 8]


def test_an_error_ends_the_training(tmp_path):
    class Kill(lightning.Callback):
        def on_train_batch_start(self, trainer, pl_module, *_):
            if trainer.global_step == 2:
                with torch.no_grad():
                    pl_module.net[0].bias -= 100.0

    _, trainer, _ = fit(tmp_path, [Kill(), callback(stop_on="error")], steps=40)
    assert trainer.global_step == 4


class Adversaries(lightning.LightningModule):
    """Two optimizers, taken by hand; noise of its own, and what it remembers."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.automatic_optimization = False
        self.one = nn.Sequential(nn.Linear(6, 8), nn.Tanh())
        self.two = nn.Linear(8, 1)
        self.noise, self.memory = torch.Generator().manual_seed(0), [torch.zeros(8)]

    def forward(self, x):
        h = self.one(x)
        self.memory[0].lerp_(h.detach().mean(0), 0.1)
        return self.two(h + self.memory[0] + 0.1 * torch.randn(8, generator=self.noise))

    def training_step(self, batch, _):
        loss = nn.functional.mse_loss(self(batch[0]), batch[1])
        for optimizer in self.optimizers():
            optimizer.zero_grad()
        self.manual_backward(loss)
        for optimizer in self.optimizers():
            optimizer.step()

    def configure_optimizers(self):
        return [
            torch.optim.Adam(self.one.parameters()),
            torch.optim.SGD(self.two.parameters(), lr=0.01),
        ]


def test_all_optimizers_are_asked_and_nothing_changes(tmp_path):
    watch = MonitorCallback((INPUTS, TARGETS), nn.functional.mse_loss, every=5)
    watched, *_ = fit(tmp_path / "b", [watch], module=Adversaries())
    alone, *_ = fit(tmp_path / "a", [], module=Adversaries())
    for name, value in alone.state_dict().items():
        assert torch.equal(value, watched.state_dict()[name])
    # Each batch is a step of both.
    assert [each.step for each in watch.monitor.run.snapshots] == [0, 6, 10]
    for snapshot in watch.monitor.run.snapshots:
        assert all(layer.update_ratio > 0 for layer in snapshot.layers)
        assert "stuck_layer" not in {each.kind for each in snapshot.findings}


class Gan(lightning.LightningModule):
    """A generator and a discriminator, each with an optimizer of its own, trained in turn."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.automatic_optimization = False
        self.generator = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 6))
        self.discriminator = nn.Sequential(nn.Linear(6, 16), nn.LeakyReLU(0.2), nn.Linear(16, 1))

    def forward(self, noise):
        return self.discriminator(self.generator(noise))

    def training_step(self, batch, _):
        for_generator, for_discriminator = self.optimizers()
        real, loss = batch[0], nn.functional.binary_cross_entropy_with_logits
        noise = torch.randn(len(real), 4)
        one, zero = torch.ones(len(real), 1), torch.zeros(len(real), 1)
        self.toggle_optimizer(for_generator)
        for_generator.zero_grad()
        self.manual_backward(loss(self(noise), one))
        for_generator.step()
        self.untoggle_optimizer(for_generator)
        self.toggle_optimizer(for_discriminator)
        for_discriminator.zero_grad()
        made = self.discriminator(self.generator(noise).detach())
        self.manual_backward(loss(self.discriminator(real), one) + loss(made, zero))
        for_discriminator.step()
        self.untoggle_optimizer(for_discriminator)

    def configure_optimizers(self):
        betas = (0.5, 0.999)
        return [
            torch.optim.Adam(self.generator.parameters(), lr=1e-3, betas=betas),
            torch.optim.Adam(self.discriminator.parameters(), lr=1e-3, betas=betas),
        ], []


def test_a_gan_with_two_optimizers_is_seen_whole(tmp_path):
    probe = torch.randn(64, 4, generator=DATA), torch.ones(64, 1)
    watch = MonitorCallback(probe, nn.functional.binary_cross_entropy_with_logits, every=8)
    watched, *_ = fit(tmp_path / "b", [watch], steps=16, module=Gan())
    alone, *_ = fit(tmp_path / "a", [], steps=16, module=Gan())
    for name, value in alone.state_dict().items():
        assert torch.equal(value, watched.state_dict()[name])
    run = watch.monitor.run
    assert [each.step for each in run.snapshots] == [0, 8, 16]
    assert [x["name"] for x in run.structure.layers] == [
        "generator.0", "generator.2", "discriminator.0", "discriminator.2",
    ]  # fmt: skip
    # Adam moves a weight by its rate at most in the first steps: a thousandth, of weights that are
    # drawn from within half of a unit.
    for snapshot in run.snapshots:
        assert all(1e-4 < layer.update_ratio < 0.1 for layer in snapshot.layers)
        assert "stuck_layer" not in {each.kind for each in snapshot.findings}
