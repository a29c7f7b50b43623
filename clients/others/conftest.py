"""The service at NORMA_TEST_REPLICAS, and a model in it: `.ci/engines.ts` starts it."""

import json
import os
import urllib.request

import numpy as np
import pytest


def call(url, members=None):
    body = None if members is None else json.dumps(members).encode()
    request = urllib.request.Request(url, body, {"content-type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        return json.loads(answer.read())


@pytest.fixture(scope="session")
def url():
    return os.environ.get("NORMA_TEST_REPLICAS", "http://localhost:8080").split(",")[0]


@pytest.fixture(scope="session")
def model(url):
    """A min-max of two features, from 3 to 6 and from 5 to 10."""
    data = {"dtype": "float32", "shape": [2, 2], "data": [3, 5, 6, 10]}
    call(f"{url}/v1/normalizers/pixels/versions", {"normalizer": {"method": "minmax"}, "data": data, "breaking": True})
    return "pixels"


@pytest.fixture(scope="session")
def table(url):
    """A min-max of two named columns."""
    data = {"columns": ["age", "income"], "data": [[20, 100], [40, 300]]}
    call(f"{url}/v1/normalizers/people/versions", {"normalizer": {"method": "minmax"}, "data": data, "breaking": True})
    return "people"


@pytest.fixture
def rows():
    return np.array([[3, 5], [6, 10], [9, 7.5]], np.float32)


@pytest.fixture
def scaled():
    return np.array([[0, 0], [1, 1], [2, 0.5]], np.float32)
