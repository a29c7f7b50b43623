import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.utils.estimator_checks import check_estimator

from norma import NormaScaler, NormaWarning, NotFoundError
from norma.errors import ConflictError

NO_WEIGHTS = (
    "The method takes no sample_weight, and the service says so; scikit-learn asks each fit that has the argument."
)
WEIGHTED = [
    "check_sample_weights_pandas_series",
    "check_sample_weights_not_an_array",
    "check_sample_weights_list",
    "check_all_zero_sample_weights_error",
    "check_sample_weights_shape",
    "check_sample_weights_not_overwritten",
    "check_sample_weight_equivalence_on_dense_data",
]
OPTIONS = {"check_no_attributes_set_in_init": "A method's options are parameters that the constructor does not list."}
NO_PARTS = {"check_fit_score_takes_y": "It calls partial_fit; the method has to see all data at once."}
NOT_REPEATED = {
    "check_sample_weight_equivalence_on_dense_data": "A weighted quantile interpolates between weights, not between "
    "repetitions, as numpy.quantile's weights do."
}


@pytest.fixture(autouse=True)
def service(url, monkeypatch):
    monkeypatch.setenv("NORMA_URL", url)


@pytest.fixture(scope="module")
def wine():
    return load_wine(return_X_y=True, as_frame=True)


@pytest.mark.parametrize(
    "estimator, expected",
    [
        (NormaScaler(), {}),
        (NormaScaler(name="checked", breaking=True), {}),
        (NormaScaler("mean_range"), {}),
        (NormaScaler("minmax"), dict.fromkeys(WEIGHTED, NO_WEIGHTS)),
        (NormaScaler("zscore", nan_policy="omit"), OPTIONS),
        (NormaScaler("robust"), NOT_REPEATED),
        (NormaScaler("quantile", n_quantiles=10), OPTIONS | NOT_REPEATED),
        (NormaScaler("norm"), dict.fromkeys(WEIGHTED, NO_WEIGHTS) | NO_PARTS),
        (NormaScaler("power"), dict.fromkeys(WEIGHTED, NO_WEIGHTS) | NO_PARTS),
    ],
    ids=repr,
)
def test_it_passes_the_checks_of_scikit_learn(estimator, expected):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        check_estimator(estimator, expected_failed_checks=expected, on_skip=None)


def test_it_computes_what_scikit_learn_computes(wine):
    X, _ = wine
    for ours, theirs in [
        (NormaScaler(), StandardScaler()),
        (NormaScaler("minmax", feature_range=(-1, 1)), MinMaxScaler((-1, 1))),
    ]:
        scaled = ours.fit_transform(X.to_numpy())
        np.testing.assert_allclose(scaled, theirs.fit_transform(X.to_numpy()), atol=1e-12)
        np.testing.assert_allclose(ours.inverse_transform(scaled), X, rtol=1e-12)


def test_it_works_in_pipelines_and_searches(wine):
    X, y = wine
    model = make_pipeline(NormaScaler(), LogisticRegression())
    assert cross_val_score(model, X, y, cv=3).mean() > 0.95
    search = GridSearchCV(model, {"normascaler__method": ["minmax", "zscore"], "normascaler__clip": [None]}, cv=2)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        search.fit(X, y)
    assert search.best_params_["normascaler__method"] in ("minmax", "zscore")


def test_it_works_in_a_column_transformer(wine):
    X, y = wine
    columns = make_column_transformer(
        (NormaScaler("robust"), ["alcohol", "ash"]), (NormaScaler(), ["proline"]), remainder="drop"
    )
    model = make_pipeline(columns.set_output(transform="pandas"), LogisticRegression())
    assert len(cross_val_score(model, X, y, cv=2)) == 2
    assert list(columns.fit_transform(X)) == ["normascaler-1__alcohol", "normascaler-1__ash", "normascaler-2__proline"]


def test_options_are_parameters():
    scaler = NormaScaler("minmax", feature_range=(0, 2), axis=0)
    assert scaler.get_params()["feature_range"] == (0, 2)
    assert clone(scaler).get_params() == scaler.get_params()
    assert scaler.set_params(feature_range=(0, 3), method="minmax").get_params()["feature_range"] == (0, 3)
    assert repr(scaler) == "NormaScaler(axis=0, feature_range=(0, 3), method='minmax')"
    with pytest.raises(ValueError, match="did you mean"):
        NormaScaler("minmax", feature_rang=(0, 1)).fit([[1.0], [2.0]])


def test_a_pickled_estimator_transforms(wine):
    X, _ = wine
    scaler = NormaScaler("quantile", n_quantiles=50).fit(X)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(scaler)).transform(X), scaler.transform(X))


def test_frames_come_back_with_their_text_and_names():
    frame = pd.DataFrame({"age": [20, 30], "city": ["Oslo", "Bern"]}, index=[7, 8])
    scaler = NormaScaler().set_output(transform="pandas")
    with pytest.warns(NormaWarning, match="passed_through"):
        scaled = scaler.fit_transform(frame)
    pd.testing.assert_frame_equal(scaled, pd.DataFrame({"age": [-1.0, 1], "city": ["Oslo", "Bern"]}, index=[7, 8]))
    assert list(scaler.get_feature_names_out()) == ["age", "city"]


def test_fewer_columns_come_out_with_names_of_their_own(wine):
    X, _ = wine
    scaler = NormaScaler("whiten", kind="pca", n_components=2).set_output(transform="pandas").fit(X)
    assert list(scaler.transform(X)) == ["pca0", "pca1"]
    plain = NormaScaler("whiten", kind="pca", n_components=2).fit(X.to_numpy())
    assert list(plain.get_feature_names_out()) == ["whiten0", "whiten1"]


@pytest.mark.parametrize("method", ["zscore", "minmax", "robust"])
def test_parts_fit_to_what_the_whole_fits_to(wine, method):
    X = wine[0].to_numpy()
    parts = NormaScaler(method)
    for part in np.array_split(X, 5):
        parts.partial_fit(part)
    np.testing.assert_allclose(parts.transform(X), NormaScaler(method).fit_transform(X), atol=1e-12)


def test_a_named_scaler_stores_versions(client, name):
    X = np.arange(12.0).reshape(4, 3)
    scaler = NormaScaler("minmax", name=name).fit(X)
    assert scaler.version_ == 1
    again = NormaScaler("minmax", name=name).fit(X * 2)
    assert again.version_ == 2
    # Each goes on with its own version.
    np.testing.assert_array_equal(scaler.transform(X)[-1], [1, 1, 1])
    np.testing.assert_allclose(again.transform(X), MinMaxScaler().fit(X * 2).transform(X), rtol=1e-12)
    with pytest.raises(ConflictError, match="breaking"):
        clone(scaler).fit(X[:, :2])
    assert clone(scaler).set_params(breaking=True).fit(X[:, :2]).version_ == 3
    client.delete(name)
    with pytest.raises(NotFoundError):
        scaler.transform(X)


def test_parts_are_stored_when_asked(client, name):
    scaler = NormaScaler(name=name).partial_fit([[1.0], [2.0]]).partial_fit([[6.0]])
    with pytest.raises(NotFoundError):
        client.load(name)
    assert scaler.store() == 1
    assert client.load(name).parameters["mean"] == [3]


def test_the_norms_of_a_batch_are_no_inverse():
    scaler = NormaScaler("norm").fit([[3.0, 4.0]])
    np.testing.assert_allclose(scaler.transform([[6.0, 8.0]]), [[0.6, 0.8]])
    with pytest.raises(ValueError, match="belongs to that batch"):
        scaler.inverse_transform([[0.6, 0.8]])
