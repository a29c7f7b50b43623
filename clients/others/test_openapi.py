"""The served OpenAPI document, to tools that read nothing else."""

import importlib
import pkgutil
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def generated(url, tmp_path_factory):
    """A client that openapi-python-client makes of the document."""
    pytest.importorskip("openapi_python_client")
    folder = tmp_path_factory.mktemp("generated")
    with urllib.request.urlopen(f"{url}/openapi.json") as answer:
        (folder / "openapi.json").write_bytes(answer.read())
    command = [Path(sys.executable).with_name("openapi-python-client"), "generate", "--path", "openapi.json"]
    made = subprocess.run(
        [*command, "--output-path", "generated", "--meta", "none"],
        cwd=folder,
        capture_output=True,
        text=True,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    assert "Unable to" not in made.stdout, made.stdout
    sys.path.insert(0, str(folder))
    importlib.import_module("generated.models")
    yield importlib.import_module("generated")
    sys.path.remove(str(folder))


def test_a_generated_client_normalizes(url, generated):
    normalize = importlib.import_module("generated.api.data.normalize")
    body = generated.models.NormalizeJsonBody.from_dict(
        {"normalizer": {"method": "norm", "order": 2}, "data": [[3, 4]], "statistics": False}
    )
    answer = normalize.sync(client=generated.Client(base_url=url), body=body)
    assert isinstance(answer, generated.models.NormalizeResponse200), answer
    assert answer.to_dict()["data"] == [[0.6, 0.8]]
    assert answer.fitted.to_dict()["parameters"]["norms"] == [5]


def test_every_module_of_a_generated_client_is_imported(generated):
    modules = [module.name for module in pkgutil.walk_packages(generated.__path__, "generated.")]
    assert len(modules) > 100
    for module in modules:
        importlib.import_module(module)


def test_schemathesis_finds_no_answer_that_the_document_does_not_have(url):
    pytest.importorskip("schemathesis")
    # Not positive_data_acceptance: no schema says which cursors, windows and pictures are data.
    checks = (
        "not_a_server_error,status_code_conformance,content_type_conformance,"
        "response_headers_conformance,response_schema_conformance"
    )
    command = [Path(sys.executable).with_name("schemathesis"), "run", f"{url}/openapi.json", "--checks", checks]
    options = ["--max-examples", "3", "--seed", "1", "--phases", "examples,coverage,fuzzing", "--no-color"]
    run = subprocess.run([*command, *options], capture_output=True, text=True, timeout=400)
    assert run.returncode == 0, run.stdout[-6000:] + run.stderr[-2000:]
