"""Calls that compute and store nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from norma.calls.files import answer_to_file
from norma.calls.requests import (
    Reference,
    apply_request,
    get,
    header_warnings,
    json_of,
    send_data,
    send_json,
)
from norma.errors import warn
from norma.exchange import Exchange
from norma.fitted import Fitted
from norma.formats.encode import encode
from norma.formats.files import answer_type, file_body
from norma.formats.npz import MEDIA_TYPE as NPZ
from norma.formats.npz import read_npz
from norma.formats.payload import Contents, Payload
from norma.plain import options, present
from norma.results import FitResult, NormalizeResult


def fit(
    data: Any,
    normalizer: str | Mapping[str, Any],
    *,
    sample_weight: Any = None,
    groups: Any = None,
    statistics: bool | Mapping[str, Any] = True,
    profile: bool | None = None,
) -> Exchange[FitResult]:
    """Learns a normalizer's parameters from data.

    Parameters
    ----------
    data : array-like of shape (n_samples, ...), DataFrame, pyarrow.Table or Path
    normalizer : str or Mapping
        A method's name, or the method with options: ``{"method": "minmax", "feature_range": (0, 1)}``.
    sample_weight : array-like of shape (n_samples,) or str, optional
        Weights, or the column that holds them.
    groups : array-like of shape (n_samples,) or str, optional
        For ``grouped``: each sample's group, or the column that holds it.
    statistics : bool or Mapping
        Whether to describe the data, or how: ``{"axis": 0, "quantiles": [0.5]}``.
    profile : bool, optional
        Whether the document keeps what drift is measured against.

    Raises
    ------
    InvalidRequestError
        If the data or the options cannot be computed with. It is a ValueError.
    """
    members = _fit_members(normalizer, sample_weight, groups, statistics, profile)
    answer = json_of((yield send_data("/v1/fit", encode(data), members)))
    return FitResult(Fitted(answer["fitted"]), answer.get("statistics"), answer["warnings"])


def normalize(
    data: Any,
    normalizer: str | Mapping[str, Any],
    *,
    sample_weight: Any = None,
    groups: Any = None,
    statistics: bool | Mapping[str, Any] = True,
    output_dtype: str | None = None,
) -> Exchange[NormalizeResult]:
    """Fits to data and transforms them.

    An array is sent once. A table is sent twice, to fit and to transform: the one that comes back has no place for what
    was learned.

    Parameters
    ----------
    data, normalizer, sample_weight, groups, statistics
        As for ``fit``.
    output_dtype : str, optional
        ``float16``, ``float32`` or ``float64``; by default the data's own, and float64 for integers.

    Raises
    ------
    InvalidRequestError
        If the data or the options cannot be computed with. It is a ValueError.
    """
    payload = encode(data)
    members = _fit_members(normalizer, sample_weight, groups, statistics, None)
    if payload.is_array:
        members |= present(output_dtype=output_dtype)
        contents = payload.read((yield send_data("/v1/normalize", payload, members, accept=NPZ)).content)
        warn(contents.warnings or ())
        fitted = Fitted(contents.fitted or {})
        return NormalizeResult(fitted, contents.statistics, contents.warnings or (), contents.data)
    learned = json_of((yield send_data("/v1/fit", payload, members)))
    document = learned["fitted"]
    request = apply_request("transform", document, None, payload, {"output_dtype": output_dtype}, payload.answer_type)
    contents = payload.read((yield request).content)
    return NormalizeResult(Fitted(document), learned.get("statistics"), learned["warnings"], contents.data)


def transform(
    data: Any,
    by: Reference,
    *,
    version: int | str | None = None,
    output_dtype: str | None = None,
    missing_columns: str | None = None,
    extra_columns: str | None = None,
) -> Exchange[Any]:
    """Applies a fitted normalizer.

    Parameters
    ----------
    data : array-like, DataFrame, pyarrow.Table or Path
        The columns of a table are matched by name, in any order.
    by : Fitted or str
        What ``fit`` learned, or the name of a stored normalizer.
    version : int or str, optional
        Of the stored normalizer: a number, or an alias. Default: the newest.
    output_dtype : str, optional
        ``float16``, ``float32`` or ``float64``.
    missing_columns : {"error", "ignore"}, optional
    extra_columns : {"pass", "drop", "error"}, optional
        What to do with columns that were not fitted.

    Returns
    -------
    ndarray, DataFrame or pyarrow.Table
        The kind of container that came, in its own order.

    Raises
    ------
    InvalidRequestError
        If the data do not fit what was fitted. It is a ValueError.
    NotFoundError
        If there is no such normalizer or version.
    """
    payload = encode(data)
    flags = present(output_dtype=output_dtype, missing_columns=missing_columns, extra_columns=extra_columns)
    return (yield from _applied("transform", payload, by, version, _data_alone(payload) | flags))


def inverse_transform(
    data: Any,
    by: Reference,
    *,
    version: int | str | None = None,
    columns: Sequence[int | str] | None = None,
    output_dtype: str | None = None,
) -> Exchange[Any]:
    """Takes transformed data back to their own units.

    Parameters
    ----------
    data, by, version, output_dtype
        As for ``transform``. A table may have some of the fitted columns only.
    columns : sequence of int or str, optional
        Which of the fitted columns an array holds.

    Raises
    ------
    InvalidRequestError
        If the normalizer has no inverse, or the data do not fit it. It is a ValueError.
    """
    flags = present(columns=columns, output_dtype=output_dtype)
    return (yield from _applied("inverse-transform", encode(data), by, version, flags))


def transform_file(
    source: str | Path,
    target: str | Path,
    by: Reference,
    *,
    version: int | str | None = None,
    inverse: bool = False,
    output_dtype: str | None = None,
    missing_columns: str | None = None,
    extra_columns: str | None = None,
) -> Exchange[Path]:
    """Transforms a file into another, in constant memory.

    Parameters
    ----------
    source : path
        npy, npz, CSV, Parquet, Arrow, NDJSON or JSON.
    target : path
        Its suffix says the format, which may be another one. The file is there when it is whole.
    by, version, output_dtype, missing_columns, extra_columns
        As for ``transform``.
    inverse : bool
        Whether to take it back instead.

    Returns
    -------
    Path
        The target.
    """
    target = Path(target)
    payload = Payload(file_body(Path(source)), answer_type(target), read_npz)
    flags = present(output_dtype=output_dtype, missing_columns=missing_columns, extra_columns=extra_columns)
    operation = "inverse-transform" if inverse else "transform"
    about = {} if inverse else {"statistics": False}
    request = apply_request(operation, by, version, payload, about | flags, payload.answer_type)
    warn(header_warnings((yield from answer_to_file(request, target))))
    return target


def merge(fitted: Sequence[Reference]) -> Exchange[Fitted]:
    """One document from documents that were fitted on parts of the data, as if it had seen all of them.

    Parameters
    ----------
    fitted : sequence of Fitted, Mapping or str
        Text is the name of a stored normalizer, whose newest version is meant.
    """
    documents = [{"name": one} if isinstance(one, str) else one for one in fitted]
    answer = json_of((yield send_json("POST", "/v1/merge", {"fitted": documents})))
    return Fitted(answer["fitted"])


def describe(data: Any, statistics: Mapping[str, Any] | None = None) -> Exchange[Mapping[str, Any]]:
    """Statistics of data, with SciPy's names.

    Parameters
    ----------
    data : array-like, DataFrame, pyarrow.Table or Path
    statistics : Mapping, optional
        ``axis``, ``ddof``, ``bias``, ``quantiles``, ``histogram``.
    """
    members = present(statistics=statistics)
    described: Mapping[str, Any] = json_of((yield send_data("/v1/describe", encode(data), members)))["statistics"]
    return described


def compare(
    data: Any,
    normalizers: Sequence[Mapping[str, Any]] | None = None,
    *,
    labels: Any = None,
    folds: Any = None,
    task: str | None = None,
) -> Exchange[Mapping[str, Any]]:
    """Several normalizers side by side, and which of them to use.

    Parameters
    ----------
    data : array-like of shape (n_samples, ...), DataFrame, pyarrow.Table or Path
    normalizers : sequence of Mapping, optional
        Default: the service's list for data of this kind.
    labels : array-like of shape (n_samples,) or str, optional
        What a model is to predict, or the column that holds it; each normalizer is then tried with models.
    folds : array-like of shape (n_samples,) or str, optional
        The test fold of each sample.
    task : {"classification", "regression"}, optional
    """
    answer = yield _compare_request(data, normalizers, labels, folds, task, "application/json")
    return json_of(answer)


def compare_report(
    data: Any,
    normalizers: Sequence[Mapping[str, Any]] | None = None,
    *,
    labels: Any = None,
    folds: Any = None,
    task: str | None = None,
) -> Exchange[str]:
    """The same comparison as a page to read, in HTML."""
    answer = yield _compare_request(data, normalizers, labels, folds, task, "text/html")
    return answer.content.decode()


def methods() -> Exchange[list[dict[str, Any]]]:
    """What the service offers: each method's formula, options, what it keeps and what it loses."""
    listed: list[dict[str, Any]] = (yield get("/v1/methods")).json()["methods"]
    return listed


