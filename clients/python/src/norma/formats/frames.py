"""DataFrames of pandas: by Arrow where pyarrow is there, by CSV otherwise."""

from __future__ import annotations

import io
from typing import Any

from norma.exchange import bytes_body
from norma.formats.arrow import arrow_payload, has_pyarrow
from norma.formats.payload import Contents, Payload


def frame_payload(frame: Any) -> Payload:
    """A frame as a body. Its index stays here, and so do the columns that the service only passes through."""
    named = frame.set_axis([str(name) for name in frame.columns], axis=1)
    if not has_pyarrow():
        content = named.to_csv(index=False).encode()
        return Payload(
            bytes_body("text/csv", content), "text/csv", lambda answer: Contents(_restored(_read_csv(answer), frame))
        )
    import pyarrow as pa

    table = pa.Table.from_pandas(named, preserve_index=False).replace_schema_metadata(None)
    return arrow_payload(table, lambda answer: _restored(answer.to_pandas(), frame))


def _read_csv(answer: bytearray) -> Any:
    import pandas as pd

    text = pd.read_csv(io.BytesIO(answer), dtype=str)
    return text.apply(_to_numbers)


def _to_numbers(column: Any) -> Any:
    """NumPy's reading of digits, since that of pandas is off by a bit in some versions."""
    try:
        return column.astype(float)
    except ValueError:
        return column


def _restored(answer: Any, frame: Any) -> Any:
    """The answer with the frame's own index, column labels, and columns that hold no numbers."""
    labels = {str(name): name for name in frame.columns}
    columns = {}
    for name in answer.columns:
        label = labels.get(name, name)
        carried = name in labels and not _is_numeric(frame[label])
        columns[label] = frame[label] if carried else answer[name].set_axis(frame.index)
    import pandas as pd

    return pd.DataFrame(columns, index=frame.index)


def _is_numeric(column: Any) -> bool:
    import pandas as pd

    return bool(pd.api.types.is_numeric_dtype(column.dtype) or pd.api.types.is_bool_dtype(column.dtype))
