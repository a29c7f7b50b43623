"""Layers of torch and keras that compute what the service computes, where these libraries are."""

import importlib
import os

import numpy as np
import pytest

import norma
from norma import Fitted
from norma.convert.parts import NotConvertibleError

os.environ.setdefault("KERAS_BACKEND", "jax")

X = np.random.default_rng(0).lognormal([0, 1, 3], 0.5, (200, 3)).astype("float32")
NEW = np.random.default_rng(1).lognormal([0, 1, 3], 0.4, (50, 3)).astype("float32")
FAR = (np.random.default_rng(2).normal(1e6, 1, (200, 3))).astype("float32")
IMAGES = np.random.default_rng(3).random((6, 3, 5, 4)).astype("float32")

NORMALIZERS = [
    {"method": "minmax", "feature_range": (-1, 3), "clip": True},
    {"method": "zscore", "ddof": 1},
    {"method": "zscore", "with_std": False, "clip": (-1, None)},
    {"method": "zscore", "axis": None},
    {"method": "maxabs"},
    {"method": "mean_range"},
    {"method": "robust"},
    {"method": "power"},
    {"method": "power", "power_method": "box-cox", "standardize": False},
    {"method": "norm"},
    {"method": "norm", "order": 1},
    {"method": "norm", "order": 3, "epsilon": 10},
    {"method": "norm", "order": "inf"},
    {"method": "norm", "order": "-inf"},
    {"method": "norm", "order": "rms", "epsilon": 0.1},
    {"method": "norm", "order": 0},
    {"method": "norm", "axis": 0},
    {"method": "affine", "mean": 1, "std": [1, 2, 3], "rescale": 0.5},
    {"method": "log"},
    {"method": "log", "kind": "log", "base": 10},
    {"method": "log", "kind": "symlog", "offset": 1},
    {"method": "log", "kind": "asinh", "scale": 2},
    {"method": "clip", "quantile_range": (10, 90)},
    {"method": "whiten", "kind": "pca", "n_components": 2},
    {"method": "whiten", "kind": "zca"},
    {"method": "whiten", "kind": "cholesky"},
    {"method": "passthrough"},
    {"method": "zscore", "columns": [2, 0]},
]


def layer(library, fitted):
    module = pytest.importorskip(library)
    converted = getattr(norma, f"to_{library}")(fitted)
    if library == "torch":
        return lambda data: converted(module.from_numpy(data)).numpy()
    return lambda data: np.asarray(converted(data))


@pytest.mark.parametrize("library", ["torch", "keras"])
@pytest.mark.parametrize("normalizer", NORMALIZERS, ids=str)
def test_a_layer_computes_what_the_service_computes(client, library, normalizer):
    fitted = client.fit(X, normalizer).fitted
    expected = client.transform(NEW, fitted)
    out = layer(library, fitted)(NEW)
    assert out.dtype == np.float32
    np.testing.assert_allclose(out, expected, rtol=0, atol=1e-6 * np.abs(expected).max())


@pytest.mark.parametrize("library", ["torch", "keras"])
@pytest.mark.parametrize("normalizer", ["zscore", {"method": "minmax"}, "whiten"], ids=str)
def test_a_large_mean_costs_no_digits(client, library, normalizer):
    fitted = client.fit(FAR, normalizer).fitted
    expected = client.transform(FAR.astype(float), fitted)
    np.testing.assert_allclose(layer(library, fitted)(FAR), expected, rtol=0, atol=1e-6 * np.abs(expected).max())


@pytest.mark.parametrize("library", ["torch", "keras"])
@pytest.mark.parametrize("axis", [(0, 2, 3), (0,), (1, 2, 3), None], ids=str)
def test_images_are_normalized_along_the_axes_of_the_fit(client, library, axis):
    for method in ["zscore", "norm"]:
        fitted = client.fit(IMAGES, {"method": method, "axis": axis}).fitted
        if fitted.scope == "sample" and method == "zscore":
            continue
        expected = client.transform(IMAGES, fitted)
        np.testing.assert_allclose(layer(library, fitted)(IMAGES), expected, rtol=0, atol=1e-6 * np.abs(expected).max())


@pytest.mark.parametrize("library", ["torch", "keras"])
def test_what_a_layer_cannot_compute_is_refused(client, library):
    pytest.importorskip(library)
    fitted = client.fit(X, {"method": "quantile", "n_quantiles": 10}).fitted
    with pytest.raises(NotConvertibleError, match="quantile"):
        getattr(norma, f"to_{library}")(fitted)


@pytest.mark.parametrize("library", ["torch", "keras"])
def test_a_pipeline_for_some_columns_in_a_document(client, library):
    wide = X.astype(float)
    first = client.fit(wide[:, [2]], "log").fitted
    second = client.fit(np.log1p(wide[:, [2]]), "zscore").fitted
    third = client.fit(wide[:, [0]], "minmax").fitted
    fitted = Fitted(
        {
            "normalizer": {
                "method": "column_transformer",
                "transformers": [
                    {
                        "columns": [2],
                        "normalizer": {"method": "pipeline", "steps": [first.normalizer, second.normalizer]},
                    },
                    {"columns": [0], "normalizer": third.normalizer},
                ],
                "remainder": "passthrough",
            },
            "input": {"dtype": "float64", "shape": [None, 3]},
            "parameters": {
                "transformers": [
                    {"steps": [first.document["parameters"], second.document["parameters"]]},
                    third.document["parameters"],
                ]
            },
            "n_samples_seen": 200,
        }
    )
    logs = np.log1p(wide[:, 2])
    expected = NEW.copy()
    expected[:, 0] = (NEW[:, 0] - wide[:, 0].min()) / np.ptp(wide[:, 0])
    expected[:, 2] = (np.log1p(NEW[:, 2]) - logs.mean()) / logs.std()
    np.testing.assert_allclose(layer(library, fitted)(NEW), expected, atol=1e-6)


def test_a_module_of_torch_keeps_its_document_in_its_state(client):
    torch = pytest.importorskip("torch")
    one, other = (norma.to_torch(client.fit(data, "zscore").fitted) for data in (X, NEW))
    other.load_state_dict(one.state_dict())
    batch = torch.from_numpy(NEW)
    assert torch.equal(one(batch), other(batch))
    assert one(batch.double()).dtype == torch.float64
    assert one(batch.half()).dtype == torch.float16
    assert not list(one.parameters())


# Of keras itself, which NumPy tells to change.
@pytest.mark.filterwarnings("ignore:.*copy keyword:DeprecationWarning")
def test_a_layer_of_keras_is_saved_with_its_model(client, tmp_path):
    keras = pytest.importorskip("keras")
    importlib.import_module("norma.convert.keras")
    model = keras.Sequential([keras.Input((3,)), norma.to_keras(client.fit(X, "power").fitted), keras.layers.Dense(2)])
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded.predict(NEW, verbose=0), model.predict(NEW, verbose=0))
