import json
import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.preprocessing import StandardScaler, normalize

import norma

X = np.random.default_rng(0).normal([10, -3, 1e6], [2, 0.5, 1], (200, 3))


def test_fit_learns_what_scikit_learn_learns(client):
    expected = StandardScaler().fit(X)
    result = client.fit(X, "zscore")
    np.testing.assert_allclose(result.fitted.parameters["mean"], expected.mean_, rtol=1e-12)
    np.testing.assert_allclose(result.fitted.parameters["scale"], expected.scale_, rtol=1e-12)
    assert result.fitted.n_samples_seen == 200
    assert result.statistics["input"]["nobs"] == X.size


def test_weights_and_options_reach_the_fit(client):
    weights = np.arange(200.0)
    expected = StandardScaler().fit(X, sample_weight=weights)
    fitted = client.fit(X, {"method": "zscore", "axis": (0,)}, sample_weight=weights).fitted
    np.testing.assert_allclose(fitted.parameters["mean"], expected.mean_, rtol=1e-12)
    np.testing.assert_allclose(fitted.parameters["scale"], expected.scale_, rtol=1e-12)


def test_normalize_returns_data_parameters_statistics_and_warnings(client):
    with pytest.warns(norma.NormaWarning, match="scale_lost") as caught:
        result = client.normalize([[3.0, 5.0], [6.0, 10.0]], {"method": "norm", "order": 2})
    np.testing.assert_allclose(result.data, normalize([[3, 5], [6, 10]]), rtol=1e-15)
    np.testing.assert_allclose(result.fitted.parameters["norms"], np.linalg.norm([[3, 5], [6, 10]], axis=1))
    assert result.statistics["output"]["skewness"] == 0
    assert [warning["code"] for warning in result.warnings] == ["scale_lost"]
    # It points at the line above, not into the package.
    assert caught[0].filename == __file__
    assert caught[0].message.details["count"] == 2


def test_normalize_takes_frames(client):
    result = client.normalize(pd.DataFrame({"a": [1, 2, 3], "t": list("xyz")}), "minmax")
    assert result.data.to_dict("list") == {"a": [0.0, 0.5, 1.0], "t": ["x", "y", "z"]}
    assert result.fitted.columns == ("a",)


def test_one_kind_of_warning_can_be_silenced(client):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", "scale_lost")
        client.normalize(np.array([[3.0, 5.0], [6.0, 10.0]]), "norm")


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "int32", "uint8", "bool"])
def test_arrays_come_back_in_the_dtype_that_numpy_would_give(client, dtype):
    data = np.array([[0, 1], [1, 0], [1, 1]], dtype)
    fitted = client.fit(data, "maxabs").fitted
    scaled = client.transform(data, fitted)
    assert scaled.dtype == (dtype if dtype.startswith("float") else "float64")
    np.testing.assert_array_equal(scaled, data.astype(float))
    assert scaled.flags.writeable


def test_images_of_any_rank_and_the_whole_array(client):
    images = np.random.default_rng(1).integers(0, 256, (4, 8, 8, 3), dtype=np.uint8)
    for axis in [(0, 1, 2), None, 0]:
        scaled = client.normalize(images, {"method": "zscore", "axis": axis}, output_dtype="float32").data
        assert scaled.dtype == np.float32
        np.testing.assert_allclose(
            scaled, (images - images.mean(axis, keepdims=True)) / images.std(axis, keepdims=True), atol=2e-6
        )


def test_the_infinite_norm_is_spelled_as_in_numpy(client):
    scaled = client.normalize(X, {"method": "norm", "order": np.inf}).data
    np.testing.assert_allclose(scaled, X / np.abs(X).max(axis=1, keepdims=True), rtol=1e-15)


def test_a_fitted_document_survives_a_file(client, tmp_path):
    fitted = client.fit(X, "robust").fitted
    fitted.save(tmp_path / "fitted.json")
    loaded = norma.Fitted.load(tmp_path / "fitted.json")
    assert loaded == fitted
    np.testing.assert_array_equal(client.transform(X, loaded), client.transform(X, fitted))


