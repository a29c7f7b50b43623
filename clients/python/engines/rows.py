"""The data set: every partition can be made anywhere, and is always the same."""

import numpy as np

PARTITIONS = 12
ROWS = 2000
COLUMNS = ["a", "b", "c"]


def rows(partition):
    """One partition, of shape (ROWS, 3)."""
    return np.random.default_rng(partition).normal([10, -3, 1e6], [2, 0.5, 1], (ROWS, len(COLUMNS)))
