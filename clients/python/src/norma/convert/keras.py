"""Fitted documents as layers of keras, on any of its backends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np

from norma.convert.parts import part_of
from norma.convert.steps import Axes, apply_steps, steps_of
from norma.fitted import Fitted
from norma.plain import plain


def to_keras(fitted: Fitted | Mapping[str, Any], **options: Any) -> Normalization:
    """A layer that computes the same transform, without the service.

    Parameters
    ----------
    fitted : Fitted
    **options
        As for any layer: ``name``, ``dtype``.

    Returns
    -------
    keras.Layer
        It learns nothing, and is saved and loaded with the model.

    Raises
    ------
    NotConvertibleError
        If it cannot be computed by a layer. It is a ValueError.
    """
    return Normalization(fitted.document if isinstance(fitted, Fitted) else fitted, **options)


@keras.saving.register_keras_serializable("norma")
class Normalization(keras.layers.Layer):  # type: ignore[misc]
    """The transform of a fitted document; see ``to_keras``."""

    def __init__(self, document: Mapping[str, Any], **options: Any) -> None:
        super().__init__(trainable=False, **options)
        self.document = plain(document)
        self._program = tuple(steps_of(part_of(self.document)))

    def call(self, x: Any) -> Any:
        return apply_steps(_ops, self._program, keras.ops.cast(x, self.compute_dtype))

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        config.pop("trainable", None)
        return {**config, "document": plain(self.document)}


class _KerasOps:
    where = staticmethod(keras.ops.where)
    abs = staticmethod(keras.ops.abs)
    sign = staticmethod(keras.ops.sign)
    log = staticmethod(keras.ops.log)
    log1p = staticmethod(keras.ops.log1p)
    expm1 = staticmethod(keras.ops.expm1)
    arcsinh = staticmethod(keras.ops.arcsinh)
    maximum = staticmethod(keras.ops.maximum)
    minimum = staticmethod(keras.ops.minimum)
    matmul = staticmethod(keras.ops.matmul)

    def constant(self, values: Any, like: Any) -> Any:
        # A step subtracts in two words: the cast is NumPy's, from float64.
        dtype = keras.backend.standardize_dtype(like.dtype)
        return keras.ops.convert_to_tensor(np.asarray(values, np.float64).astype(dtype), dtype)

    def sum(self, x: Any, axes: Axes) -> Any:
        return keras.ops.sum(x, axis=axes, keepdims=True)

    def max(self, x: Any, axes: Axes) -> Any:
        return keras.ops.max(x, axis=axes, keepdims=True)

    def min(self, x: Any, axes: Axes) -> Any:
        return keras.ops.min(x, axis=axes, keepdims=True)

    def take(self, x: Any, indexes: Sequence[int]) -> Any:
        return keras.ops.take(x, np.asarray(indexes), axis=-1)

    def concat(self, parts: Sequence[Any]) -> Any:
        return keras.ops.concatenate(list(parts), axis=-1)


_ops = _KerasOps()
