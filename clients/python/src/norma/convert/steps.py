"""A fitted normalizer as elementary steps, which torch and keras compute alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

import numpy as np

from norma.convert.parts import NotConvertibleError, Part

Array: TypeAlias = Any
Axes: TypeAlias = tuple[int, ...]


class Ops(Protocol):
    """What a library computes with; arrays are its own."""

    def constant(self, values: Array, like: Array) -> Array:
        """A constant in the precision of ``like``."""

    def where(self, condition: Array, x: Array, y: Array) -> Array: ...
    def abs(self, x: Array) -> Array: ...
    def sign(self, x: Array) -> Array: ...
    def log(self, x: Array) -> Array: ...
    def log1p(self, x: Array) -> Array: ...
    def expm1(self, x: Array) -> Array: ...
    def arcsinh(self, x: Array) -> Array: ...
    def maximum(self, x: Array, y: Array) -> Array: ...
    def minimum(self, x: Array, y: Array) -> Array: ...
    def matmul(self, x: Array, y: Array) -> Array: ...
    def sum(self, x: Array, axes: Axes) -> Array: ...
    def max(self, x: Array, axes: Axes) -> Array: ...
    def min(self, x: Array, axes: Axes) -> Array: ...
    def take(self, x: Array, indexes: Sequence[int]) -> Array:
        """Some of the last axis."""

    def concat(self, parts: Sequence[Array]) -> Array:
        """Along the last axis."""


#: From an array, the next one.
Step: TypeAlias = Callable[[Ops, Array], Array]


@dataclass(frozen=True)
class Subtract:
    values: Array

    def __call__(self, ops: Ops, x: Array) -> Array:
        # In two words, so that float32 loses nothing of a mean that is large beside the deviations.
        high = np.asarray(self.values, np.float32).astype(np.float64)
        low = self.values - high
        return x - ops.constant(high, x) - ops.constant(low, x)


@dataclass(frozen=True)
class Divide:
    values: Array

    def __call__(self, ops: Ops, x: Array) -> Array:
        return x / ops.constant(self.values, x)


@dataclass(frozen=True)
class Multiply:
    values: Array

    def __call__(self, ops: Ops, x: Array) -> Array:
        return x * ops.constant(self.values, x)


@dataclass(frozen=True)
class Limit:
    """Either limit may be None."""

    low: Array
    high: Array

    def __call__(self, ops: Ops, x: Array) -> Array:
        if self.low is not None:
            x = ops.maximum(x, ops.constant(self.low, x))
        return x if self.high is None else ops.minimum(x, ops.constant(self.high, x))


@dataclass(frozen=True)
class Logarithm:
    kind: str

    def __call__(self, ops: Ops, x: Array) -> Array:
        if self.kind == "symlog":
            return ops.sign(x) * ops.log1p(ops.abs(x))
        function: Callable[[Array], Array] = {"log1p": ops.log1p, "log": ops.log, "asinh": ops.arcsinh}[self.kind]
        return function(x)


@dataclass(frozen=True)
class Power:
    """Box-Cox of x, or of 1 + |x| on either side of zero (Yeo and Johnson 2000)."""

    lambdas: Array
    is_yeo_johnson: bool

    def __call__(self, ops: Ops, x: Array) -> Array:
        if not self.is_yeo_johnson:
            return self._box_cox(ops, ops.log(x), self.lambdas)
        logs = ops.log1p(ops.abs(x))
        above = self._box_cox(ops, logs, self.lambdas)
        below = -self._box_cox(ops, logs, 2 - self.lambdas)
        return ops.where(x >= 0, above, below)

    @staticmethod
    def _box_cox(ops: Ops, logs: Array, lambdas: Array) -> Array:
        is_zero = np.abs(lambdas) < np.finfo(np.float32).tiny
        power = ops.constant(np.where(is_zero, 1, lambdas), logs)
        zero = ops.constant(is_zero.astype(float), logs) > 0
        return ops.where(zero, logs, ops.expm1(power * logs) / power)


@dataclass(frozen=True)
class Norm:
    """Division by a norm over axes; a norm of zero counts as 1."""

    order: float | str
    epsilon: float
    axes: Axes

    def __call__(self, ops: Ops, x: Array) -> Array:
        norms = self._norms(ops, ops.abs(x))
        return x / ops.where(norms == 0, ops.constant(np.ones(1), x), norms)

    def _norms(self, ops: Ops, x: Array) -> Array:
        if self.order == "rms":
            count = np.prod([x.shape[axis] for axis in self.axes])
            return (ops.sum(x * x, self.axes) / float(count) + self.epsilon) ** 0.5
        return ops.maximum(self._plain(ops, x), ops.constant(np.full(1, self.epsilon), x))

    def _plain(self, ops: Ops, x: Array) -> Array:
        if self.order == "-inf":
            return ops.min(x, self.axes)
        largest = ops.max(x, self.axes)
        if self.order == "inf":
            return largest
        # Scaled by the largest magnitude: no power over- or underflows.
        one = ops.constant(np.ones(1), x)
        unit = ops.where(largest == 0, one, largest)
        if self.order == 0:
            return ops.sum(ops.where(x == 0, 0 * x, 0 * x + one), self.axes)
        power = float(self.order)
        return unit * ops.sum((x / unit) ** power, self.axes) ** (1 / power)


@dataclass(frozen=True)
class Mix:
    """Every sample times a matrix of shape (n_features, n_features_out)."""

    matrix: Array

    def __call__(self, ops: Ops, x: Array) -> Array:
        return ops.matmul(x, ops.constant(self.matrix, x))


@dataclass(frozen=True)
class Columns:
    """Steps for some of the last axis each; every column that is kept keeps its place."""

    branches: tuple[tuple[tuple[int, ...], tuple[Step, ...]], ...]
    order: tuple[int, ...] | None

    def __call__(self, ops: Ops, x: Array) -> Array:
        out = ops.concat([apply_steps(ops, steps, ops.take(x, indexes)) for indexes, steps in self.branches])
        return out if self.order is None else ops.take(out, self.order)


def apply_steps(ops: Ops, steps: Sequence[Step], x: Array) -> Array:
    for step in steps:
        x = step(ops, x)
    return x


def steps_of(part: Part) -> list[Step]:
    """The steps of a normalizer.

    Raises
    ------
    NotConvertibleError
        If it has none: it looks values up, or needs more than the sample.
    """
    if part.method == "pipeline":
        return [step for inner in part.steps() for step in steps_of(inner)]
    if part.options.get("columns") is not None and part.method != "column_transformer":
        return steps_of(part.as_column_transformer())
    build = _builders.get(part.method)
    if build is None:
        raise NotConvertibleError(f"{part.method} has no steps that a layer could compute.")
    rare = {"unit", "reference"} & set(part.learned)
    part.refuse_unless(not rare, "the data are so large or small that it computes in another unit.")
    return [*build(part), *_limits(part)]


def _limits(part: Part) -> list[Step]:
    clip = part.options.get("clip")
    if clip is True:
        low, high = part.options.get("feature_range", (-1.0, 1.0))
        return [Limit(np.asarray(float(low)), np.asarray(float(high)))]
    if isinstance(clip, list):
        return [Limit(*(None if limit is None else np.asarray(float(limit)) for limit in clip))]
    return []


def _along(part: Part, name: str) -> Array:
    """A parameter with the reduced axes as ones, so that it broadcasts against data."""
    values = part.parameters[name]
    kept = iter(values.shape)
    return values.reshape([1 if axis in part.reduced else next(kept) for axis in range(len(part.shape))])


def _minmax(part: Part) -> list[Step]:
    low, high = (float(limit) for limit in part.options["feature_range"])
    data_range = _along(part, "data_range")
    scale = np.where(data_range == 0, 1, data_range)
    return [
        Subtract(_along(part, "data_min")),
        Divide(scale),
        Multiply(np.asarray(high - low)),
        Subtract(np.asarray(-low)),
    ]


def _zscore(part: Part) -> list[Step]:
    steps: list[Step] = [Subtract(_along(part, "mean"))] if part.options["with_mean"] else []
    return [*steps, Divide(_along(part, "scale"))] if part.options["with_std"] else steps


def _mean_range(part: Part) -> list[Step]:
    data_range = _along(part, "data_range")
    return [Subtract(_along(part, "mean")), Divide(np.where(data_range == 0, 1, data_range))]


def _robust(part: Part) -> list[Step]:
    steps: list[Step] = [Subtract(_along(part, "center"))] if part.options["with_centering"] else []
    return [*steps, Divide(_along(part, "scale"))] if part.options["with_scaling"] else steps


def _power(part: Part) -> list[Step]:
    steps: list[Step] = [Power(_along(part, "lambdas"), part.options["power_method"] == "yeo-johnson")]
    if part.options["standardize"]:
        steps += [Subtract(_along(part, "mean")), Divide(_along(part, "scale"))]
    return steps


def _norm(part: Part) -> list[Step]:
    if 0 in part.reduced and len(part.shape) > 1:
        return [Divide(_along(part, "norms"))]
    return [Norm(part.options["order"], float(part.options["epsilon"]), part.reduced)]


def _log(part: Part) -> list[Step]:
    options = part.options
    base = {"e": 1.0}.get(options["base"]) or float(np.log(options["base"]))
    before: list[Step] = [Subtract(np.asarray(-float(options["offset"])))] if options["offset"] else []
    scaled: list[Step] = [Divide(np.asarray(float(options["scale"])))] if options["scale"] != 1 else []
    after: list[Step] = [Divide(np.asarray(base))] if base != 1 else []
    return [*before, *scaled, Logarithm(options["kind"]), *after]


def _whiten(part: Part) -> list[Step]:
    p, kind = part.parameters, part.options["kind"]
    if kind == "cholesky":
        return [Subtract(p["mean"]), Mix(p["components"].T)]
    rotated = p["components"].T / np.sqrt(p["variances"] + part.options["epsilon"])
    return [Subtract(p["mean"]), Mix(rotated if kind == "pca" else rotated @ p["components"])]


def _column_transformer(part: Part) -> list[Step]:
    branches = [
        (branch.indexes, () if branch.part is None else tuple(steps_of(branch.part)))
        for branch in part.branches()
        if branch.name != "drop" and branch.indexes
    ]
    taken = {index for branch in part.branches() for index in branch.indexes}
    rest = tuple(index for index in range(part.n_features or 0) if index not in taken)
    if rest and part.remainder == "passthrough":
        branches.append((rest, ()))
    order = part.order_back()
    return [Columns(tuple(branches), None if order is None else tuple(order))]


_builders: dict[str, Callable[[Part], list[Step]]] = {
    "minmax": _minmax,
    "zscore": _zscore,
    "mean_range": _mean_range,
    "robust": _robust,
    "power": _power,
    "norm": _norm,
    "log": _log,
    "whiten": _whiten,
    "column_transformer": _column_transformer,
    "maxabs": lambda part: [Divide(_along(part, "scale"))],
    "affine": lambda part: [
        Multiply(_along(part, "rescale")),
        Subtract(_along(part, "mean")),
        Divide(_along(part, "std")),
    ],
    "clip": lambda part: [Limit(_along(part, "lower"), _along(part, "upper"))],
    "passthrough": lambda part: [],
}
