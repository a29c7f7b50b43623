import os

import numpy as np
import pyarrow as pa
import pytest
import ray
from rows import COLUMNS, PARTITIONS, rows

from norma import PartitionTransform, fit_partitions


@pytest.fixture(scope="module", autouse=True)
def cluster():
    path = os.pathsep.join([os.path.dirname(__file__), os.environ.get("PYTHONPATH", "")])
    ray.init(
        num_cpus=2,
        include_dashboard=False,
        object_store_memory=200 << 20,
        runtime_env={"env_vars": {"PYTHONPATH": path}},
        log_to_driver=False,
    )
    yield
    ray.shutdown()


def dataset():
    def load(batch):
        return pa.Table.from_arrays(list(np.concatenate([rows(at) for at in batch["id"]]).T), COLUMNS)

    return ray.data.range(PARTITIONS, override_num_blocks=PARTITIONS).map_batches(load, batch_size=None)


def test_a_worker_that_is_killed_changes_nothing(fragile, name, check):
    check(fit_partitions(dataset(), "zscore", name, client=fragile))


def test_batches_are_transformed_where_they_are(client, name, whole):
    fit_partitions(dataset(), "minmax", name, client=client)
    scaled = dataset().map_batches(PartitionTransform(client, name), batch_format="pyarrow", batch_size=None)
    table = pa.concat_tables(ray.get(scaled.to_arrow_refs()))
    expected = (whole - whole.min(axis=0)) / np.ptp(whole, axis=0)
    for column, values in zip(COLUMNS, expected.T, strict=True):
        np.testing.assert_allclose(np.sort(table[column].to_numpy()), np.sort(values), atol=1e-12)
