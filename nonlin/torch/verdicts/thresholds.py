"""Where a number becomes a finding: each threshold once, with its reason.

"Calibration" are networks as in population A of the benchmark (benchmarks/doctor): rows of layers,
CNNs, ResNets, transformers and cells that train, and faulty ones beside their healthy twins.
"""

from __future__ import annotations

# Of the bounds and tests on counts.
CONFIDENCE = 0.95

# A unit that is silent on the sample is dead if a Gaussian with its mean and standard deviation
# would not be active on this many more samples either.
HORIZON = 10_000
LEAST_EVIDENCE = 0.05

# Or if the sample alone bounds its activity by so little, about 1,000 samples do, and its largest
# value is so many deviations of its tail off the edge. Calibration: planted ones 1.5 and more,
# those silent by chance 0.2 and less.
LEAST_ACTIVITY = 0.003
MARGIN = 0.5

# Where `DEAD_ERROR` of a layer are silent, and by no accident, the silent ones are lost that such a
# Gaussian lets work on less than this share of the samples. Calibration: 3e-5 and 8e-4 in layers
# whose weights were turned away from the inputs, which hurts; no layer of a network that trains is
# so silent but by accident.
RARE_ACTIVITY = 0.01

# Of a layer that is all but silent less chance is asked for, since few units never make a rare
# accident. Networks that train have up to 0.63 of a layer silent on 128 samples.
SILENT_LAYER = 0.85
UNLIKELY = 1e-3

# The chance of silence is exact for Gaussian inputs with one correlation. On the inputs of the
# calibration's healthy networks at their first weights it is off by less than this factor.
CHANCE_DOUBT = 2.0

# So rare a count of silent units in one layer is no accident of the first weights: a network of
# 50 layers is then falsely accused once in 20,000.
ACCIDENT = 1e-6

# Share of a layer's units that are dead. Calibration: networks that train lose up to 0.33 of a
# layer, and training is hurt from 0.6.
DEAD_WARNING = 0.4
DEAD_ERROR = 0.6

# The same where one activation is called again and again in a pass, as in a recurrent cell, which
# loses as much at each call. Calibration: cells that train lose none, and 0.3 hurts.
DEAD_WARNING_REPEATED = 0.2

# An observation is saturated if |phi'| is below this share of its supremum, as readings count it.
SATURATED = 0.01

# A unit is saturated if so large a share of its observations is. Calibration: no unit of a network
# that trains is.
SATURATED_UNIT = 0.95

# The mean of |output - target| from which an output unit at its limit is wrong rather than done: a
# share of the range. Half of the answers wrong make 0.5 of sigmoid's; what a classifier that is
# 95 % right, an autoencoder of digits or a tanh decoder leave is 0.1 and less.
WRONG_OUTPUT = 0.2

# Share of a layer's units that are saturated. Calibration: training is hurt from 0.3.
SATURATED_WARNING = 0.2
SATURATED_ERROR = 0.5

# Share of its queries on which a head's softmax is saturated, and share of such heads. Of heads
# that were drawn at the scale that their layers ask for none reaches 0.01.
SATURATED_HEAD = 0.9
SATURATED_HEADS_WARNING = 0.5

# What such a head lets back to its scores, of what uniform attention would. T5, Llama, BERT and ViT
# of 2 and 3 blocks: 0.8 to 1.5 at first weights and after training; with queries and keys 30 times
# as large 0.02 to 1.4 where scores spread by 10 and they train, 0.01 and less where by 900.
SHUT_HEAD = 0.02

# Attention that is uniform: entropy over that of a uniform look, and the scores' deviation.
UNIFORM_ENTROPY = 0.99
UNIFORM_SPREAD = 0.05

# Share of the experts that get no token: they take no part, and no gradient reaches them.
IDLE_WARNING = 0.1

# The gradient's length before the first activation over that behind the last one. Calibration:
# 1e-4.0 to 1e1.8 where networks train; 1e-5.2 and below, 1e5.4 and above, where they are hurt.
VANISHING_WARNING = 2e-5
VANISHING_ERROR = 1e-6
EXPLODING_WARNING = 1e4
EXPLODING_ERROR = 1e6

