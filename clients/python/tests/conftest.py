"""The real service, started once from this repository."""

import os
import re
import subprocess
import uuid
from pathlib import Path

import pytest

from norma import Client

REPOSITORY = Path(__file__).parents[3]


@pytest.fixture(scope="session")
def url(tmp_path_factory):
    """The service's address: NORMA_TEST_URL, or one that is started for these tests."""
    given = os.environ.get("NORMA_TEST_URL")
    if given:
        yield given
        return
    log = tmp_path_factory.mktemp("service") / "log"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("NORMA_")}
    settings = {"PORT": "0", "HOST": "127.0.0.1", "NORMA_STORE": "memory:", "NORMA_WORKERS": "1"}
    node = os.environ.get("NORMA_TEST_NODE", str(REPOSITORY / "node_modules/.bin/node"))
    with log.open("wb") as output:
        service = subprocess.Popen(
            [node, "src/server.js"], cwd=REPOSITORY, env={**environment, **settings}, stdout=output, stderr=output
        )
    try:
        yield _address(service, log)
    finally:
        service.terminate()
        service.wait(30)


def _address(service, log):
    import time

    for _ in range(600):
        found = re.search(r"listening at (http:[^\"]+)", log.read_text())
        if found:
            return found[1]
        if service.poll() is not None:
            break
        time.sleep(0.1)
    raise RuntimeError(f"The service did not start:\n{log.read_text()}")


@pytest.fixture(scope="session")
def client(url):
    with Client(url) as client:
        yield client


@pytest.fixture
def name():
    """A name for a stored normalizer that no other test has."""
    return f"test-{uuid.uuid4().hex[:8]}"
