"""What the service refuses, as exceptions, and what it warns of, as Python's warnings."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

__all__ = [
    "AccessError",
    "ConflictError",
    "ConnectionFailedError",
    "InvalidRequestError",
    "NormaError",
    "NormaWarning",
    "NotFoundError",
    "Place",
    "ProblemError",
    "UnavailableError",
]


class NormaError(Exception):
    """Any error of this package."""


class ConnectionFailedError(NormaError, ConnectionError):
    """The service could not be reached, or did not answer, however often it was tried."""


@dataclass(frozen=True)
class Place:
    """A place in a request, as a JSON pointer (RFC 6901), and what is wrong there."""

    pointer: str
    detail: str


class ProblemError(NormaError):
    """The service refused a call.

    Attributes
    ----------
    status : int
        The HTTP status.
    code : str
        What is wrong, for programs: ``missing_columns``, ``breaking_change``, ...
    detail : str
        What is wrong, for people.
    places : tuple of Place
        Where in the request.
    document : Mapping
        The whole problem document (RFC 9457).
    """

    def __init__(self, status: int, document: Mapping[str, Any]) -> None:
        self.status = status
        self.document = dict(document)
        self.code = str(document.get("code") or f"http_{status}")
        self.detail = str(document.get("detail") or document.get("title") or f"HTTP status {status}")
        self.places = tuple(
            Place(str(place.get("pointer", "")), str(place.get("detail", ""))) for place in document.get("errors") or ()
        )
        super().__init__(f"{self.detail} ({self.code}{f' at {self.pointer}' if self.pointer else ''})")

    @property
    def pointer(self) -> str | None:
        """The first place in the request, or None where none can be named."""
        return self.places[0].pointer if self.places else None

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.status, self.document)


class InvalidRequestError(ProblemError, ValueError):
    """The data or the options cannot be computed with: 400, 413, 415, 422."""


class AccessError(ProblemError, PermissionError):
    """The key is missing, unknown, or has not this right: 401, 403."""

    # OSError, the base of PermissionError, would print its two arguments.
    def __str__(self) -> str:
        return str(NormaError(f"{self.detail} ({self.code})"))


class NotFoundError(ProblemError, LookupError):
    """No such normalizer, version, alias or fit: 404."""


class ConflictError(ProblemError):
    """What is stored does not allow it: 409, 412. ``code`` tells ``breaking_change`` from the others."""


class UnavailableError(ProblemError):
    """The service is overloaded, stopping, or the key's rate is used up: 429, 503, however often it was tried."""


_classes: dict[int, type[ProblemError]] = {
    400: InvalidRequestError,
    401: AccessError,
    403: AccessError,
    404: NotFoundError,
    409: ConflictError,
    412: ConflictError,
    413: InvalidRequestError,
    415: InvalidRequestError,
    422: InvalidRequestError,
    429: UnavailableError,
    503: UnavailableError,
}


def problem_error(status: int, document: Mapping[str, Any]) -> ProblemError:
    """The exception for a problem document."""
    return _classes.get(status, ProblemError)(status, document)


class NormaWarning(UserWarning):
    """A warning of the service.

    Its text begins with its code, so ``warnings.filterwarnings("ignore", "scale_lost")`` silences one kind.

    Attributes
    ----------
    code : str
        ``scale_lost``, ``outliers_dominate``, ...
    details : Mapping
        What the service said: ``message``, ``count``, ``columns``, ...
    """

    def __init__(self, details: Mapping[str, Any]) -> None:
        self.details = dict(details)
        self.code = str(details.get("code", ""))
        super().__init__(f"{self.code}: {details.get('message') or _counted(details)}")

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.details,)


def _counted(details: Mapping[str, Any]) -> str:
    count = details.get("count")
    return "see the documentation of the service" if count is None else f"{count} times"


def warn(found: Iterable[Mapping[str, Any]]) -> None:
    """Raises the service's warnings as Python's, at the line outside this package that made the call."""
    level, frame = 1, sys._getframe(0)
    while frame.f_back and str(frame.f_globals.get("__name__", "")).partition(".")[0] == "norma":
        frame = frame.f_back
        level += 1
    for details in found:
        warnings.warn(NormaWarning(details), stacklevel=level)
