"""Data on their way to the service, and what their answer is read with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from norma.exchange import Body


@dataclass(frozen=True)
class Contents:
    """What an answer holds; None for what its format has no place for."""

    data: Any
    fitted: Mapping[str, Any] | None = None
    statistics: Mapping[str, Any] | None = None
    warnings: Sequence[Mapping[str, Any]] | None = None


@dataclass(frozen=True)
class Payload:
    """Data as a request body.

    Attributes
    ----------
    body : Body
    answer_type : str
        The media type that the data are wanted back in.
    read : callable
        From the bytes of such an answer, data of the kind that was sent.
    """

    body: Body
    answer_type: str
    read: Callable[[bytearray], Contents]

    @property
    def is_array(self) -> bool:
        """Whether answers have a place for more than the data."""
        return self.answer_type == "application/x-npz"
