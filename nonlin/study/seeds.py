"""Where the study's randomness starts."""

# Seeds below were looked at while each claim was given its measurement and its rule. The numbers of
# the study rest on the seeds from here on, which no rule has seen.
FIRST = 100
