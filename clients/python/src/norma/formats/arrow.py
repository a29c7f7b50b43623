"""Tables as Arrow streams, where pyarrow is there."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from norma.exchange import bytes_body
from norma.formats.payload import Contents, Payload

MEDIA_TYPE = "application/vnd.apache.arrow.stream"


def has_pyarrow() -> bool:
    try:
        import pyarrow  # noqa: F401
    except ImportError:
        return False
    return True


def arrow_payload(table: Any, read: Callable[[Any], Any]) -> Payload:
    """A table of pyarrow as a body.

    Parameters
    ----------
    table : pyarrow.Table
    read : callable
        From the answer's table, what the caller gets.
    """
    import pyarrow as pa

    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return Payload(
        bytes_body(MEDIA_TYPE, memoryview(sink.getvalue())),
        MEDIA_TYPE,
        lambda answer: Contents(read(read_table(answer))),
    )


def read_table(answer: bytearray) -> Any:
    """A pyarrow.Table, whose columns are views on the answer."""
    import pyarrow as pa

    with pa.ipc.open_stream(pa.py_buffer(answer)) as reader:
        return reader.read_all()


def one_batch(table: Any) -> Any:
    """A table as one record batch, of no rows where it has none."""
    import pyarrow as pa

    batches = table.combine_chunks().to_batches()
    return batches[0] if batches else pa.RecordBatch.from_pylist([], schema=table.schema)


def batch_bytes(batches: Any) -> bytes:
    """Record batches of one schema as an Arrow stream."""
    import pyarrow as pa

    sink = io.BytesIO()
    writer = None
    for batch in batches:
        writer = writer or pa.ipc.new_stream(sink, batch.schema)
        writer.write_batch(batch)
    if writer is None:
        raise ValueError("There are no batches.")
    writer.close()
    return sink.getvalue()
