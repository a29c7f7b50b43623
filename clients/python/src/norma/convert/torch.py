"""Fitted documents as modules of torch."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch

from norma.convert.parts import part_of
from norma.convert.steps import Axes, apply_steps, steps_of
from norma.fitted import Fitted
from norma.plain import plain


def to_torch(fitted: Fitted | Mapping[str, Any]) -> Normalization:
    """A module that computes the same transform, without the service.

    Parameters
    ----------
    fitted : Fitted

    Returns
    -------
    torch.nn.Module
        It learns nothing, computes in its input's precision, and keeps the document in its state.

    Raises
    ------
    NotConvertibleError
        If it cannot be computed by a layer. It is a ValueError.

    Examples
    --------
    >>> model = torch.nn.Sequential(to_torch(client.load("readings", 3)), net)  # doctest: +SKIP
    """
    return Normalization(fitted.document if isinstance(fitted, Fitted) else fitted)


class Normalization(torch.nn.Module):  # type: ignore[misc]
    """The transform of a fitted document; see ``to_torch``."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        super().__init__()
        self._take(document)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        floating = x if x.is_floating_point() else x.to(torch.get_default_dtype())
        wide = floating.float() if floating.dtype in (torch.float16, torch.bfloat16) else floating
        out: torch.Tensor = apply_steps(_ops, self._steps, wide)
        return out.to(floating.dtype)

    def get_extra_state(self) -> str:
        return json.dumps(plain(self.document))

    def set_extra_state(self, state: str) -> None:
        self._take(json.loads(state))

    def extra_repr(self) -> str:
        return json.dumps(plain(self.document["normalizer"]))

    def _take(self, document: Mapping[str, Any]) -> None:
        self.document = document
        self._steps = steps_of(part_of(document))


class _TorchOps:
    where = staticmethod(torch.where)
    abs = staticmethod(torch.abs)
    sign = staticmethod(torch.sign)
    log = staticmethod(torch.log)
    log1p = staticmethod(torch.log1p)
    expm1 = staticmethod(torch.expm1)
    arcsinh = staticmethod(torch.asinh)
    maximum = staticmethod(torch.maximum)
    minimum = staticmethod(torch.minimum)
    matmul = staticmethod(torch.matmul)

    def constant(self, values: Any, like: torch.Tensor) -> torch.Tensor:
        return torch.as_tensor(np.asarray(values), device="cpu").to(dtype=like.dtype).to(device=like.device)

    def sum(self, x: torch.Tensor, axes: Axes) -> torch.Tensor:
        return torch.sum(x, dim=axes, keepdim=True)

    def max(self, x: torch.Tensor, axes: Axes) -> torch.Tensor:
        return torch.amax(x, dim=axes, keepdim=True)

    def min(self, x: torch.Tensor, axes: Axes) -> torch.Tensor:
        return torch.amin(x, dim=axes, keepdim=True)

    def take(self, x: torch.Tensor, indexes: Sequence[int]) -> torch.Tensor:
        return x[..., list(indexes)]

    def concat(self, parts: Sequence[torch.Tensor]) -> torch.Tensor:
        return torch.cat(list(parts), dim=-1)


_ops = _TorchOps()
