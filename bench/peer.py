"""What one would deploy instead: the same calls with FastAPI, uvicorn, NumPy, SciPy and scikit-learn.

It does what the benchmark asks of Norma with the tools of its kind, as they are meant to be used: bodies are read with
numpy.frombuffer and json, large ones in a thread so that the event loop goes on, and arrays are written piece by piece. One
process, as FastAPI's documentation has it for a container. It checks nothing.
"""

import ast
import json
import os

import numpy as np
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import Response, StreamingResponse
from scipy.stats import describe
from sklearn.preprocessing import StandardScaler, normalize
from starlette.concurrency import run_in_threadpool

try:
    import orjson
except ImportError:
    orjson = None

app = FastAPI(openapi_url=None)
stored = {}
npy = "application/x-npy"
piece = 2**20

# Bytes of a body that is worked on in the event loop: a thread costs more than it does.
small = 2**15


@app.get("/health/live")
async def live():
    return {"status": "live"}


@app.get("/health/ready")
async def ready():
    return {"status": "ready"}


@app.post("/v1/normalize")
async def normalize_data(request: Request):
    return await answer(request, call_of(request), normalized)


@app.post("/v1/describe")
async def describe_data(request: Request):
    return await answer(request, call_of(request), lambda x, _: {"statistics": statistics_of(x)})


@app.post("/v1/normalizers/{name}/versions")
async def store(name: str, request: Request):
    return await answer(request, call_of(request), lambda x, _: fit(name, x))


@app.post("/v1/normalizers/{name}/transform")
async def transform(name: str, request: Request):
    return await answer(request, call_of(request), lambda x, _: {"data": stored[name].transform(as_float(x), copy=False)})


def call_of(request):
    """Options in the query, under the names of a normalizer in JSON."""
    query = dict(request.query_params)
    if "axis" in query:
        query["axis"] = json.loads(query["axis"])
    return query


async def answer(request, query, compute):
    """Reads the array of a request, computes, and writes the array or a JSON document."""
    is_npy = request.headers["content-type"] == npy
    body = await request.body()
    task = (body, is_npy, query, compute)
    result = work(*task) if len(body) <= small else await run_in_threadpool(work, *task)
    if isinstance(result, bytes):
        return Response(result, media_type="application/json")
    header = npy_header(result)
    length = {"content-length": str(len(header) + result.nbytes)}
    return StreamingResponse(pieces(header, result), media_type=npy, headers=length)


def work(body, is_npy, query, compute):
    if is_npy:
        result = compute(read_npy(body), query)
        return result["data"] if "data" in result else write_json(result)
    call = orjson.loads(body) if orjson else json.loads(body)
    options = {**call.get("normalizer", {}), "include": call.get("include")}
    return write_json(compute(np.array(call["data"]), options))


def normalized(x, options):
    """The data, and unless only they are wanted what was fitted and the statistics of both sides."""
    data, parameters = methods[options["method"]](x, options)
    if x.dtype != np.float64 or options.get("include") == ["data"]:
        return {"data": data}
    statistics = {"input": statistics_of(x), "output": statistics_of(data)}
    return {"data": data, "fitted": {"parameters": parameters}, "statistics": statistics, "warnings": []}


def l2(x, options):
    if x.dtype == np.float64:
        data, norms = normalize(x, return_norm=True)
        return data, {"norms": norms}
    return normalize(as_float(x), copy=False), {}


def minmax(x, options):
    axis = options.get("axis", 0)
    low, high = x.min(axis), x.max(axis)
    data = as_float(x)
    data -= data.dtype.type(low)
    data /= data.dtype.type(high - low)
    return data, {"data_min": low, "data_max": high}


methods = {"norm": l2, "minmax": minmax}


def fit(name, x):
    scaler = StandardScaler().fit(as_float(x))
    stored[name] = scaler
    return {"name": name, "fitted": {"parameters": {"mean": scaler.mean_, "scale": scaler.scale_}}}


def as_float(x):
    """A copy as float32, for pixels; doubles stay doubles."""
    return x.astype(np.float64 if x.dtype == np.float64 else np.float32)


def statistics_of(x):
    nobs, minmax, mean, variance, skewness, kurtosis = describe(x, axis=None)
    shape = {"mean": float(mean), "variance": float(variance), "skewness": float(skewness), "kurtosis": float(kurtosis)}
    return {"nobs": int(nobs), "minmax": [float(end) for end in minmax], **shape}


def read_npy(body):
    """The array of a .npy file of version 1.0, without a copy."""
    start = 10 + int.from_bytes(body[8:10], "little")
    header = ast.literal_eval(body[10:start].decode("latin1"))
    return np.frombuffer(body, header["descr"], offset=start).reshape(header["shape"])


def npy_header(array):
    header = np.lib.format.header_data_from_array_1_0(array)
    text = repr(header).encode("latin1")
    text += b" " * (-(len(text) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text


async def pieces(header, array):
    yield header
    view = memoryview(array.reshape(-1).view(np.uint8))
    for start in range(0, len(view), piece):
        yield bytes(view[start : start + piece])


def write_json(document):
    if orjson:
        return orjson.dumps(document, option=orjson.OPT_SERIALIZE_NUMPY)
    return json.dumps(document, separators=(",", ":"), default=lambda array: array.tolist()).encode()


if __name__ == "__main__":
    uvicorn.run(app, host=os.environ["HOST"], port=int(os.environ["PORT"]), log_level="warning", access_log=False)
