"""Files, sent as they are and while they are read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from norma.exchange import PIECE_BYTES, Body, Buffer

#: What a name's end says; the service recognises the rest by its first bytes.
MEDIA_TYPES = {
    ".npy": "application/x-npy",
    ".npz": "application/x-npz",
    ".csv": "text/csv",
    ".parquet": "application/vnd.apache.parquet",
    ".arrow": "application/vnd.apache.arrow.file",
    ".feather": "application/vnd.apache.arrow.file",
    ".arrows": "application/vnd.apache.arrow.stream",
    ".ndjson": "application/x-ndjson",
    ".jsonl": "application/x-ndjson",
    ".json": "application/json",
}

#: Those that hold a table.
TABLES = frozenset({".csv", ".parquet", ".arrow", ".feather", ".arrows", ".ndjson", ".jsonl"})

UNKNOWN = "application/octet-stream"


def file_body(path: Path) -> Body:
    """A body that reads the file while it is sent.

    Raises
    ------
    OSError
        If there is no such file.
    """
    media_type = MEDIA_TYPES.get(path.suffix.lower(), UNKNOWN)
    # Feather's first version is no Arrow file, and either may be a stream: their first bytes tell.
    if media_type == MEDIA_TYPES[".arrow"]:
        media_type = UNKNOWN

    def pieces() -> Iterator[Buffer]:
        with path.open("rb") as file:
            while piece := file.read(PIECE_BYTES):
                yield piece

    return Body(media_type, path.stat().st_size, pieces)


def answer_type(path: Path) -> str:
    """The media type of an answer that goes to this file.

    Raises
    ------
    ValueError
        If its suffix is none that the service writes.
    """
    media_type = MEDIA_TYPES.get(path.suffix.lower())
    if media_type is None:
        raise ValueError(f"{path.name} does not tell a format: end it in one of {', '.join(MEDIA_TYPES)}.")
    return MEDIA_TYPES[".arrows"] if media_type == MEDIA_TYPES[".arrow"] else media_type
