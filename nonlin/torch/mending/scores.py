"""Brings the scores of attention back to a scale at which its softmax passes a gradient on."""

from __future__ import annotations

from collections.abc import Sequence

from torch import nn

from nonlin.torch.exam import Case
from nonlin.torch.mending.change import Change
from nonlin.torch.mending.modules import find

SEED = 0


def queries_and_keys_anew(case: Case, names: Sequence[str]) -> Change | None:
    """Draw the weights of queries and keys anew, in PyTorch's own attention.

    With inputs of length 1 and weights of variance 1 / width each score then has a deviation of
    about 1. Where an attention is the user's own, which of its weights are these is not known.
    """
    drawn = [name for name in names if _is_packed(find(case.model, name))]
    if not drawn:
        return None
    device = next(case.model.parameters()).device
    where = "" if device.type == "cpu" else repr(str(device))
    code = (
        f"generator = torch.Generator({where}).manual_seed({SEED})\n"
        f"for name in {drawn!r}:\n"
        "    attention = model.get_submodule(name)\n"
        "    rows = attention.in_proj_weight.detach()[: 2 * attention.embed_dim]\n"
        "    rows.normal_(0.0, attention.embed_dim**-0.5, generator=generator)"
    )
    return Change("initialize_scores", code, {"layer": "', '".join(drawn)})


def _is_packed(module: nn.Module | None) -> bool:
    return isinstance(module, nn.MultiheadAttention) and module.in_proj_weight is not None
