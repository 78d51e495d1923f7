"""What a study costs in processor time, and how that falls to many machines."""
