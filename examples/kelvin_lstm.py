"""An LSTM that is to tell rising temperatures from falling ones, with two faults.

It gets kelvins as they are, and its sigmoid stands before a loss that has its own.

nonlin doctor examples/kelvin_lstm.py --remedy
"""

import torch
from torch import nn


class Trend(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(2, 32, batch_first=True)
        self.head = nn.Sequential(nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 1), nn.Sigmoid())

    def forward(self, series):
        _, (state, _) = self.lstm(series)
        return self.head(state[-1])


def build():
    torch.manual_seed(0)
    targets = (torch.arange(256) % 2).float()[:, None]
    days = torch.linspace(-1.0, 1.0, 30)
    inside = 2.0 * (2.0 * targets - 1.0) * days + torch.randn(256, 30)
    outside = 5.0 * torch.randn(256, 30)
    series = 290.0 + torch.stack([inside, outside], 2)
    model = Trend()
    loss_fn = nn.BCEWithLogitsLoss()
    return model, series, targets, loss_fn, torch.optim.Adam(model.parameters(), lr=3e-3)
