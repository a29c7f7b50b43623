"""What a normalizer has learned."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Fitted:
    """A fitted document: everything that transforming needs, as the service wrote it.

    Keep it beside the model it was fitted for; ``save`` and ``load`` are lossless.

    Attributes
    ----------
    document : Mapping
        The document as JSON. ``state`` in it is the service's own.
    """

    document: Mapping[str, Any]

    @property
    def normalizer(self) -> Mapping[str, Any]:
        """The method and its options."""
        return dict(self.document["normalizer"])

    @property
    def method(self) -> str:
        return str(self.document["normalizer"]["method"])

    @property
    def columns(self) -> tuple[str, ...] | None:
        """The numeric columns of the fit in their order; None where the data had no names."""
        names = self.document["input"].get("columns")
        return None if names is None else tuple(names)

    @property
    def n_features(self) -> int | None:
        """The length of the last axis; None where it may vary."""
        shape = self.document["input"]["shape"]
        return shape[-1] if shape else None

    @property
    def parameters(self) -> dict[str, Any]:
        """What was learned, as arrays of float64 by name; those of parts are nested as the document is."""
        return {name: _array(value) for name, value in self.document["parameters"].items()}

    @property
    def n_samples_seen(self) -> Any:
        """One number, or an array where the slices differ."""
        seen = self.document["n_samples_seen"]
        return np.asarray(seen) if isinstance(seen, list) else seen

    @property
    def scope(self) -> str:
        """``dataset``, ``sample``, or ``mixed`` for parts that differ."""
        return str(self.document["scope"])

    @property
    def invertible(self) -> bool:
        return bool(self.document["invertible"])

    @property
    def mergeable(self) -> bool:
        return bool(self.document["mergeable"])

    def save(self, path: str | Path) -> None:
        """Writes the document to a file."""
        Path(path).write_text(json.dumps(self.document, separators=(",", ":")), encoding="utf-8")

    @classmethod
    def load(cls, path: str | Path) -> Fitted:
        """Reads a file that ``save`` wrote."""
        return cls(json.loads(Path(path).read_text(encoding="utf-8")))

    def __repr__(self) -> str:
        return f"Fitted({self.method}, {self.document['input']}, n_samples_seen={self.document['n_samples_seen']})"


def _array(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _array(member) for name, member in value.items()}
    if isinstance(value, list) and any(isinstance(member, Mapping) for member in value):
        return [_array(member) for member in value]
    return np.asarray(numbers(value), dtype=float)


def numbers(value: Any) -> Any:
    """Nested lists as NumPy reads them: the service writes NaN as null, and infinities as text."""
    if isinstance(value, list):
        return [numbers(member) for member in value]
    return float("nan") if value is None else float(value)
