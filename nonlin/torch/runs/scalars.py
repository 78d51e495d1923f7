"""A run's last reading as names and numbers, for tools that draw curves."""

from __future__ import annotations

from nonlin.torch.runs.run import Run

__all__ = ["scalars"]


def scalars(run: Run) -> dict[str, float]:
    """Name the numbers of the last reading.

    Parameters
    ----------
    run : Run

    Returns
    -------
    dict of str to float
        "loss"; for each site "SITE/dead", "SITE/saturated", "SITE/zeros" (shares of 1) and
        "SITE/gradient_rms"; for each layer "LAYER/weight_gradient_rms" and, with an optimizer,
        "LAYER/update_ratio"; "findings/errors" and "findings/warnings".
    """
    last, structure = run.last, run.structure
    if last is None or structure is None:
        return {}
    named = {"loss": last.loss}
    for site, state in zip(structure.sites, last.sites, strict=True):
        name = site["name"]
        named[f"{name}/dead"] = state.dead / max(int(str(site["units"])), 1)
        named[f"{name}/saturated"] = state.saturated
        named[f"{name}/zeros"] = state.zeros
        named[f"{name}/gradient_rms"] = state.gradient_rms
    for layer, weights in zip(structure.layers, last.layers, strict=True):
        named[f"{layer['name']}/weight_gradient_rms"] = weights.weight_gradient_rms
        if weights.update_ratio is not None:
            named[f"{layer['name']}/update_ratio"] = weights.update_ratio
    for severity in ("error", "warning"):
        found = [each for each in last.findings if each.severity == severity]
        named[f"findings/{severity}s"] = float(len(found))
    return named
