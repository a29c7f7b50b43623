import dask
import dask.array as da
import dask.dataframe as dd
import numpy as np
import pandas as pd
import pytest
from dask.distributed import Client as Cluster
from dask.distributed import LocalCluster
from rows import COLUMNS, PARTITIONS, ROWS, rows

from norma import PartitionTransform, fit_partitions


@pytest.fixture(scope="module")
def cluster():
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as local,
        Cluster(local) as cluster,
    ):
        yield cluster


def array():
    parts = [da.from_delayed(dask.delayed(rows)(at), (ROWS, 3), float) for at in range(PARTITIONS)]
    return da.concatenate(parts)


def test_a_worker_that_is_killed_changes_nothing(cluster, fragile, name, check):
    committed = fit_partitions(array(), "zscore", name, client=fragile)
    assert committed.n_parts == PARTITIONS
    check(committed)


def test_a_frame_is_fitted_and_transformed_partition_by_partition(cluster, client, name, whole):
    frame = dd.from_map(lambda at: pd.DataFrame(rows(at), columns=COLUMNS).assign(city="Oslo"), range(PARTITIONS))
    committed = fit_partitions(frame, "minmax", name, client=client)
    assert committed.fitted.columns == tuple(COLUMNS)
    scaled = frame.map_partitions(PartitionTransform(client, name)).compute()
    assert (scaled["city"] == "Oslo").all()
    np.testing.assert_allclose(scaled[COLUMNS], (whole - whole.min(axis=0)) / np.ptp(whole, axis=0), atol=1e-12)


def test_an_array_is_transformed_block_by_block(cluster, client, name, whole):
    fit_partitions(array(), "minmax", name, client=client)
    scaled = array().map_blocks(PartitionTransform(client, name), dtype=float).compute()
    np.testing.assert_allclose(scaled, (whole - whole.min(axis=0)) / np.ptp(whole, axis=0), atol=1e-12)
