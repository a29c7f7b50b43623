"""Serve a scaler that scikit-learn has fitted, and take one home that Norma has fitted.

Run: python3 scikit_learn.py [URL], the service's address being http://localhost:8080 unless given.
"""

import json
import sys
import urllib.request

import numpy as np
from sklearn.preprocessing import StandardScaler

URL = sys.argv[1] if len(sys.argv) > 1 else "http://localhost:8080"


def call(path, **members):
    body = json.dumps(members).encode() if members else None
    request = urllib.request.Request(URL + path, body, {"content-type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def document(estimator):
    """A fitted estimator as JSON: its class, what its constructor was given, and what it has learned."""

    def plain(value):
        if hasattr(value, "get_params"):
            return document(value)
        return value.tolist() if hasattr(value, "tolist") else value

    params = estimator.get_params()
    attributes = {name: plain(value) for name, value in vars(estimator).items() if name not in params}
    return {"class": type(estimator).__name__, "params": params, "attributes": attributes}


train = np.array([[1.0, 20.0], [2.0, 50.0], [6.0, 80.0]])
batch = np.array([[3.0, 40.0]])

# Fitted here, served there.
scaler = StandardScaler().fit(train)
stored = call("/v1/normalizers/from-sklearn/versions", sklearn=document(scaler))
served = call("/v1/normalizers/from-sklearn/transform", data=batch.tolist())["data"]
print("here", scaler.transform(batch)[0], "served", np.array(served)[0])

# Fitted there, at home here: the snippet makes an `estimator`.
call("/v1/normalizers/to-sklearn/versions", normalizer={"method": "robust"}, data=train.tolist())
exported = call("/v1/normalizers/to-sklearn/export?format=sklearn")
names = {}
exec(exported["snippet"], names)
print(names["estimator"], names["estimator"].transform(batch)[0])