# fan_in times the weights' variance, in effect, over what the activation asks for. One layer of
# MLPs and CNNs of 3 and 6 layers (ReLU, GELU, tanh; He's and PyTorch's weights; digits, 150 steps
# of Adam) was multiplied by a factor: 1.7e-3 and below cost 3 points of accuracy or more in two of
# three, 1e-2 and above in none. Before tanh 15 and 100 did, 9 did not. Before ReLU and GELU the
# loss at the start tells: from 2.7 times that of guessing on, with a ratio of 9, it costs 3 to 9
# points; below 1.2 times, nothing, up to a ratio of 170, at which the layer learns ten times as
# slowly as the others. PyTorch's own before a sigmoid: 0.098.
WEIGHTS_SMALL = 3e-3
WEIGHTS_LARGE = 12.0
WEIGHTS_LARGE_AT_OUTPUTS = 6.0
WEIGHTS_LARGE_ANYHOW = 100.0
BLOWN_LOSS = 2.5

# Updates over weights, RMS. Calibration: 5e-5 to 0.2 where networks train.
STUCK_UPDATE = 1e-7
LARGE_UPDATE = 0.5

# A gradient's RMS that makes no step, whatever the rate: what Adam adds to its denominator, 1e-8,
# is a million times as large, or its square is no number in float32.
LEAST_GRADIENT = 1e-14
LARGEST_GRADIENT = 1e18

# Or a small one, of which gradient descent makes a small step at a rate as people choose it.
SMALL_GRADIENT = 1e-7
RATE_OF_DESCENT = 1e-3

# The learning rate over the highest that its schedule names. Below, an update may be lost in the
# weights' rounding, 6e-8 of them in float32, that at the highest rate is above `STUCK_UPDATE`.
SCHEDULED = 0.01

# Inputs: their length, |mean| over the deviation, and the largest deviation of a feature over the
# median one. Digits have 1.0, 0 and 1.5; as they come, between 0 and 16, 7.8, 0.8 and 1.5. Images
# between 0 and 255 and what is further off hurt.
INPUT_LARGE = 20.0
INPUT_SMALL = 0.02

# And the norm of all that one unit sums up: a vector of length 1 is none too small, however many
# numbers it has. Of clusters and one-hot vectors of that length, 64 and 1,024 wide, 200 steps of
# Adam fit all samples at 1 and 0.3, 72 to 100 % at 0.1, 31 to 58 % at 0.03 where 64 are wide.
INPUT_NORM = 0.1
INPUT_OFFSET = 20.0
INPUT_SPREAD = 100.0

# The share of a layer's weights in half precision that a step leaves as they are, bit for bit; of
# all such layers the median counts. Calibration, GPT-2 of 3 blocks in bfloat16, AdamW at
# 3e-6 to 3e-4, 150 steps: at 0.95 the loss falls by 0.27 of what it does in float32, at 0.83 by
# 0.37, at 0.68 by 0.62, at 0.11 by 0.91.
ROUNDED_NOTE = 0.5
ROUNDED_WARNING = 0.8

# Calls of a site that make a recurrence long enough to be judged, and the gradient at the first
# over that at the last. Calibration, 150 to 300 steps of Adam at 3e-3: nn.RNN, nn.LSTM and nn.GRU
# over 8 and over 28 rows of digits begin at 1e-6 and more, and train; a tanh cell whose answer lies
# in the first of 20 steps reaches 0.57 from 2e-8, where an orthogonal one reaches 0.82.
LEAST_STEPS = 4
VANISHING_IN_TIME = 1e-10

# A residual stream behind its last addition over that behind its first. Calibration, blocks of two
# He layers without normalisation, 150 steps of Adam at 1e-3: 4 to 16 grow by 2.5 to 44 and learn as
# well as with branches that begin at 0; 20 grow by 246 and reach 0.79 for 0.97, 30 by 4,400 and
# reach 0.66 for 0.98.
SIGNAL_WARNING = 100.0
SIGNAL_ERROR = 1e3

# The loss over that of guessing, which a training has to lose first.
LOSS_OF_GUESSING = 100.0
