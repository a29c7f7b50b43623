"""Options and data in one body: ``multipart/form-data`` (RFC 7578)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import uuid4

from norma.exchange import Body, Buffer
from norma.plain import write_json


def with_members(members: Mapping[str, Any], data: Body) -> Body:
    """A part ``request`` with the members as JSON, then a part ``data``, which is read while it is sent."""
    boundary = uuid4().hex
    head = b"".join(
        [
            _part(boundary, "request", "application/json"),
            write_json(members),
            b"\r\n",
            _part(boundary, "data", data.media_type),
        ]
    )
    tail = f"\r\n--{boundary}--\r\n".encode()

    def pieces() -> Iterator[Buffer]:
        yield head
        yield from data.pieces()
        yield tail

    return Body(f"multipart/form-data; boundary={boundary}", len(head) + data.length + len(tail), pieces)


def _part(boundary: str, name: str, media_type: str) -> bytes:
    lines = [f"--{boundary}", f'content-disposition: form-data; name="{name}"', f"content-type: {media_type}", "", ""]
    return "\r\n".join(lines).encode()
