"""What all claims share: from which size on a difference matters, how often a study may err, and
where its randomness starts."""

from collections.abc import Mapping

# Over all claims whose verdict rests on runs, the chance of one wrong verdict.
ALPHA = 0.05

# accuracy: half a percentage point. On the test parts here, 30 to 360 samples, one sample weighs
#   0.3 to 3.3 points; who chooses a function by less than half a point chooses by chance.
# time: a tenth. Less than that is what one processor, compiler or day changes by itself.
# factor: 2 % a layer. Over 30 layers it leaves 0.98^29 = 56 % of a gradient, which every
#   optimiser makes up for; 10 % would leave 5 %.
# calibration: 0.01. A probability that is quoted in whole per cent has no smaller error.
MARGINS: Mapping[str, float] = {
    "accuracy": 0.005,
    "time": 0.10,
    "factor": 0.02,
    "calibration": 0.01,
}


# Seeds below were looked at while each claim was given its measurement and its rule. The numbers of
# the study rest on the seeds from here on, which no rule has seen.
FIRST_SEED = 100