def test_documents_of_parts_merge_to_the_fit_of_the_whole(client):
    parts = [client.fit(part, "zscore").fitted for part in np.array_split(X, 3)]
    merged = client.merge(parts)
    np.testing.assert_allclose(merged.parameters["scale"], X.std(axis=0), rtol=1e-12)
    assert merged.n_samples_seen == 200


def test_versions_aliases_and_what_they_tell(client, name):
    first = client.store(name, X, "zscore", description="the first", tags={"team": "risk"})
    assert (first.name, first.version) == (name, 1)
    second = client.update(name, X * 2, if_version=1)
    assert second.version == 2 and second.fitted.n_samples_seen == 400
    with pytest.raises(norma.ConflictError) as conflict:
        client.update(name, X, if_version=1)
    assert (conflict.value.status, conflict.value.code) == (412, "precondition_failed")

    client.set_alias(name, "production", 1, must_be_new=True)
    assert client.alias(name, "production") == 1
    with pytest.raises(norma.ConflictError):
        client.set_alias(name, "production", 2, if_version=2)
    client.set_alias(name, "production", 2, if_version=1)
    assert client.load(name, "production") == second.fitted
    client.delete_alias(name, "production")

    assert client.info(name, 1)["tags"] == {"team": "risk"}
    assert client.edit(name, 1, description="another")["description"] == "another"
    assert [one["version"] for one in client.versions(name)] == [1, 2]
    assert name in {one["name"] for one in client.normalizers(tag="team:risk")}
    assert client.diff(name, 1)["to"] == 2
    client.delete(name, 1)
    with pytest.raises(norma.NotFoundError):
        client.load(name, 1)
    client.delete(name)
    with pytest.raises(LookupError):
        client.transform(X, name)


def test_other_columns_under_the_same_name_ask_for_breaking(client, name):
    client.store(name, X, "zscore")
    with pytest.raises(norma.ConflictError, match="breaking=true") as conflict:
        client.store(name, X[:, :2], "zscore")
    assert conflict.value.code == "breaking_change"
    dry = client.store(name, X[:, :2], "zscore", breaking=True, dry_run=True)
    assert dry.version is None or dry.document["dry_run"]
    assert client.store(name, X[:, :2], "zscore", breaking=True).version == 2


def test_columns_are_matched_by_name(client, name):
    client.store(name, pd.DataFrame({"age": [30, 40, 50], "salary": [1000, 3000, 2000]}), "minmax")
    scaled = client.transform(pd.DataFrame({"salary": [1000], "age": [30]}), name)
    assert scaled.to_dict("list") == {"salary": [0.0], "age": [0.0]}
    with pytest.raises(norma.InvalidRequestError) as refused:
        client.transform(pd.DataFrame({"age": [30]}), name)
    assert refused.value.code == "missing_columns"
    dropped = client.transform(pd.DataFrame({"salary": [1], "age": [30], "x": [1]}), name, extra_columns="drop")
    assert list(dropped) == ["salary", "age"]
    price = client.inverse_transform(np.array([[0.5]]), name, columns=["salary"])
    np.testing.assert_array_equal(price, [[2000]])


def test_drift_and_the_comparison(client, name):
    data = pd.DataFrame(np.random.default_rng(2).normal(size=(300, 2)), columns=["a", "b"])
    client.store(name, data, "zscore")
    assert not client.drift(name, data)["drifted"]
    assert client.drift(name, data + 3)["drifted"]
    labels = (data["a"] > 0).astype(int)
    compared = client.compare(data, [{"method": "zscore"}, "minmax"], labels=labels)
    assert len(compared["normalizers"]) == 2 and compared["recommendation"]["summary"]
    assert client.compare_report(data, ["zscore"]).startswith("<!")


def test_describe_has_the_statistics_of_scipy(client):
    described = client.describe(X, {"axis": 0, "quantiles": [0.5]})
    expected = stats.describe(X)
    np.testing.assert_allclose(described["variance"], expected.variance, rtol=1e-10)
    np.testing.assert_allclose(described["kurtosis"], expected.kurtosis, rtol=1e-8)
    np.testing.assert_allclose(described["quantiles"][0], np.median(X, axis=0))


