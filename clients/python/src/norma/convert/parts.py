"""Fitted documents by their structure: one normalizer, or normalizers in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from norma.errors import NormaError
from norma.fitted import Fitted


class NotConvertibleError(NormaError, ValueError):
    """The other library has nothing that computes this normalizer."""


@dataclass(frozen=True)
class Branch:
    """One transformer of a ``column_transformer``: ``part`` is None for ``passthrough`` and ``drop``."""

    name: str
    indexes: tuple[int, ...]
    part: Part | None


@dataclass(frozen=True)
class Part:
    """A normalizer with what it learned and the columns it sees.

    Attributes
    ----------
    options, learned : Mapping
        As in the document.
    shape : sequence of int or None
        Of the input.
    columns : sequence of str or None
        Names of the last axis.
    n_samples_seen : Any
    """

    options: Mapping[str, Any]
    learned: Mapping[str, Any]
    shape: Sequence[int | None]
    columns: Sequence[str] | None
    n_samples_seen: Any

    @property
    def method(self) -> str:
        return str(self.options["method"])

    @property
    def axis(self) -> Any:
        return self.options.get("axis", 0)

    @property
    def reduced(self) -> tuple[int, ...]:
        """The axes that statistics are computed over, from 0."""
        rank = len(self.shape)
        if self.axis is None:
            return tuple(range(rank))
        axes = self.axis if isinstance(self.axis, list) else [self.axis]
        return tuple(sorted(axis % rank for axis in axes))

    @property
    def n_features(self) -> int | None:
        return self.shape[-1] if self.shape else None

    @property
    def parameters(self) -> dict[str, Any]:
        return Fitted({"parameters": self.learned}).parameters

    @property
    def remainder(self) -> str:
        return str(self.options.get("remainder", "passthrough"))

    def refuse_unless(self, holds: bool, reason: str) -> None:
        if not holds:
            raise NotConvertibleError(f"{self.method} with {dict(self.options)} cannot be converted: {reason}")

    def steps(self) -> list[Part]:
        """The steps of a ``pipeline``."""
        learned = self.learned["steps"]
        return [self._inner(options, learned[at]) for at, options in enumerate(self.options["steps"])]

    def branches(self) -> list[Branch]:
        """The transformers of a ``column_transformer``."""
        learned = self.learned.get("transformers", [])
        found = []
        for at, transformer in enumerate(self.options["transformers"]):
            indexes = self.indexes(transformer["columns"])
            inner = transformer["normalizer"]
            if isinstance(inner, str):
                found.append(Branch(inner, indexes, None))
                continue
            columns = None if self.columns is None else [self.columns[index] for index in indexes]
            part = Part(inner, learned[at], [None, len(indexes)], columns, self.n_samples_seen)
            found.append(Branch(part.method, indexes, part))
        return found

    def indexes(self, columns: Sequence[int | str]) -> tuple[int, ...]:
        """Columns, which may be named, by position."""
        names = list(self.columns or ())
        return tuple(names.index(one) if isinstance(one, str) else one for one in columns)

    def as_column_transformer(self) -> Part:
        """The same with its ``columns`` as the only transformer, and the others passed through."""
        options = {name: value for name, value in self.options.items() if name != "columns"}
        transformers = [{"columns": self.options["columns"], "normalizer": options}]
        return Part(
            {"method": "column_transformer", "transformers": transformers, "remainder": "passthrough"},
            {"transformers": [self.learned]},
            self.shape,
            self.columns,
            self.n_samples_seen,
        )

    def order_back(self) -> list[int] | None:
        """Where each column that is kept stands once the transformers' outputs are lined up; None if in order."""
        branches = self.branches()
        kept = [index for branch in branches if branch.name != "drop" for index in branch.indexes]
        taken = {index for branch in branches for index in branch.indexes}
        if self.remainder == "passthrough":
            kept += [index for index in range(self.n_features or 0) if index not in taken]
        return None if kept == sorted(kept) else [int(at) for at in np.argsort(kept)]

    def _inner(self, options: Mapping[str, Any], learned: Mapping[str, Any]) -> Part:
        return Part(options, learned, self.shape, self.columns, self.n_samples_seen)


def part_of(fitted: Fitted | Mapping[str, Any]) -> Part:
    """The outermost normalizer of a document."""
    document = fitted.document if isinstance(fitted, Fitted) else fitted
    taken = document["input"]
    seen = document.get("n_samples_seen", 0)
    return Part(
        document["normalizer"],
        document["parameters"],
        taken["shape"],
        taken.get("columns"),
        np.asarray(seen) if isinstance(seen, list) else seen,
    )
