"""What MLServer's codecs write is read here, and what is answered is read by them."""

import json
import urllib.request

import numpy as np
import pandas as pd
import pytest

codecs = pytest.importorskip("mlserver.codecs")


def infer(url, model, request):
    body = request.model_dump_json(exclude_none=True).encode()
    sent = urllib.request.Request(f"{url}/v2/models/{model}/infer", body, {"content-type": "application/json"})
    with urllib.request.urlopen(sent) as answer:
        from mlserver.types import InferenceResponse

        return InferenceResponse(**json.loads(answer.read()))


def test_arrays_of_its_numpy_codec(url, model, rows, scaled):
    request = codecs.NumpyRequestCodec.encode_request(rows)
    answer = infer(url, model, request)
    np.testing.assert_array_equal(codecs.NumpyRequestCodec.decode_response(answer), scaled)


def test_frames_of_its_pandas_codec(url, table):
    with urllib.request.urlopen(f"{url}/v2/models/{table}") as answer:
        if len(json.loads(answer.read())["inputs"]) == 1:
            pytest.skip("A model of a table has one input so far.")
    frame = pd.DataFrame({"income": [100.0, 200.0], "age": [30.0, 20.0]})
    request = codecs.PandasCodec.encode_request(frame, use_bytes=False)
    answer = codecs.PandasCodec.decode_response(infer(url, table, request))
    scaled = {column: answer[column].to_numpy().ravel().tolist() for column in answer}
    assert scaled == {"age": [0.5, 0.0], "income": [0.0, 0.5]}
