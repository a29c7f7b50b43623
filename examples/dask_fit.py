"""Fit a normalizer on a data set that is spread over a Dask cluster: every task sends its own partition as a part.

Run: python3 dask_fit.py [URL[,URL...]] [SCHEDULER]

URL is the service's address, or those of several replicas that share one store; http://localhost:8080 unless given.
Without the address of a scheduler a local cluster of two workers is started. Needs dask, distributed and NumPy
(Debian: python3-distributed), and nothing else: the service is called with the standard library.

A part is named by the number of its partition. Dask runs a task again when its worker is lost; the part that it then
sends replaces the one it may have sent before, so nothing counts twice. `commit` names the parts that must be there.
"""

import io
import json
import sys
import time
import urllib.error
import urllib.request

import numpy as np
from dask.distributed import Client, LocalCluster

PARTITIONS = 40
ROWS = 5000


def call(url, method, path, body=None, content_type="application/json", tries=8):
    """One call; tried again, later and later, while the service cannot be reached or takes no more."""
    for left in reversed(range(tries)):
        request = urllib.request.Request(url + path, body, {"content-type": content_type}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.loads(answer.read())
        except urllib.error.HTTPError as error:
            if error.code not in (429, 503) or left == 0:
                raise RuntimeError(f"{method} {path}: {error.code} {error.read().decode()}") from error
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            if left == 0:
                raise
        time.sleep(0.1 * 2 ** (tries - left))


def load(partition):
    """The rows of one partition. Here they are made up; a real task reads its own file."""
    rng = np.random.default_rng(partition)
    return rng.normal([10, -3, 1e6], [2, 0.5, 1], (ROWS, 3)).astype("float32")


def send(urls, fit, partition):
    """The task: reads a partition where it runs, and sends it as the part of that number."""
    file = io.BytesIO()
    np.save(file, load(partition))
    url = urls[partition % len(urls)]
    part = call(url, "PUT", f"/v1/fits/{fit}/parts/{partition}", file.getvalue(), "application/x-npy")
    return part["n_samples"]


def fit_spread(client, urls, normalizer, name):
    fit = call(urls[0], "POST", "/v1/fits", json.dumps({"normalizer": normalizer}).encode())["id"]
    # pure=False: Dask must not take the result of an earlier run for that of this one.
    tasks = client.map(lambda partition: send(urls, fit, partition), range(PARTITIONS), pure=False)
    rows = sum(client.gather(tasks))
    request = {"name": name, "expected_parts": list(range(PARTITIONS))}
    return rows, call(urls[-1], "POST", f"/v1/fits/{fit}/commit", json.dumps(request).encode())


if __name__ == "__main__":
    urls = (sys.argv[1] if len(sys.argv) > 1 else "http://localhost:8080").split(",")
    local = None if len(sys.argv) > 2 else LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)
    with Client(sys.argv[2] if len(sys.argv) > 2 else local) as client:
        rows, committed = fit_spread(client, urls, {"method": "zscore"}, "dask-example")
    if local:
        local.close()
    parameters = committed["fitted"]["parameters"]
    print(f"{committed['n_parts']} parts, {rows} rows, {committed['name']} version {committed['version']}")
    print("mean", [round(x, 3) for x in parameters["mean"]], "scale", [round(x, 3) for x in parameters["scale"]])