def test_fits_in_parts(client, name):
    fit = client.begin_fit("zscore")
    for part, rows in enumerate(np.array_split(X, 4)):
        client.put_part(fit, part, rows)
    client.put_part(fit, 0, X[:50])
    assert len(client.fit_status(fit)["parts"]) == 4
    with pytest.raises(norma.ConflictError):
        client.commit_fit(fit, name, expected_parts=5)
    committed = client.commit_fit(fit, name, expected_parts=[0, 1, 2, 3])
    assert (committed.n_parts, committed.name, committed.version) == (4, name, 1)
    np.testing.assert_allclose(committed.fitted.parameters["mean"], X.mean(axis=0), rtol=1e-12)
    abandoned = client.begin_fit("zscore")
    client.abandon_fit(abandoned)
    with pytest.raises(norma.NotFoundError):
        client.fit_status(abandoned)


def test_exports_and_imports(client, name):
    client.store(name, X, "zscore")
    assert client.export_sklearn(name)["class"] == "StandardScaler"
    assert b"Sub" in client.export_onnx(name)
    keras = client.store(f"{name}-keras", keras={"mean": [1, 2], "variance": [4, 9]})
    np.testing.assert_array_equal(client.transform([[3.0, 5.0]], f"{name}-keras"), [[1, 1]])
    assert keras.fitted.method == "zscore"


def test_what_is_wrong_has_a_code_and_a_place(client):
    with pytest.raises(ValueError, match="did you mean") as refused:
        client.fit(X, "zscor")
    error = refused.value
    assert (error.status, error.code, error.pointer) == (400, "invalid_request", "/normalizer/method")
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), again.code, again.places, str(again)) == (type(error), error.code, error.places, str(error))


def test_the_service_lists_its_methods_and_is_ready(client):
    assert client.ready()
    assert {"zscore", "minmax", "norm"} <= {method["method"] for method in client.methods()}


def test_a_client_and_its_warnings_can_be_pickled(client):
    assert pickle.loads(pickle.dumps(client)).ready()
    warning = norma.NormaWarning({"code": "overflow", "count": 3})
    assert str(pickle.loads(pickle.dumps(warning))) == str(warning) == "overflow: 3 times"


def test_files_are_sent_and_written_in_any_format(client, name, tmp_path):
    frame = pd.DataFrame({"a": [1.0, 2.0, 3.0], "t": ["x", "y", "z"]})
    frame.to_csv(tmp_path / "data.csv", index=False)
    frame.to_parquet(tmp_path / "data.parquet")
    client.store(name, tmp_path / "data.csv", "minmax")
    for suffix, read in [
        (".parquet", pd.read_parquet),
        (".csv", pd.read_csv),
        (".jsonl", lambda path: pd.read_json(path, lines=True)),
    ]:
        written = client.transform_file(tmp_path / "data.parquet", tmp_path / f"out{suffix}", name)
        assert read(written)["a"].tolist() == [0, 0.5, 1]
        back = client.transform_file(written, tmp_path / "back.parquet", name, inverse=True)
        assert pd.read_parquet(back)["t"].tolist() == ["x", "y", "z"]
    np.save(tmp_path / "rows.npy", X[:, :1])
    assert np.load(client.transform_file(tmp_path / "rows.npy", tmp_path / "out.npy", name)).shape == (200, 1)


def test_a_failed_transform_leaves_no_file(client, tmp_path):
    (tmp_path / "data.csv").write_text("a\n1\n")
    with pytest.raises(norma.NotFoundError):
        client.transform_file(tmp_path / "data.csv", tmp_path / "out.csv", "nobody")
    assert [path.name for path in tmp_path.iterdir()] == ["data.csv"]


def test_calls_have_signatures_and_documentation():
    import inspect

    signature = inspect.signature(norma.Client.transform)
    assert list(signature.parameters)[:4] == ["self", "data", "by", "version"]
    assert "normalizer" in norma.AsyncClient.transform.__doc__
    calls = {name for name, value in vars(norma.Client).items() if callable(value) and not name.startswith("_")}
    assert calls == {name for name, value in vars(norma.AsyncClient).items() if callable(value) and name[0] != "_"}


def test_options_that_json_cannot_hold_are_a_type_error(client):
    with pytest.raises(TypeError, match="object"):
        client.fit(X, {"method": "minmax", "clip": object()})
    assert json.dumps(client.fit(X, {"method": "minmax", "feature_range": np.array([0, 2])}).fitted.normalizer)
