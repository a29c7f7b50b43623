"""Memory does not grow with the data."""

import tracemalloc
from contextlib import contextmanager

import numpy as np

from norma import fit_partitions

ROWS, FEATURES = 1 << 13, 512
FILE_BYTES = ROWS * FEATURES * 8
FEW_BYTES = 12 << 20


@contextmanager
def peak_below(limit):
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < limit
    finally:
        tracemalloc.stop()


def big_file(path):
    array = np.lib.format.open_memmap(path, "w+", np.float64, (ROWS, FEATURES))
    array[:] = np.arange(FEATURES)
    array[0] += 1
    array.flush()
    return path


def test_files_go_up_and_come_down_in_little_memory(client, name, tmp_path):
    source = big_file(tmp_path / "x.npy")
    with peak_below(FEW_BYTES):
        client.store(name, source, "minmax")
        client.transform_file(source, tmp_path / "y.npy", name)
    assert (tmp_path / "y.npy").stat().st_size > FILE_BYTES
    assert np.load(tmp_path / "y.npy", mmap_mode="r")[:2, 5].tolist() == [1, 0]


def test_chunks_are_held_a_few_at_a_time(client, name):
    def chunks():
        for start in range(32):
            yield np.full((ROWS // 32, FEATURES), float(start))

    with peak_below(FILE_BYTES // 4):
        committed = fit_partitions(chunks(), "minmax", name, client=client, parallel=2)
        rows = sum(len(chunk) for chunk in client.transform_stream(chunks(), name, parallel=2))
    assert rows == committed.fitted.n_samples_seen == ROWS
