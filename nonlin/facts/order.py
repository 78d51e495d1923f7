"""Every fact in the order of reading."""

__all__ = ["FACTS", "UNDER_NORMAL"]

FACTS = (
    "range", "limits", "asymptotes", "continuity", "not_differentiable", "monotone", "convex",
    "parity", "zeros", "fixed_points", "derivative_range", "lipschitz", "steepest", "at_zero",
    "near_identity", "saturated", "dead", "mean", "mean_square", "mean_square_slope", "sparsity",
    "zero_slope", "gain", "self_normalising", "inverse", "rounding",
)  # fmt: skip

# Of z ~ N(0, 1).
UNDER_NORMAL = ("mean", "mean_square", "mean_square_slope", "sparsity", "zero_slope")
