"""Fit a normalizer on a Dataset of Ray, and apply it there: every task sends its own block.

Run: python3 ray_fit.py [URL[,URL...]] [RAY_ADDRESS], the service's address being http://localhost:8080 unless given, or
those of several replicas that share one store. Without RAY_ADDRESS (such as auto, or ray://head:10001) Ray runs on this
machine. Needs: pip install ./clients/python 'ray[data]'

A part is named by the number of its block. Ray runs a task again when its worker or its node is lost; the part that it
then sends replaces the one it may have sent before, so nothing counts twice.
"""

import sys

import numpy as np
import ray

from norma import Client, PartitionTransform, fit_partitions

client = Client(sys.argv[1] if len(sys.argv) > 1 else None)
ray.init(address=sys.argv[2] if len(sys.argv) > 2 else None, include_dashboard=False, log_to_driver=False)


def load(batch):
    """Some rows. Here they are made up; a real data set is read: ray.data.read_parquet(...)."""
    random = np.random.default_rng(int(batch["id"][0]))
    return {"age": random.normal(10, 2, 5000), "income": random.uniform(0, 100, 5000)}


dataset = ray.data.range(8, override_num_blocks=8).map_batches(load, batch_size=None).materialize()
committed = fit_partitions(dataset, "zscore", "ray-example", client=client, breaking=True)
print(f"{committed.n_parts} parts, {committed.fitted.n_samples_seen} rows, version {committed.version}")

# Every batch goes through the version that was just stored, on whatever machine it is.
transform = PartitionTransform(client, "ray-example", {"version": committed.version})
scaled = dataset.map_batches(transform, batch_format="pyarrow")
for column in ("age", "income"):
    print(column, abs(round(scaled.mean(column), 3)), round(scaled.std(column, ddof=0), 3))
ray.shutdown()
