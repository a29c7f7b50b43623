"""Call a stored normalizer by the Open Inference Protocol, as tritonclient does, with the standard library alone.

Run: python3 oip.py [URL], the service's address being http://localhost:8080 unless given.
With tritonclient: InferenceServerClient("localhost:8080").infer("readings", inputs), the input being "input" and the
output "output".
"""

import array
import json
import sys
import urllib.request

URL = sys.argv[1] if len(sys.argv) > 1 else "http://localhost:8080"


def call(path, body=None, **headers):
    request = urllib.request.Request(URL + path, body, {k.replace("_", "-"): v for k, v in headers.items()})
    with urllib.request.urlopen(request) as answer:
        return answer.headers, answer.read()


# Fit a normalizer and store it: from now on it is a model.
fit = {
    "normalizer": {"method": "minmax"},
    "data": {"dtype": "float32", "shape": [3, 2], "data": [0, 10, 5, 30, 10, 20]},
}
call("/v1/normalizers/readings/versions", json.dumps(fit).encode(), content_type="application/json")
model = json.loads(call("/v2/models/readings")[1])
print(model["inputs"][0], "->", model["outputs"][0]["datatype"])


def infer(rows, operation="transform"):
    """Float32 rows of two, sent and received as bytes after the JSON."""
    tensor = array.array("f", [value for row in rows for value in row])
    if sys.byteorder == "big":
        tensor.byteswap()
    head = json.dumps(
        {
            "inputs": [
                {
                    "name": "input",
                    "shape": [len(rows), 2],
                    "datatype": "FP32",
                    "parameters": {"binary_data_size": len(tensor) * tensor.itemsize},
                }
            ],
            "parameters": {"operation": operation, "binary_data_output": True},
        }
    ).encode()
    headers, body = call(
        "/v2/models/readings/infer",
        head + tensor.tobytes(),
        inference_header_content_length=str(len(head)),
    )
    output = array.array("f", body[int(headers["Inference-Header-Content-Length"]) :])
    if sys.byteorder == "big":
        output.byteswap()
    return [list(output[at : at + 2]) for at in range(0, len(output), 2)]


scaled = infer([[5, 15], [10, 30]])
print("transformed", scaled)
print("taken back", infer(scaled, "inverse_transform"))
