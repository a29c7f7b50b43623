import asyncio

import numpy as np
import pytest

http = pytest.importorskip("tritonclient.http")


def address(url):
    return url.removeprefix("http://")


@pytest.fixture
def client(url):
    client = http.InferenceServerClient(address(url))
    yield client
    client.close()


def inputs(module, rows, binary):
    tensor = module.InferInput("input", rows.shape, "FP32")
    tensor.set_data_from_numpy(rows, binary_data=binary)
    return [tensor]


def test_the_server_and_the_model_tell_of_themselves(client, model):
    assert client.is_server_live() and client.is_server_ready() and client.is_model_ready(model)
    assert client.get_server_metadata()["name"]
    metadata = client.get_model_metadata(model)
    assert metadata["inputs"][0] == {"name": "input", "datatype": "FP32", "shape": [-1, 2]}
    assert model in {one["name"] for one in client.get_model_repository_index()}
    assert client.get_model_config(model)["name"] == model


@pytest.mark.parametrize("binary", [True, False])
@pytest.mark.parametrize("compression", [None, "gzip", "deflate"])
def test_it_infers(client, model, rows, scaled, binary, compression):
    outputs = [http.InferRequestedOutput("output", binary_data=binary)]
    answer = client.infer(
        model,
        inputs(http, rows, binary),
        outputs=outputs,
        request_id="one",
        request_compression_algorithm=compression,
        response_compression_algorithm=compression,
    )
    np.testing.assert_array_equal(answer.as_numpy("output"), scaled)
    assert answer.get_response()["id"] == "one"


def test_it_infers_in_the_background(client, model, rows, scaled):
    waiting = [client.async_infer(model, inputs(http, rows, True)) for _ in range(5)]
    for answer in waiting:
        np.testing.assert_array_equal(answer.get_result().as_numpy("output"), scaled)


def test_what_is_wrong_is_an_exception_with_the_services_words(client, model):
    with pytest.raises(http.InferenceServerException if hasattr(http, "InferenceServerException") else Exception) as no:
        client.infer(model, inputs(http, np.zeros((1, 3), np.float32), True))
    assert "(any, 2)" in str(no.value)


def test_the_asynchronous_client_infers_too(url, model, rows, scaled):
    import tritonclient.http.aio as aio

    async def infer():
        async with aio.InferenceServerClient(address(url)) as client:
            assert await client.is_model_ready(model)
            answers = [await client.infer(model, inputs(aio, rows, binary)) for binary in (True, False)]
            answers.append(
                await client.infer(
                    model,
                    inputs(aio, rows, True),
                    request_compression_algorithm="gzip",
                    response_compression_algorithm="gzip",
                )
            )
            return [answer.as_numpy("output") for answer in answers]

    for out in asyncio.run(infer()):
        np.testing.assert_array_equal(out, scaled)
