"""Whether the study's verdicts are the same with other roundings and with other seeds."""
