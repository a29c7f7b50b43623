"""The examples, as their headers say to run them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import URLS

EXAMPLES = Path(__file__).parents[3] / "examples"


@pytest.mark.parametrize(
    "example, module, lines",
    [
        ("spark_fit.py", "pyspark", ["mean 0.0 0.0", "stddev 1.0 1.0"]),
        ("ray_fit.py", "ray", ["age 0.0 1.0", "income 0.0 1.0"]),
    ],
)
def test_the_example_prints_what_it_should(example, module, lines):
    pytest.importorskip(module)
    environment = {**os.environ, "PYSPARK_PYTHON": sys.executable}
    run = subprocess.run(
        [sys.executable, EXAMPLES / example, ",".join(URLS)],
        capture_output=True,
        text=True,
        env=environment,
        timeout=300,
    )
    assert run.returncode == 0, run.stderr[-3000:]
    told, *rest = [line for line in run.stdout.splitlines() if line]
    assert told.startswith("8 parts, 40000 rows, version ")
    assert rest == lines
