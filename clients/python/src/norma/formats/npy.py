"""NumPy's ``.npy``: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from norma.exchange import Body, Buffer, bytes_body

MEDIA_TYPE = "application/x-npy"


def write_npy(array: npt.NDArray[Any]) -> Body:
    """A body that reads the array while it is sent: nothing is copied that is contiguous in either order."""
    if not (array.flags.c_contiguous or array.flags.f_contiguous):
        array = np.ascontiguousarray(array)
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, np.lib.format.header_data_from_array_1_0(array))
    head = header.getvalue()
    rows = array if array.flags.c_contiguous else array.T
    content = bytes_body(MEDIA_TYPE, rows.reshape(-1).view(np.uint8).data)

    def pieces() -> Iterator[Buffer]:
        yield head
        yield from content.pieces()

    return Body(MEDIA_TYPE, len(head) + content.length, pieces)


def read_npy(content: memoryview) -> npt.NDArray[Any]:
    """A view on the bytes.

    Raises
    ------
    ValueError
        If they are no ``.npy`` file, or not a whole one.
    """
    head = io.BytesIO(content[:65_600])
    version = np.lib.format.read_magic(head)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, fortran, dtype = read(head)
    flat = np.frombuffer(content, dtype, count=int(np.prod(shape, dtype=np.int64)), offset=head.tell())
    return flat.reshape(shape, order="F" if fortran else "C")
