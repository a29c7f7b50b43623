import asyncio

import numpy as np
import pytest

kserve = pytest.importorskip("kserve")


def request(model, rows, binary):
    tensor = kserve.InferInput("input", list(rows.shape), "FP32")
    tensor.set_data_from_numpy(rows, binary_data=binary)
    return kserve.InferRequest(model_name=model, infer_inputs=[tensor])


@pytest.mark.parametrize("binary", [True, False])
def test_its_rest_client_infers(url, model, rows, scaled, binary):
    async def infer():
        client = kserve.InferenceRESTClient(kserve.inference_client.RESTConfig(protocol="v2", retries=1))
        try:
            assert await client.is_server_live(url) and await client.is_server_ready(url)
            assert await client.is_model_ready(url, model)
            return await client.infer(url, request(model, rows, binary), model_name=model)
        finally:
            await client.close()

    answer = asyncio.run(infer())
    np.testing.assert_array_equal(answer.outputs[0].as_numpy(), scaled)
    assert answer.model_name == model
