"""What Python holds, as JSON has it, and back."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

import numpy as np


def plain(value: Any) -> Any:
    """Lists, numbers, text and objects of them, from arrays, tuples, series and documents."""
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, PurePath):
        return str(value)
    if hasattr(value, "document"):
        return value.document
    if isinstance(value, Mapping):
        return {str(name): plain(member) for name, member in value.items()}
    if isinstance(value, np.ndarray) and value.dtype.kind in "biu":
        return value.tolist()
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")
    if isinstance(value, (int, float)):
        return value
    if hasattr(value, "to_pylist"):
        return value.to_pylist()
    if hasattr(value, "__array__"):
        return plain(np.asarray(value))
    if hasattr(value, "__iter__"):
        return [plain(member) for member in value]
    raise TypeError(f"{type(value).__name__} cannot be sent as an option.")


def write_json(value: Any) -> bytes:
    return json.dumps(plain(value), separators=(",", ":")).encode()


def options(normalizer: Any) -> Any:
    """A normalizer as the service takes it: a method's name alone is that method with its defaults."""
    if isinstance(normalizer, str):
        return {"method": normalizer}
    given = plain(normalizer)
    return infinite_order(given)


def infinite_order(given: Any) -> Any:
    """NumPy's spelling of a norm, ``order=np.inf``, as the service spells it, wherever it is nested."""
    if isinstance(given, list):
        return [infinite_order(member) for member in given]
    if not isinstance(given, dict):
        return given
    spelled = {"Infinity": "inf", "-Infinity": "-inf"}
    return {
        name: spelled[member]
        if name == "order" and isinstance(member, str) and member in spelled
        else infinite_order(member)
        for name, member in given.items()
    }


def present(**members: Any) -> dict[str, Any]:
    """The members that were given."""
    return {name: member for name, member in members.items() if member is not None}
