"""Whatever holds data, as a request body."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from norma.exchange import bytes_body
from norma.formats import arrow, npz
from norma.formats.files import TABLES, UNKNOWN, file_body
from norma.formats.frames import frame_payload
from norma.formats.npy import write_npy
from norma.formats.payload import Contents, Payload


def encode(data: Any) -> Payload:
    """Data as a body, with the reader of its answer.

    Parameters
    ----------
    data : array-like, DataFrame, pyarrow.Table, pyarrow.RecordBatch, Path or bytes
        Frames of other libraries are read through Arrow's C stream. A path is sent as the file is, and so are bytes; a
        file with a table in it is answered by a pyarrow.Table, where pyarrow is there.

    Raises
    ------
    TypeError
        If it holds something else than numbers.
    """
    module = type(data).__module__.partition(".")[0]
    if isinstance(data, Path):
        return _file_payload(data)
    if isinstance(data, (bytes, bytearray, memoryview)):
        return Payload(bytes_body(UNKNOWN, data), npz.MEDIA_TYPE, npz.read_npz)
    if module == "pandas" and hasattr(data, "columns"):
        return frame_payload(data)
    if module == "pyarrow" and hasattr(data, "schema"):
        return _pyarrow_payload(data)
    if hasattr(data, "__arrow_c_stream__") and hasattr(data, "columns"):
        return _foreign_payload(data)
    return Payload(write_npy(as_array(data)), npz.MEDIA_TYPE, npz.read_npz)


def as_array(data: Any) -> np.ndarray[Any, Any]:
    """An array of numbers.

    Raises
    ------
    TypeError
        If it is sparse, complex, or holds something else than numbers.
    """
    if hasattr(data, "toarray") and hasattr(data, "nnz"):
        raise TypeError("Sparse matrices are not sent: pass data.toarray(), if it fits into memory.")
    array = np.asarray(data)
    if array.dtype == object:
        array = array.astype(float)
    if array.dtype.kind not in "biuf":
        raise TypeError(f"An array of {array.dtype} holds something else than real numbers.")
    return array


def _file_payload(path: Path) -> Payload:
    if path.suffix.lower() in TABLES and arrow.has_pyarrow():
        return Payload(file_body(path), arrow.MEDIA_TYPE, lambda answer: Contents(arrow.read_table(answer)))
    return Payload(file_body(path), npz.MEDIA_TYPE, npz.read_npz)


def _pyarrow_payload(data: Any) -> Payload:
    import pyarrow as pa

    if isinstance(data, pa.RecordBatch):
        return arrow.arrow_payload(pa.Table.from_batches([data]), arrow.one_batch)
    return arrow.arrow_payload(data, lambda answer: answer)


def _foreign_payload(data: Any) -> Payload:
    import pyarrow as pa

    module = type(data).__module__.partition(".")[0]

    def read(answer: Any) -> Any:
        if module != "polars":
            return answer
        import polars

        return polars.from_arrow(answer)

    return arrow.arrow_payload(pa.table(data), read)
