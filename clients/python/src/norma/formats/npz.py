"""The archives that the service answers arrays in: uncompressed, so that an array is a view on the answer."""

from __future__ import annotations

import io
import json
import struct
import zipfile
import zlib
from typing import Any

from norma.formats.npy import read_npy
from norma.formats.payload import Contents

MEDIA_TYPE = "application/x-npz"

#: Bytes of a member's header before its name (APPNOTE.TXT, 4.3.7).
_HEADER_BYTES = 30


class _View(io.RawIOBase):
    """A file over memory that is not copied, as `zipfile` wants one."""

    def __init__(self, content: memoryview) -> None:
        self._content = content
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: len(self._content)}[whence]
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Any) -> int:
        piece = self._content[self._at : self._at + len(buffer)]
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)


def read_npz(answer: bytearray) -> Contents:
    """Data, and what else the service put beside them.

    Raises
    ------
    ValueError
        If a checksum is wrong.
    """
    content = memoryview(answer)
    with zipfile.ZipFile(io.BufferedReader(_View(content))) as archive:
        members = {info.filename: _member(content, info) for info in archive.infolist()}
    data = members.get("data.npy")

    def document(name: str) -> Any:
        return json.loads(bytes(members[name])) if name in members else None

    return Contents(
        data=None if data is None else read_npy(data),
        fitted=document("fitted.json"),
        statistics=document("statistics.json"),
        warnings=document("warnings.json") or [],
    )


def _member(content: memoryview, info: zipfile.ZipInfo) -> memoryview:
    name, extra = struct.unpack_from("<HH", content, info.header_offset + _HEADER_BYTES - 4)
    start = info.header_offset + _HEADER_BYTES + name + extra
    member = content[start : start + info.file_size]
    if zlib.crc32(member) != info.CRC:
        raise ValueError(f"{info.filename} in the answer does not have the checksum it should have.")
    return member
