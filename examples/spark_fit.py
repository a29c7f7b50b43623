"""Fit a normalizer on a DataFrame of Spark, and apply it there: every task sends its own partition.

Run: python3 spark_fit.py [URL[,URL...]], the service's address being http://localhost:8080 unless given, or those of
several replicas that share one store. Needs: pip install ./clients/python pyspark pyarrow

A part is named by the number of its partition. Spark runs a task again when its executor is lost; the part that it then
sends replaces the one it may have sent before, so nothing counts twice.
"""

import sys

from pyspark.sql import SparkSession
from pyspark.sql.functions import rand, randn

from norma import Client, PartitionTransform, fit_partitions

client = Client(sys.argv[1] if len(sys.argv) > 1 else None)
spark = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()

# The data set. Here it is made up; a real one is read: spark.read.parquet(...).
frame = spark.range(0, 40_000, 1, 8).select((10 + 2 * randn(1)).alias("age"), (100 * rand(2)).alias("income"))

committed = fit_partitions(frame, "zscore", "spark-example", client=client, breaking=True)
print(f"{committed.n_parts} parts, {committed.fitted.n_samples_seen} rows, version {committed.version}")

# Every batch goes through the version that was just stored, on whatever machine it is.
transform = PartitionTransform(client, "spark-example", {"version": committed.version})
scaled = frame.mapInArrow(transform.batches, "age double, income double")
for row in scaled.summary("mean", "stddev").collect():
    print(row["summary"], *(abs(round(float(row[column]), 3)) for column in ("age", "income")))
spark.stop()