def ready() -> Exchange[bool]:
    """Whether the service takes requests. It raises what hinders it otherwise."""
    yield get("/health/ready")
    return True


def _compare_request(data: Any, normalizers: Any, labels: Any, folds: Any, task: str | None, accept: str) -> Any:
    members = present(
        normalizers=None if normalizers is None else [options(one) for one in normalizers],
        labels=labels,
        folds=folds,
        task=task,
    )
    return send_data("/v1/compare", encode(data), members, accept=accept)


def _fit_members(normalizer: Any, sample_weight: Any, groups: Any, statistics: Any, profile: Any) -> dict[str, Any]:
    given = present(sample_weight=sample_weight, groups=groups, profile=profile)
    return {"normalizer": options(normalizer), "statistics": statistics, **given}


def _data_alone(payload: Payload) -> dict[str, Any]:
    return {"statistics": False, **({"include": ["data"]} if payload.is_array else {})}


def _applied(operation: str, payload: Payload, by: Reference, version: Any, flags: Mapping[str, Any]) -> Exchange[Any]:
    answer = yield apply_request(operation, by, version, payload, flags, payload.answer_type)
    contents: Contents = payload.read(answer.content)
    warn(header_warnings(answer) if contents.warnings is None else contents.warnings)
    return contents.data
