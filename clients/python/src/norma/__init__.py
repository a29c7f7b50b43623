"""Client of Norma, data normalization as an HTTP service."""

from typing import TYPE_CHECKING, Any

from norma.async_client import AsyncClient
from norma.client import Client
from norma.errors import (
    AccessError,
    ConflictError,
    ConnectionFailedError,
    InvalidRequestError,
    NormaError,
    NormaWarning,
    NotFoundError,
    Place,
    ProblemError,
    UnavailableError,
)
from norma.fitted import Fitted
from norma.partitions import PartitionTransform, fit_partitions
from norma.results import Committed, FitResult, NormalizeResult, Version
from norma.retries import Retries

if TYPE_CHECKING:
    from norma.convert.keras import to_keras
    from norma.convert.sklearn import from_sklearn, to_sklearn
    from norma.convert.torch import to_torch
    from norma.estimator import NormaScaler

__all__ = [
    "AccessError",
    "AsyncClient",
    "Client",
    "Committed",
    "ConflictError",
    "ConnectionFailedError",
    "FitResult",
    "Fitted",
    "InvalidRequestError",
    "NormaError",
    "NormaScaler",
    "NormaWarning",
    "NormalizeResult",
    "NotFoundError",
    "PartitionTransform",
    "Place",
    "ProblemError",
    "Retries",
    "UnavailableError",
    "Version",
    "fit_partitions",
    "from_sklearn",
    "to_keras",
    "to_sklearn",
    "to_torch",
]

#: What needs another library is imported when it is asked for.
_LAZY = {
    "NormaScaler": "norma.estimator",
    "from_sklearn": "norma.convert.sklearn",
    "to_keras": "norma.convert.keras",
    "to_sklearn": "norma.convert.sklearn",
    "to_torch": "norma.convert.torch",
}


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module 'norma' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_LAZY[name]), name)
