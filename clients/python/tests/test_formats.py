import io

import numpy as np
import pandas as pd
import pytest

from norma.formats import frames
from norma.formats.encode import encode
from norma.formats.npy import write_npy
from norma.formats.npz import read_npz


def sent(body):
    content = b"".join(body.pieces())
    assert len(content) == body.length
    return content


@pytest.mark.parametrize(
    "array",
    [
        np.arange(12.0).reshape(3, 4),
        np.asfortranarray(np.arange(12, dtype="int16").reshape(3, 4)),
        np.arange(24, dtype=">f4").reshape(2, 3, 4),
        np.arange(24).reshape(4, 6)[::2, ::3],
        np.zeros((0, 5), "float16"),
        np.array(7.5),
        np.array([True, False]),
    ],
    ids=lambda array: f"{array.dtype}{array.shape}",
)
def test_numpy_reads_what_is_sent(array):
    read = np.load(io.BytesIO(sent(write_npy(array))))
    np.testing.assert_array_equal(read, array)
    assert read.dtype == array.dtype


def test_a_contiguous_array_is_sent_without_a_copy():
    array = np.zeros(1 << 18)
    pieces = write_npy(array).pieces()
    next(pieces)
    assert np.shares_memory(np.frombuffer(next(pieces)), array)


def test_archives_of_numpy_are_read_without_a_copy():
    file = io.BytesIO()
    np.savez(file, data=np.arange(6.0).reshape(2, 3))
    answer = bytearray(file.getvalue())
    data = read_npz(answer).data
    np.testing.assert_array_equal(data, [[0, 1, 2], [3, 4, 5]])
    assert np.shares_memory(data, np.frombuffer(answer, np.uint8))


def test_a_damaged_archive_is_an_error():
    file = io.BytesIO()
    np.savez(file, data=np.arange(6.0))
    answer = bytearray(file.getvalue())
    answer[answer.index(np.float64(3).tobytes())] ^= 1
    with pytest.raises(ValueError, match="checksum"):
        read_npz(answer)


@pytest.mark.parametrize(
    "data, reason",
    [
        (np.array(["a", "b"]), "real numbers"),
        (np.array([1j]), "real numbers"),
        (np.array(["2024-01-01"], "datetime64[D]"), "real numbers"),
    ],
)
def test_what_holds_no_numbers_is_a_type_error(data, reason):
    with pytest.raises(TypeError, match=reason):
        encode(data)


def test_sparse_matrices_are_a_type_error_that_says_what_to_do():
    from scipy.sparse import eye_array

    with pytest.raises(TypeError, match="toarray"):
        encode(eye_array(3))


@pytest.mark.parametrize("by", ["arrow", "csv"])
def test_a_frame_keeps_its_index_its_labels_and_what_holds_no_numbers(client, by, monkeypatch):
    if by == "csv":
        monkeypatch.setattr(frames, "has_pyarrow", lambda: False)
    frame = pd.DataFrame(
        {
            "city": pd.Categorical(["Oslo", "Bern", "Oslo"]),
            7: [0.1, 0.2, 0.7],
            "day": pd.to_datetime(["2024-01-01", "2024-02-01", "2024-03-01"]),
            "count": [1, 2, 6],
        },
        index=["x", "y", "z"],
    )
    fitted = client.fit(frame, "minmax").fitted
    scaled = client.transform(frame, fitted)
    expected = frame.assign(**{"count": [0.0, 0.2, 1.0]})
    expected[7] = (frame[7] - 0.1) / (0.7 - 0.1)
    pd.testing.assert_frame_equal(scaled, expected, rtol=1e-12)
    back = client.inverse_transform(scaled, fitted)
    pd.testing.assert_frame_equal(back, frame.astype({"count": float}), rtol=1e-12)


def test_the_same_frame_has_the_same_bits_by_arrow_by_csv_and_as_an_array(client, monkeypatch):
    frame = pd.DataFrame(np.random.default_rng(0).normal(size=(50, 3)) * [1e-9, 1, 1e9], columns=list("abc"))
    fitted = client.fit(frame, "zscore").fitted
    arrow = client.transform(frame, fitted)
    array = client.transform(frame.to_numpy(), fitted)
    monkeypatch.setattr(frames, "has_pyarrow", lambda: False)
    csv = client.transform(frame, fitted)
    assert (arrow.to_numpy() == array).all()
    assert (csv.to_numpy() == array).all()


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".feather", ".npy"])
def test_a_file_comes_back_as_a_table_or_an_array(client, tmp_path, suffix):
    path = tmp_path / f"data{suffix}"
    frame = pd.DataFrame({"a": [1.0, 2.0, 3.0], "t": ["x", "y", "z"]})
    if suffix == ".npy":
        np.save(path, frame[["a"]].to_numpy())
        np.testing.assert_array_equal(client.normalize(path, "minmax").data, [[0], [0.5], [1]])
        return
    write = {".csv": lambda: frame.to_csv(path, index=False), ".parquet": lambda: frame.to_parquet(path)}
    write.get(suffix, lambda: frame.to_feather(path))()
    assert client.normalize(path, "minmax").data.to_pydict() == {"a": [0.0, 0.5, 1.0], "t": ["x", "y", "z"]}


def test_tables_of_pyarrow_come_back_as_tables(client):
    import pyarrow as pa

    table = pa.table({"a": [1.0, 2.0, 3.0], "t": ["x", None, "z"]})
    fitted = client.fit(table, "minmax").fitted
    assert client.transform(table, fitted).to_pydict() == {"a": [0.0, 0.5, 1.0], "t": ["x", None, "z"]}
    batch = pa.record_batch({"a": [2.0], "t": ["y"]})
    assert isinstance(client.transform(batch, fitted), pa.RecordBatch)
    assert client.transform(batch, fitted).to_pydict() == {"a": [0.5], "t": ["y"]}
