"""Where a number becomes a finding: thresholds that several kinds share, each with its reason."""

from __future__ import annotations

# Of the bounds and tests on counts.
CONFIDENCE = 0.95

# So rare a count of silent units in one layer is no accident of the first weights: a network of
# 50 layers is then falsely accused once in 20,000.
ACCIDENT = 1e-6

# Share of a layer's units that are dead. Calibration: networks that train lose up to 0.33 of a
# layer, and training is hurt from 0.6.
DEAD_WARNING = 0.4
DEAD_ERROR = 0.6

# An observation is saturated if |phi'| is below this share of its supremum, as readings count it.
SATURATED = 0.01

# The gradient's length before the first activation over that behind the last one. Calibration:
# 1e-4.0 to 1e1.8 where networks train; 1e-5.2 and below, 1e5.4 and above, where they are hurt.
VANISHING_WARNING = 2e-5
VANISHING_ERROR = 1e-6
EXPLODING_WARNING = 1e4
EXPLODING_ERROR = 1e6

# Updates over weights, RMS. Calibration: 5e-5 to 0.2 where networks train.
STUCK_UPDATE = 1e-7
LARGE_UPDATE = 0.5
