"""Sequences without a cell: a neural equation, a state space, gated waves, Whisper, PatchTST."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn
from transformers import (
    PatchTSTConfig,
    PatchTSTForPrediction,
    WhisperConfig,
    WhisperForConditionalGeneration,
)

from doctor.data import moons, spoken, steps_ahead, tones
from doctor.families.pieces import Beside, Function, act, mean_over_words
from doctor.program import Program, accuracy, adam, explained, family


class Flow(nn.Module):
    """Four of Runge and Kutta's steps along a field that is learnt."""

    def __init__(self, width: int, name: str) -> None:
        super().__init__()
        self.field = nn.Sequential(nn.Linear(width, 64), act(name), nn.Linear(64, width))

    def forward(self, x: Tensor) -> Tensor:
        step = 0.25
        for _ in range(4):
            first = self.field(x)
            second = self.field(x + step / 2 * first)
            third = self.field(x + step / 2 * second)
            fourth = self.field(x + step * third)
            x = x + step / 6 * (first + 2 * second + 2 * third + fourth)
        return x


@family("D", "tanh", "relu", learns=0.93, chance=0.5, steps=200)
def neural_equation(variant: str) -> Program:
    """Tell two moons by where a differential equation takes their points."""
    model = nn.Sequential(nn.Linear(2, 8), Flow(8, variant), nn.Linear(8, 2))
    return Program(model, *moons(), F.cross_entropy, adam(model, 1e-2), accuracy, 400, out="2",
                   task="classes")  # fmt: skip


class Diagonal(nn.Module):
    """A diagonal state space for each channel, as one long convolution (S4D)."""

    def __init__(self, width: int, states: int = 16) -> None:
        super().__init__()
        low, high = math.log(0.01), math.log(0.3)
        self.log_step = nn.Parameter(low + (high - low) * torch.rand(width, 1))
        self.log_decay = nn.Parameter(torch.full((width, states), math.log(0.5)))
        self.turn = nn.Parameter(math.pi * torch.arange(states).float().repeat(width, 1))
        self.read = nn.Parameter(torch.randn(width, states, 2) * math.sqrt(0.5))
        self.skip = nn.Parameter(torch.randn(width))

    def forward(self, x: Tensor) -> Tensor:
        length = x.shape[1]
        rate = torch.complex(-self.log_decay.exp(), self.turn)
        moved = rate * self.log_step.exp()
        read = torch.view_as_complex(self.read) * (moved.exp() - 1) / rate
        powers = torch.exp(moved[..., None] * torch.arange(length))
        kernel = 2 * (read[..., None] * powers).sum(1).real
        whole = torch.fft.rfft(kernel, 2 * length) * torch.fft.rfft(x.transpose(1, 2), 2 * length)
        return torch.fft.irfft(whole, 2 * length)[..., :length].transpose(1, 2) + self.skip * x


@family("D", "gelu", "relu", learns=0.85, chance=0.25)
def diagonal_states(variant: str) -> Program:
    """Tell four rates with two state-space layers beside identities."""
    blocks = [Beside(nn.LayerNorm(64), Diagonal(64), act(variant), nn.Linear(64, 64))
              for _ in range(2)]  # fmt: skip
    model = nn.Sequential(nn.Linear(2, 64), *blocks, nn.LayerNorm(64), Function(mean_over_words),
                          nn.Linear(64, 4))  # fmt: skip
    return Program(model, *tones(), F.cross_entropy, adam(model, 3e-3), accuracy, 300, out="5",
                   task="classes")  # fmt: skip


class Wave(nn.Module):
    """A causal convolution and one that gates it; what goes on, and what goes to the end."""

    def __init__(self, width: int, apart: int) -> None:
        super().__init__()
        self.pad = nn.ConstantPad1d((apart, 0), 0.0)
        self.value, self.gate = (nn.Conv1d(width, width, 2, dilation=apart) for _ in range(2))
        self.on, self.end = nn.Conv1d(width, width, 1), nn.Conv1d(width, width, 1)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        given = self.pad(x)
        made = torch.tanh(self.value(given)) * torch.sigmoid(self.gate(given))
        return x + self.on(made), self.end(made)


class WaveNet(nn.Module):
    """Gated convolutions further and further apart, whose sum is read at each step."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.stem = nn.Conv1d(1, 64, 1)
        self.waves = nn.ModuleList(Wave(64, apart) for apart in (1, 2, 4, 8))
        self.read = nn.Sequential(act(name), nn.Conv1d(64, 64, 1), act(name), nn.Conv1d(64, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        x, whole = self.stem(x.transpose(1, 2)), torch.zeros(())
        for wave in self.waves:
            x, end = wave(x)
            whole = whole + end
        found: Tensor = self.read(whole).transpose(1, 2)
        return found


@family("D", "relu", "gelu", learns=0.8)
def wave_net(variant: str) -> Program:
    """Say each next value of two oscillations."""
    model = WaveNet(variant)
    return Program(model, *steps_ahead(), F.mse_loss, adam(model, 3e-3), explained, 300,
                   task="amounts", known={"gate": "waves.0.gate"})  # fmt: skip


@family("D", "gelu", "relu", learns=0.5, chance=0.17, steps=200)
def whisper(variant: str) -> Program:
    """Write down four words that are heard, with transformers' Whisper."""
    made = WhisperConfig(vocab_size=9, num_mel_bins=8, d_model=64, encoder_layers=1,
                         decoder_layers=1, encoder_attention_heads=4, decoder_attention_heads=4,
                         encoder_ffn_dim=128, decoder_ffn_dim=128, activation_function=variant,
                         max_source_positions=8, max_target_positions=8, pad_token_id=0,
                         bos_token_id=8, eos_token_id=7, decoder_start_token_id=8)  # fmt: skip
    model = WhisperForConditionalGeneration(made)
    x, y = spoken()
    inputs = {"input_features": x.transpose(1, 2).contiguous(), "labels": y}
    return Program(model, inputs, None, None, adam(model, 3e-3), accuracy, 200, out="proj_out",
                   traits=frozenset({"attention"}))  # fmt: skip


@family("D", "gelu", "relu", learns=0.6, steps=120)
def patched_forecast(variant: str) -> Program:
    """Forecast eight temperatures from 32, in degrees, with transformers' PatchTST."""
    made = PatchTSTConfig(context_length=32, patch_length=4, patch_stride=4, prediction_length=8,
                          d_model=64, num_hidden_layers=2, num_attention_heads=4, ffn_dim=128,
                          activation_function=variant, num_input_channels=1)  # fmt: skip
    degrees = 15.0 + 5.0 * steps_ahead(40)[0]
    model = PatchTSTForPrediction(made)
    return Program(model, degrees[:, :32], degrees[:, 32:],
                   lambda out, y: F.mse_loss(out.prediction_outputs, y), adam(model, 3e-3),
                   lambda out, y: explained(out.prediction_outputs, y), 200,
                   traits=frozenset({"attention"}))  # fmt: skip
