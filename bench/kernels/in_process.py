"""Computes with NumPy, SciPy and scikit-learn in this process, and tells how long it took.

Reads commands from stdin, a line of JSON each, and answers each with one:
{"file", "dtype", "shape"} loads an array; {"by", "what", "axis", "times"} computes something of it that many times and
answers the milliseconds that each took. What has no counterpart is answered by null.
"""

import json
import sys
import time

import numpy as np

try:
    from scipy.stats import describe
    from sklearn import preprocessing
except ImportError:
    describe = preprocessing = None


def floats(x):
    """As scikit-learn does it to what is no float yet, but to float32."""
    return x if x.dtype.kind == "f" else x.astype(np.float32)


def over(axis):
    return {"axis": axis, "keepdims": True}


def minmax(x, axis):
    low, high = x.min(**over(axis)), x.max(**over(axis))
    return (floats(x) - low) / floats(high - low)


def zscore(x, axis):
    mean, std = x.mean(**over(axis), dtype=np.float64), x.std(**over(axis), dtype=np.float64)
    return apply_zscore(x, mean, std)


def apply_zscore(x, mean, std):
    return (floats(x) - mean.astype(np.float32)) / std.astype(np.float32) if x.itemsize < 8 else (x - mean) / std


def norm(x, axis):
    y = floats(x)
    return y / np.sqrt((y * y).sum(**over(axis)))


def robust(x, axis):
    low, middle, high = np.percentile(x, [25, 50, 75], **over(axis))
    return (x - middle) / (high - low)


def maxabs(x, axis):
    return floats(x) / np.abs(x).max(**over(axis))


def mean_range(x, axis):
    low, high, mean = x.min(**over(axis)), x.max(**over(axis)), x.mean(**over(axis))
    return (floats(x) - mean) / floats(high - low)


def affine(x, _):
    return (floats(x) * np.float32(2) - np.float32(0.5)) / np.float32(3)


def l2_in_place(x, _):
    x /= np.sqrt(np.einsum("ij,ij->i", x, x))[:, None]


def minmax_in_place(x, _):
    low, high = x.min(), x.max()
    x -= low
    x /= high - low


def zscore_in_place(x, _):
    mean, std = (np.full(x.shape[1], value, x.dtype) for value in (0.001, 1.001))
    x -= mean
    x /= std


def scaler(make):
    """Scalers work on columns: all values are one."""

    def fit_transform(x, axis):
        return make().fit_transform(floats(x) if axis == 0 else floats(x).reshape(-1, 1))

    return fit_transform


by_numpy = {
    "minmax": minmax,
    "zscore": zscore,
    "norm": norm,
    "robust": robust,
    "maxabs": maxabs,
    "mean_range": mean_range,
    "affine": affine,
    "l2 rows": l2_in_place,
    "min-max": minmax_in_place,
    "z-score apply": zscore_in_place,
    "median": lambda x, axis: np.median(x, axis),
    "quartiles": lambda x, axis: np.quantile(x, [0.25, 0.5, 0.75], axis),
}

by_sklearn = preprocessing and {
    "four moments": lambda x, axis: describe(x, axis),
    "minmax": scaler(preprocessing.MinMaxScaler),
    "zscore": scaler(preprocessing.StandardScaler),
    "robust": scaler(preprocessing.RobustScaler),
    "maxabs": scaler(preprocessing.MaxAbsScaler),
    "quantile": scaler(lambda: preprocessing.QuantileTransformer(subsample=2**62)),
    "power": scaler(preprocessing.PowerTransformer),
    "norm": lambda x, axis: preprocessing.normalize(floats(x)),
}


def has(by, what, axis):
    if by == "numpy":
        return what in by_numpy
    # scikit-learn's normalize is for rows, its scalers for columns.
    return bool(by_sklearn) and what in by_sklearn and (what == "four moments" or (axis == -1) == (what == "norm"))


x = None
for line in sys.stdin:
    command = json.loads(line)
    answer = None
    if "file" in command:
        x = np.fromfile(command["file"], command["dtype"]).reshape(command["shape"])
    elif has(command["by"], command["what"], command["axis"]):
        compute = (by_numpy if command["by"] == "numpy" else by_sklearn)[command["what"]]
        started = time.perf_counter()
        for _ in range(command["times"]):
            compute(x, command["axis"])
        answer = (time.perf_counter() - started) * 1000 / command["times"]
    print(json.dumps(answer), flush=True)
