import os
import sys

import numpy as np
import pytest
from pyspark.sql import SparkSession
from rows import COLUMNS, PARTITIONS, rows

from norma import PartitionTransform, fit_partitions

SCHEMA = "a double, b double, c double"


@pytest.fixture(scope="module")
def spark():
    os.environ["PYSPARK_PYTHON"] = sys.executable
    # Four tries for each task: by default a local master has one.
    session = (
        SparkSession.builder.master("local[2,4]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.log.level", "ERROR")
        .getOrCreate()
    )
    yield session
    session.stop()


def frame(spark):
    def load(batches):
        import pyarrow as pa

        for batch in batches:
            for partition in batch["id"].to_pylist():
                yield pa.RecordBatch.from_arrays(list(rows(partition).T), COLUMNS)

    return spark.range(0, PARTITIONS, 1, PARTITIONS).mapInArrow(load, SCHEMA)


def test_a_worker_that_is_killed_changes_nothing(spark, fragile, name, check):
    committed = fit_partitions(frame(spark), "zscore", name, client=fragile)
    assert committed.n_parts == PARTITIONS
    check(committed)


def test_batches_are_transformed_where_they_are(spark, client, name, whole):
    fit_partitions(frame(spark), "minmax", name, client=client)
    transform = PartitionTransform(client, name)
    table = frame(spark).mapInArrow(transform.batches, SCHEMA).toArrow()
    expected = (whole - whole.min(axis=0)) / np.ptp(whole, axis=0)
    for column, values in zip(COLUMNS, expected.T, strict=True):
        np.testing.assert_allclose(np.sort(table[column].to_numpy()), np.sort(values), atol=1e-12)
