"""What calls return beside data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from norma.fitted import Fitted


@dataclass(frozen=True)
class FitResult:
    """What was learned, and what the data look like.

    Attributes
    ----------
    fitted : Fitted
    statistics : Mapping or None
        Of the input, with SciPy's names; None where they were not asked for.
    warnings : sequence of Mapping
        As the service said them; they have been raised as ``NormaWarning`` as well.
    """

    fitted: Fitted
    statistics: Mapping[str, Any] | None
    warnings: Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class NormalizeResult(FitResult):
    """The normalized data besides; ``statistics`` has ``input`` and ``output``."""

    data: Any


@dataclass(frozen=True)
class Version:
    """A stored version of a normalizer.

    Attributes
    ----------
    name : str
    version : int or None
        None after a dry run, which stores nothing.
    fitted : Fitted
    document : Mapping
        The whole answer: ``created_at``, what a dry run would have changed, ...
    """

    name: str
    version: int | None
    fitted: Fitted
    document: Mapping[str, Any]


@dataclass(frozen=True)
class Committed:
    """A fit in parts, committed. ``name`` and ``version`` are None where it was not stored."""

    id: str
    n_parts: int
    fitted: Fitted
    name: str | None
    version: int | None
