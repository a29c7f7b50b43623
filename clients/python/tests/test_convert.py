"""Estimators of scikit-learn that compute what the service computes, and the way back."""

import numpy as np
import pandas as pd
import pytest
from sklearn import preprocessing
from sklearn.base import clone
from sklearn.decomposition import PCA

from norma import Fitted, from_sklearn, to_sklearn
from norma.convert.parts import NotConvertibleError

X = np.random.default_rng(0).lognormal([0, 1, 3], 0.5, (200, 3))
NEW = np.random.default_rng(1).lognormal([0, 1, 3], 0.4, (50, 3))

NORMALIZERS = [
    "minmax",
    {"method": "minmax", "feature_range": (-1, 3), "clip": True},
    "zscore",
    {"method": "zscore", "with_mean": False, "ddof": 1},
    {"method": "zscore", "with_std": False},
    {"method": "zscore", "epsilon": 0.1},
    "maxabs",
    "mean_range",
    "robust",
    {"method": "robust", "with_centering": False, "quantile_range": (10, 90), "unit_variance": True},
    {"method": "quantile", "n_quantiles": 50},
    {"method": "quantile", "n_quantiles": 20, "output_distribution": "normal"},
    "power",
    {"method": "power", "power_method": "box-cox", "standardize": False},
    {"method": "norm", "order": 1},
    {"method": "norm", "order": 2},
    {"method": "norm", "order": np.inf},
    {"method": "affine", "mean": 1, "std": [1, 2, 3], "rescale": 0.5},
    "log",
    {"method": "log", "kind": "asinh"},
    {"method": "clip", "quantile_range": (10, 90)},
    {"method": "whiten", "kind": "pca", "n_components": 2},
    "passthrough",
    {"method": "zscore", "columns": [1]},
    {"method": "minmax", "columns": [2, 0]},
]


@pytest.mark.parametrize("normalizer", NORMALIZERS, ids=str)
def test_the_estimator_computes_what_the_service_computes(client, normalizer):
    fitted = client.fit(X, normalizer).fitted
    expected = client.transform(NEW, fitted)
    converted = to_sklearn(fitted)
    np.testing.assert_allclose(converted.transform(NEW), expected, rtol=1e-9, atol=1e-9)
    clone(converted)


@pytest.mark.parametrize(
    "normalizer, reason",
    [
        ({"method": "norm", "order": 3}, "l1, l2 and max"),
        ({"method": "zscore", "axis": 1}, "one statistic per feature"),
        ({"method": "log", "base": 2, "kind": "log"}, "functions of NumPy"),
        ({"method": "whiten", "kind": "zca"}, "pca only"),
    ],
    ids=str,
)
def test_what_scikit_learn_has_not_is_refused_with_a_reason(client, normalizer, reason):
    fitted = client.fit(X, normalizer).fitted
    with pytest.raises(NotConvertibleError, match=reason):
        to_sklearn(fitted)


@pytest.mark.parametrize(
    "estimator",
    [
        preprocessing.StandardScaler(),
        preprocessing.MinMaxScaler((-1, 1), clip=True),
        preprocessing.MaxAbsScaler(),
        preprocessing.RobustScaler(unit_variance=True),
        preprocessing.QuantileTransformer(n_quantiles=40, output_distribution="normal"),
        preprocessing.PowerTransformer(),
        preprocessing.Normalizer("l1"),
        preprocessing.FunctionTransformer(np.log1p, np.expm1),
        PCA(whiten=True),
    ],
    ids=lambda estimator: type(estimator).__name__,
)
def test_an_estimator_of_scikit_learn_is_stored_and_served(client, name, estimator):
    estimator.fit(X)
    client.store(name, sklearn=estimator)
    np.testing.assert_allclose(client.transform(NEW, name), estimator.transform(NEW), rtol=1e-9, atol=1e-9)
    # And home again.
    np.testing.assert_allclose(
        to_sklearn(client.load(name)).transform(NEW), estimator.transform(NEW), rtol=1e-9, atol=1e-9
    )


def test_an_estimator_is_described_by_class_arguments_and_attributes():
    scaler = preprocessing.PowerTransformer().fit(X)
    described = from_sklearn(scaler)
    assert described["class"] == "PowerTransformer"
    assert described["params"] == scaler.get_params()
    np.testing.assert_array_equal(described["attributes"]["lambdas_"], scaler.lambdas_)


def test_names_of_columns_go_along(client):
    frame = pd.DataFrame(X, columns=["a", "b", "c"])
    converted = to_sklearn(client.fit(frame, "zscore").fitted)
    assert list(converted.feature_names_in_) == ["a", "b", "c"]
    np.testing.assert_allclose(converted.transform(frame), preprocessing.StandardScaler().fit_transform(frame))


def document(normalizer, parameters, columns=None):
    taken = {"dtype": "float64", "shape": [None, 3], **({"columns": columns} if columns else {})}
    return Fitted({"normalizer": normalizer, "input": taken, "parameters": parameters, "n_samples_seen": 2})


def test_a_pipeline_in_a_document_becomes_a_pipeline(client):
    first = client.fit(X, "log").fitted
    second = client.fit(np.log1p(X), "minmax").fitted
    fitted = document(
        {"method": "pipeline", "steps": [first.normalizer, second.normalizer]},
        {"steps": [first.document["parameters"], second.document["parameters"]]},
    )
    expected = preprocessing.MinMaxScaler().fit(np.log1p(X)).transform(np.log1p(NEW))
    np.testing.assert_allclose(to_sklearn(fitted).transform(NEW), expected, rtol=1e-12)


@pytest.mark.parametrize("columns", [None, ["a", "b", "c"]])
def test_a_column_transformer_in_a_document_leaves_the_columns_where_they_are(client, columns):
    parts = [client.fit(X[:, [2]], "zscore").fitted, client.fit(X[:, [0]], "minmax").fitted]
    chosen = [["c"], ["a"]] if columns else [[2], [0]]
    fitted = document(
        {
            "method": "column_transformer",
            "transformers": [
                {"columns": chosen[0], "normalizer": parts[0].normalizer},
                {"columns": chosen[1], "normalizer": parts[1].normalizer},
            ],
            "remainder": "passthrough",
        },
        {"transformers": [part.document["parameters"] for part in parts]},
        columns,
    )
    out = to_sklearn(fitted).transform(pd.DataFrame(NEW, columns=columns) if columns else NEW)
    np.testing.assert_allclose(out[:, 2], (NEW[:, 2] - X[:, 2].mean()) / X[:, 2].std(), rtol=1e-12)
    np.testing.assert_array_equal(out[:, 1], NEW[:, 1])
