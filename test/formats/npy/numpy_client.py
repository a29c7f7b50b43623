"""What a Python job does with NumPy and the standard library: npz there and back, of one block and of many.

Run by numpy.test.ts with the service's address. Fails with an AssertionError, or prints what it has done.
"""

import http.client
import io
import json
import sys
import urllib.parse
import zipfile

import numpy as np

address = urllib.parse.urlsplit(sys.argv[1])


def post(path, body, content_type, accept):
    """http.client sends the whole body before it reads."""
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=60)
    connection.request("POST", path, body, {"Content-Type": content_type, "Accept": accept})
    response = connection.getresponse()
    answer = response.read()
    assert response.status == 200, answer[:500]
    return answer


def saved(save, **arrays):
    file = io.BytesIO()
    save(file, **arrays)
    return file.getvalue()


rng = np.random.default_rng(7)
npz = "application/x-npz"
for shape in [(5, 3), (400_000, 3)]:
    x = (rng.normal(size=shape) * [1, 10, 100]).astype("f4")
    w = rng.integers(1, 5, shape[0])
    for save in (np.savez, np.savez_compressed):
        answer = post("/v1/normalize?method=zscore", saved(save, data=x, sample_weight=w), npz, npz)
        assert zipfile.ZipFile(io.BytesIO(answer)).testzip() is None
        file = np.load(io.BytesIO(answer))
        assert sorted(file.files) == sorted(["data", "mean", "var", "scale", "fitted.json", "statistics.json", "warnings.json"]), file.files
        mean = np.average(x.astype("f8"), axis=0, weights=w)
        scale = np.sqrt(np.average((x.astype("f8") - mean) ** 2, axis=0, weights=w))
        np.testing.assert_allclose(file["mean"], mean, rtol=1e-10, atol=1e-10)
        np.testing.assert_allclose(file["scale"], scale, rtol=1e-10)
        assert file["data"].dtype == np.float32 and file["data"].shape == shape
        np.testing.assert_allclose(file["data"], (x - mean) / scale, rtol=2e-6, atol=2e-6)
        fitted = json.loads(file["fitted.json"])
        assert json.loads(file["statistics.json"])["input"]["nobs"] == x.size
        query = urllib.parse.urlencode({"fitted": json.dumps(fitted)})
        back = post("/v1/inverse-transform?" + query, saved(np.savez, data=file["data"]), npz, "application/x-npy")
        np.testing.assert_allclose(np.load(io.BytesIO(back)), x, rtol=1e-5, atol=1e-4)
    print(shape, "there and back")
