"""Putting an answer together while it arrives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO

#: An answer is no longer than this because a header says so: more memory is taken as it comes.
TRUSTED_BYTES = 1 << 32


class Receiver:
    """Where the pieces of an answer go: a file, or memory that is taken once if the length is known."""

    def __init__(self, headers: Mapping[str, str], target: IO[bytes] | None) -> None:
        self._target = target
        length = int(headers.get("content-length", 0)) if target is None else 0
        self._content = bytearray(min(length, TRUSTED_BYTES))
        self._at = 0
        if target:
            target.seek(0)
            target.truncate()

    def add(self, piece: bytes) -> None:
        if self._target:
            self._target.write(piece)
            return
        self._content[self._at : self._at + len(piece)] = piece
        self._at += len(piece)

    def content(self) -> bytearray:
        del self._content[self._at :]
        return self._content
