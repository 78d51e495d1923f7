"""Where a number becomes a finding: each threshold once, with its reason."""

from __future__ import annotations

# Of the bounds and tests on counts.
CONFIDENCE = 0.95

# A unit that is silent on the sample is dead if a Gaussian with its mean and standard deviation
# would not be active on this many more samples either.
HORIZON = 10_000
LEAST_EVIDENCE = 0.05

# Or if the sample alone bounds its activity by so little: about 1,000 samples do.
LEAST_ACTIVITY = 0.003

# The chance of silence is exact for Gaussian inputs with one correlation. On real inputs it is off
# by less than this factor (the calibration's healthy networks at their first weights).
CHANCE_DOUBT = 2.0

# So rare a count of silent units in one layer is no accident of the first weights: a network of
# 50 layers is then falsely accused once in 20,000.
ACCIDENT = 1e-6

# Shares of a layer's units that are dead or saturated.
SHARE_WARNING = 0.2
SHARE_ERROR = 0.5

# An observation is saturated if |phi'| is below this share of its supremum, as readings count it.
SATURATED = 0.01

# A unit is saturated if so large a share of its observations is.
SATURATED_UNIT = 0.95

# Gradients, RMS at the site furthest from the loss over that nearest to it.
VANISHING_WARNING = 1e-4
VANISHING_ERROR = 1e-6
EXPLODING_WARNING = 1e4
EXPLODING_ERROR = 1e6

# First weights: fan_in times their variance over what the activation asks for.
WEIGHTS_SMALL = 1e-2
WEIGHTS_LARGE = 20.0

# Updates over weights, RMS: Adam and SGD that learn make 1e-4 to 1e-1.
STUCK_UPDATE = 1e-7
LARGE_UPDATE = 0.5

# Inputs: standard deviation, |mean| over it, and largest over smallest deviation of a feature.
INPUT_LARGE = 20.0
INPUT_SMALL = 0.02
INPUT_OFFSET = 20.0
INPUT_SPREAD = 1e3
