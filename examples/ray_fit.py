"""Fit a normalizer on a data set that is spread over a Ray cluster: every task sends its own partition as a part.

Run: python3 ray_fit.py [URL[,URL...]] [RAY_ADDRESS]

URL is the service's address, or those of several replicas that share one store; http://localhost:8080 unless given.
Without RAY_ADDRESS (such as auto, or ray://head:10001) Ray runs on this machine. Needs ray and NumPy, and nothing else:
the service is called with the standard library.

A part is named by the number of its partition. Ray runs a task again when its worker or its node is lost; the part that
it then sends replaces the one it may have sent before, so nothing counts twice. `commit` names the parts there must be.
"""

import io
import json
import sys
import time
import urllib.error
import urllib.request

import numpy as np
import ray

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


@ray.remote(max_retries=3, retry_exceptions=True)
def send(urls, fit, partition):
    """The task: reads a partition where it runs, and sends it as the part of that number."""
    file = io.BytesIO()
    np.save(file, load(partition))
    url = urls[partition % len(urls)]
    part = call(url, "PUT", f"/v1/fits/{fit}/parts/{partition}", file.getvalue(), "application/x-npy")
    return part["n_samples"]


def fit_spread(urls, normalizer, name):
    fit = call(urls[0], "POST", "/v1/fits", json.dumps({"normalizer": normalizer}).encode())["id"]
    rows = sum(ray.get([send.remote(urls, fit, partition) for partition in range(PARTITIONS)]))
    request = {"name": name, "expected_parts": list(range(PARTITIONS))}
    return rows, call(urls[-1], "POST", f"/v1/fits/{fit}/commit", json.dumps(request).encode())


if __name__ == "__main__":
    urls = (sys.argv[1] if len(sys.argv) > 1 else "http://localhost:8080").split(",")
    ray.init(address=sys.argv[2] if len(sys.argv) > 2 else None)
    rows, committed = fit_spread(urls, {"method": "zscore"}, "ray-example")
    parameters = committed["fitted"]["parameters"]
    print(f"{committed['n_parts']} parts, {rows} rows, {committed['name']} version {committed['version']}")
    print("mean", [round(x, 3) for x in parameters["mean"]], "scale", [round(x, 3) for x in parameters["scale"]])
    ray.shutdown()
