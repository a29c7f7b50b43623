"""Fit a data set that no single machine holds, part by part; then transform by .npy and take it back.

With the standard library and NumPy alone. Run: python3 parts.py [URL], the service's address being
http://localhost:8080 unless given. Parts may come from as many machines as there are, in any order; a part that is
sent again replaces itself, so that a retry never counts twice.
"""

import io
import json
import sys
import urllib.request

import numpy as np

URL = sys.argv[1] if len(sys.argv) > 1 else "http://localhost:8080"


def call(method, path, body=b"", **headers):
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(URL + path, body, headers, method=method)
    with urllib.request.urlopen(request) as answer:
        return answer.read()


def call_json(method, path, **members):
    return json.loads(call(method, path, json.dumps(members).encode(), content_type="application/json"))


def npy(array):
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


# The data set, which here is three arrays; elsewhere each machine loads its own.
random = np.random.default_rng(0)
shards = [random.normal([10, -3], [2, 0.5], (1000, 2)).astype("float32") for _ in range(3)]

# Begin, send every part under a name of its own (one of them twice), and commit: the normalizer is stored by its name.
fit = call_json("POST", "/v1/fits", normalizer={"method": "zscore", "axis": 0})["id"]
for name in [2, 0, 1, 0]:
    call("PUT", f"/v1/fits/{fit}/parts/{name}", npy(shards[name]), content_type="application/x-npy")
stored = call_json("POST", f"/v1/fits/{fit}/commit", name="shards", expected_parts=3)
mean = np.array(stored["fitted"]["parameters"]["mean"])
print("samples", stored["fitted"]["n_samples_seen"], "from", stored["n_parts"], "parts")
print("the mean of all of them", np.allclose(mean, np.concatenate(shards).mean(axis=0, dtype="float64"), rtol=1e-12))

# Transform by name and take it back: arrays in, arrays out.
arrays = {"content_type": "application/x-npy", "accept": "application/x-npy"}
path = f"/v1/normalizers/shards/versions/{stored['version']}"
scaled = np.load(io.BytesIO(call("POST", f"{path}/transform", npy(shards[0]), **arrays)))
print("transformed", scaled.dtype, scaled.shape, "deviations", scaled.std(axis=0, dtype="float64").round(1))
back = np.load(io.BytesIO(call("POST", f"{path}/inverse-transform", npy(scaled), **arrays)))
print("taken back", np.allclose(back, shards[0], rtol=1e-5))
