"""A convolutional classifier ends in softmax, its loss takes logits, and its pixels are bytes.

"Why does my CNN stay at the same loss?": the loss of ten classes goes from 2.30 to about 2.2 and no
further. The head squeezes what cross entropy expects to be free, and the images are cast and not
divided by 255, so that the first softmaxes are already certain, and mostly wrong.

"Cross entropy takes logits" is the answer to a whole family of questions, "PyTorch Cross Entropy
Loss Implementation Counterintuitive" (Cross Validated) among them; Unity-Technologies/ml-agents#614
is about the bytes.
"""

import torch
import torch.nn.functional as F  # noqa: N812
from torch import nn

from doctor.asked import samples
from doctor.asked.program import Fault, Program, right_class

FAULTS = (
    Fault("output_mismatch", "probabilities_as_logits"),
    Fault("unscaled_inputs"),
)


class Net(nn.Module):
    def __init__(self, probabilities):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 12, 3, padding=1)
        self.conv2 = nn.Conv2d(12, 24, 3, padding=1)
        self.fc1 = nn.Linear(24 * 2 * 2, 64)
        self.fc2 = nn.Linear(64, 10)
        self.probabilities = probabilities

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = F.relu(self.fc1(x.flatten(1)))
        x = self.fc2(x)
        return F.softmax(x, dim=1) if self.probabilities else x


def program(seed, probabilities, scale):
    x, y, held_x, held_y = samples.digits()
    images, held = (t.view(-1, 1, 8, 8) * scale for t in (x, held_x))
    torch.manual_seed(seed)
    net = Net(probabilities)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
    return Program(
        net, images, y, nn.CrossEntropyLoss(), optimizer, right_class, (held, held_y), 0.9
    )


def faulty(seed=0):
    return program(seed, probabilities=True, scale=255.0 / 16.0)


def repaired(seed=0):
    return program(seed, probabilities=False, scale=1.0 / 16.0)
