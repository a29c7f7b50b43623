"""Calls without I/O: a call yields requests, is sent their answers, and returns its result.

``Client`` and ``AsyncClient`` differ only in how they carry a request to the service and an answer back.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO, Any, TypeAlias, TypeVar

Buffer: TypeAlias = bytes | bytearray | memoryview

PIECE_BYTES = 1 << 20


@dataclass(frozen=True)
class Body:
    """A request body: ``length`` bytes, which ``pieces`` makes as often as it is sent."""

    media_type: str
    length: int
    pieces: Callable[[], Iterator[Buffer]]


@dataclass(frozen=True)
class Request:
    """A request, before it has an address.

    Attributes
    ----------
    repeatable : bool
        Whether sending it again does no harm where the answer to the first was lost.
    target : binary file, optional
        Where the answer's body goes, instead of into memory.
    """

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Body | None = None
    repeatable: bool = True
    target: IO[bytes] | None = None


@dataclass(frozen=True)
class Answer:
    """An answer; the calls see those with a status below 400 alone. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    content: bytearray

    def json(self) -> Any:
        return json.loads(self.content)


T = TypeVar("T")
Exchange: TypeAlias = Generator[Request, Answer, T]


def bytes_body(media_type: str, content: Buffer) -> Body:
    """A body that is in memory."""
    view = memoryview(content).cast("B")

    def pieces() -> Iterator[Buffer]:
        for start in range(0, len(view), PIECE_BYTES):
            yield view[start : start + PIECE_BYTES]

    return Body(media_type, len(view), pieces)
