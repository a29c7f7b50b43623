"""Fit a normalizer on a Spark DataFrame: every partition is sent by the executor that has it, as a part.

Run: spark-submit spark_fit.py [URL[,URL...]] [PARQUET]     or, with pyspark installed:   python3 spark_fit.py ...

URL is the service's address, or those of several replicas that share one store, as the executors reach it;
http://localhost:8080 unless given. PARQUET holds numeric columns; without it a small table is made up. Executors need
NumPy, and nothing else: the service is called with the standard library.

A part is named by the number of its partition. Spark runs a task again when it fails, and sometimes twice at once
(speculation): the part that is sent again replaces itself, so nothing counts twice. The data must be the same in both
runs: read them from files, or checkpoint what was shuffled in no certain order. `commit` names the parts there must be.
"""

import io
import json
import sys
import time
import urllib.error
import urllib.request

import numpy as np
from pyspark import TaskContext
from pyspark.sql import SparkSession

ROWS_AT_ONCE = 10_000


def call(url, method, path, body=None, content_type="application/json", tries=8):
    """One call; tried again, later and later, while the service cannot be reached or takes no more."""
    for left in reversed(range(tries)):
        request = urllib.request.Request(url + path, body, {"content-type": content_type}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=300) as answer:
                return json.loads(answer.read())
        except urllib.error.HTTPError as error:
            if error.code not in (429, 503) or left == 0:
                raise RuntimeError(f"{method} {path}: {error.code} {error.read().decode()}") from error
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            if left == 0:
                raise
        time.sleep(0.1 * 2 ** (tries - left))


def sender(urls, fit):
    """What runs on each partition: it sends the rows, and gives the partition's number and how many rows there were."""

    def send(rows):
        partition = TaskContext.get().partitionId()
        blocks, block = [], []
        for row in rows:
            block.append(row)
            if len(block) == ROWS_AT_ONCE:
                blocks.append(np.asarray(block, "float64"))
                block = []
        if block:
            blocks.append(np.asarray(block, "float64"))
        # An empty partition has nothing to be fitted: it is no part.
        if blocks:
            file = io.BytesIO()
            np.save(file, np.concatenate(blocks))
            url = urls[partition % len(urls)]
            part = call(url, "PUT", f"/v1/fits/{fit}/parts/{partition}", file.getvalue(), "application/x-npy")
            yield partition, part["n_samples"]

    return send


def fit_spread(frame, urls, normalizer, name):
    fit = call(urls[0], "POST", "/v1/fits", json.dumps({"normalizer": normalizer}).encode())["id"]
    sent = frame.rdd.mapPartitions(sender(urls, fit)).collect()
    request = {"name": name, "expected_parts": [partition for partition, _ in sent]}
    return sent, call(urls[-1], "POST", f"/v1/fits/{fit}/commit", json.dumps(request).encode())


if __name__ == "__main__":
    urls = (sys.argv[1] if len(sys.argv) > 1 else "http://localhost:8080").split(",")
    spark = SparkSession.builder.appName("norma").getOrCreate()
    if len(sys.argv) > 2:
        frame = spark.read.parquet(sys.argv[2])
    else:
        frame = spark.range(200_000, numPartitions=8).selectExpr("id % 100 as a", "id / 7 as b")
    sent, committed = fit_spread(frame, urls, {"method": "zscore"}, "spark-example")
    parameters = committed["fitted"]["parameters"]
    rows = sum(count for _, count in sent)
    print(f"{committed['n_parts']} parts, {rows} rows, {committed['name']} version {committed['version']}")
    print("mean", [round(x, 3) for x in parameters["mean"]], "scale", [round(x, 3) for x in parameters["scale"]])
    spark.stop()
