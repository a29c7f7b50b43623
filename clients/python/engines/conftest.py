"""Two replicas that share one store, which `.ci/engines.ts` starts: NORMA_TEST_REPLICAS has their addresses."""

import os
import uuid

import numpy as np
import pytest
from fragile import FragileClient
from rows import PARTITIONS, rows

from norma import Client

URLS = os.environ.get("NORMA_TEST_REPLICAS", "http://localhost:8080").split(",")


@pytest.fixture(scope="session")
def client():
    return Client(URLS)


@pytest.fixture
def fragile(tmp_path):
    """A client whose process is killed once, after a part has arrived and before anybody is told so."""
    client = FragileClient(URLS)
    client.marker = str(tmp_path / "killed")
    return client


@pytest.fixture
def name():
    return f"engine-{uuid.uuid4().hex[:8]}"


@pytest.fixture(scope="session")
def whole():
    """All rows, in one array."""
    return np.concatenate([rows(partition) for partition in range(PARTITIONS)])


@pytest.fixture
def check(client, fragile, whole):
    """Checks a fit that a worker did not survive against the fit of the whole."""

    def check_fit(committed):
        assert os.path.exists(fragile.marker), "no worker was killed"
        assert committed.fitted.n_samples_seen == len(whole)
        expected = client.fit(whole, "zscore", statistics=False).fitted.parameters
        for parameter in ("mean", "scale"):
            np.testing.assert_allclose(committed.fitted.parameters[parameter], expected[parameter], rtol=1e-12)
        np.testing.assert_allclose(committed.fitted.parameters["mean"], whole.mean(axis=0), rtol=1e-12)

    return check_fit
