"""Fitted documents as estimators of scikit-learn, and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MaxAbsScaler,
    MinMaxScaler,
    Normalizer,
    PowerTransformer,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
)

from norma.convert.parts import NotConvertibleError, Part, part_of
from norma.fitted import Fitted


def to_sklearn(fitted: Fitted | Mapping[str, Any]) -> Any:
    """An estimator that computes the same transform, fitted, without the service.

    Parameters
    ----------
    fitted : Fitted
        Of matrices: one statistic per feature, or one norm per sample.

    Returns
    -------
    estimator
        A transformer of scikit-learn; a ``Pipeline`` or ``ColumnTransformer`` where it is made of others.

    Raises
    ------
    NotConvertibleError
        If no class of scikit-learn computes it. It is a ValueError.
    """
    return _estimator(part_of(fitted))


def from_sklearn(estimator: Any) -> dict[str, Any]:
    """A fitted estimator as the service imports it: ``client.store(name, sklearn=estimator)``.

    Returns
    -------
    dict
        ``class``, ``params`` and ``attributes``; estimators in it likewise.
    """
    described: dict[str, Any] = _described(estimator)
    return described


def _estimator(part: Part) -> Any:
    build = _builders.get(part.method)
    if build is None:
        raise NotConvertibleError(f"scikit-learn has no class that computes {part.method}.")
    if part.options.get("columns") is not None and part.method != "column_transformer":
        return _column_transformer(part.as_column_transformer())
    if part.reduced not in ((0,), ()) and part.method != "norm":
        raise NotConvertibleError(f"scikit-learn has one statistic per feature; this was fitted along {part.axis}.")
    return _with_names(build(part), part)


def _with_names(estimator: Any, part: Part) -> Any:
    if isinstance(estimator, (ColumnTransformer, Pipeline)):
        return estimator
    if part.n_features is not None:
        estimator.n_features_in_ = part.n_features
    if part.columns is not None:
        estimator.feature_names_in_ = np.asarray(part.columns, dtype=object)
    return estimator


def _learned(estimator: Any, **attributes: Any) -> Any:
    for name, value in attributes.items():
        setattr(estimator, name, value)
    return estimator


def _minmax(part: Part) -> Any:
    part.refuse_unless(isinstance(part.options.get("clip", False), bool), "MinMaxScaler clips to its own range only.")
    p = part.parameters
    return _learned(
        MinMaxScaler(feature_range=tuple(part.options["feature_range"]), clip=bool(part.options.get("clip"))),
        data_min_=p["data_min"],
        data_max_=p["data_max"],
        data_range_=p["data_range"],
        scale_=p["scale"],
        min_=p["min"],
        n_samples_seen_=part.n_samples_seen,
    )


def _standard(part: Part, mean: Any, scale: Any, var: Any = None) -> Any:
    part.refuse_unless(not part.options.get("clip"), "StandardScaler does not clip.")
    estimator = StandardScaler(with_mean=mean is not None, with_std=scale is not None)
    return _learned(estimator, mean_=mean, scale_=scale, var_=var, n_samples_seen_=part.n_samples_seen)


def _zscore(part: Part) -> Any:
    p, options = part.parameters, part.options
    return _standard(
        part,
        p["mean"] if options["with_mean"] else None,
        p["scale"] if options["with_std"] else None,
        p.get("var"),
    )


def _mean_range(part: Part) -> Any:
    return _standard(part, part.parameters["mean"], part.parameters["data_range"])


def _affine(part: Part) -> Any:
    p = part.parameters
    return _standard(part, p["mean"] / p["rescale"], p["std"] / p["rescale"])


def _maxabs(part: Part) -> Any:
    part.refuse_unless(not part.options.get("clip"), "MaxAbsScaler clips in new versions only.")
    p = part.parameters
    return _learned(MaxAbsScaler(), max_abs_=p["max_abs"], scale_=p["scale"], n_samples_seen_=part.n_samples_seen)


def _robust(part: Part) -> Any:
    part.refuse_unless(not part.options.get("clip"), "RobustScaler does not clip.")
    p, options = part.parameters, part.options
    estimator = RobustScaler(
        with_centering=options["with_centering"],
        with_scaling=options["with_scaling"],
        quantile_range=tuple(options["quantile_range"]),
        unit_variance=options["unit_variance"],
    )
    return _learned(estimator, center_=p["center"], scale_=p["scale"])


def _quantile(part: Part) -> Any:
    p, options = part.parameters, part.options
    estimator = QuantileTransformer(
        n_quantiles=options["n_quantiles"], output_distribution=options["output_distribution"], subsample=None
    )
    return _learned(
        estimator, quantiles_=p["quantiles"], references_=p["references"], n_quantiles_=len(p["references"])
    )


def _power(part: Part) -> Any:
    p, options = part.parameters, part.options
    part.refuse_unless("reference" not in p and "unit" not in p, "PowerTransformer has no reference value.")
    estimator = _learned(
        PowerTransformer(method=options["power_method"], standardize=options["standardize"]), lambdas_=p["lambdas"]
    )
    if options["standardize"]:
        estimator._scaler = _learned(
            StandardScaler(copy=False), mean_=p["mean"], scale_=p["scale"], var_=p["scale"] ** 2
        )
        estimator._scaler.n_features_in_ = len(p["mean"])
    return estimator


def _norm(part: Part) -> Any:
    order = {1: "l1", 2: "l2", "inf": "max"}.get(part.options["order"])
    part.refuse_unless(order is not None and not part.options["epsilon"], "Normalizer has l1, l2 and max only.")
    part.refuse_unless(part.axis in (-1, 1, [1], [-1]), "Normalizer works on samples only.")
    return Normalizer(norm=order)


def _log(part: Part) -> Any:
    functions = {"log1p": (np.log1p, np.expm1), "log": (np.log, np.exp), "asinh": (np.arcsinh, np.sinh)}
    options = part.options
    plain = options["offset"] == 0 and options["base"] == "e" and options["scale"] == 1
    part.refuse_unless(options["kind"] in functions and plain, "Only NumPy's own logarithms are functions of NumPy.")
    func, inverse = functions[options["kind"]]
    return FunctionTransformer(func, inverse, feature_names_out="one-to-one")


def _clip(part: Part) -> Any:
    limits = {"a_min": part.parameters["lower"], "a_max": part.parameters["upper"]}
    return FunctionTransformer(np.clip, kw_args=limits, feature_names_out="one-to-one")


def _whiten(part: Part) -> Any:
    options, p = part.options, part.parameters
    part.refuse_unless(options["kind"] == "pca", "PCA(whiten=True) is the kind pca only.")
    return _learned(
        PCA(whiten=True, n_components=options.get("n_components")),
        mean_=p["mean"],
        components_=p["components"],
        explained_variance_=p["variances"] + options["epsilon"],
        n_components_=len(p["variances"]),
    )


def _passthrough(part: Part) -> Any:
    return FunctionTransformer(feature_names_out="one-to-one")


def _pipeline(part: Part) -> Any:
    return Pipeline([(f"{index}_{step.method}", _estimator(step)) for index, step in enumerate(part.steps())])


def _column_transformer(part: Part) -> Any:
    branches = part.branches()
    names = [f"{index}_{branch.name}" for index, branch in enumerate(branches)]
    estimators = [
        branch.name if branch.part is None else FrozenEstimator(_estimator(branch.part)) for branch in branches
    ]
    columns = [list(branch.indexes) for branch in branches]
    transformer = ColumnTransformer(
        list(zip(names, estimators, columns, strict=True)), remainder=part.remainder, verbose_feature_names_out=False
    )
    # Frozen estimators learn nothing from the row of zeros that makes the rest count the columns.
    transformer.fit(_row_of_zeros(part))
    order = part.order_back()
    if order is None:
        return transformer
    # The service leaves the columns where they were; ColumnTransformer lines its outputs up by transformer.
    back = FunctionTransformer(np.take, kw_args={"indices": order, "axis": 1})
    return Pipeline([("columns", transformer), ("order", back)])


def _row_of_zeros(part: Part) -> Any:
    row = np.zeros((1, part.n_features or 0))
    if part.columns is None:
        return row
    import pandas as pd

    return pd.DataFrame(row, columns=list(part.columns))


_builders: dict[str, Callable[[Part], Any]] = {
    "minmax": _minmax,
    "zscore": _zscore,
    "mean_range": _mean_range,
    "affine": _affine,
    "maxabs": _maxabs,
    "robust": _robust,
    "quantile": _quantile,
    "power": _power,
    "norm": _norm,
    "log": _log,
    "clip": _clip,
    "whiten": _whiten,
    "passthrough": _passthrough,
    "pipeline": _pipeline,
    "column_transformer": _column_transformer,
}


def _described(value: Any) -> Any:
    if isinstance(value, FrozenEstimator):
        return _described(value.estimator)
    if isinstance(value, BaseEstimator):
        params = value.get_params(deep=False)
        learned = {name: one for name, one in vars(value).items() if name not in params and _is_public(name, one)}
        return {
            "class": type(value).__name__,
            "params": {name: _described(one) for name, one in params.items()},
            "attributes": {name: _described(one) for name, one in learned.items() if _is_plain(one)},
        }
    if callable(value):
        return getattr(value, "__name__", str(value))
    if isinstance(value, (list, tuple)):
        return [_described(one) for one in value]
    if isinstance(value, Mapping):
        return {str(name): _described(one) for name, one in value.items()}
    if isinstance(value, slice):
        return list(range(value.start or 0, value.stop or 0, value.step or 1))
    return value


def _is_public(name: str, value: Any) -> bool:
    """Whether an attribute is part of what was learned: PowerTransformer keeps a scaler under a private name."""
    return not name.startswith("_") or isinstance(value, BaseEstimator)


def _is_plain(value: Any) -> bool:
    """Whether an attribute is one that JSON can hold."""
    if isinstance(value, (list, tuple)):
        return all(_is_plain(one) for one in value)
    return value is None or isinstance(
        value, (bool, int, float, str, np.ndarray, np.generic, BaseEstimator, slice, Mapping)
    )
