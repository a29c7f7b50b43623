"""Where the service is, and how it is spoken to."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import httpx

from norma.errors import ConnectionFailedError, problem_error
from norma.exchange import Answer, Request
from norma.retries import LOST, REFUSED, Retries

#: Seconds to connect to a replica before the next one is tried.
CONNECT_TIMEOUT = 10.0

#: The request never reached the service.
_UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)

#: Sending it again would fail again.
_FINAL = (httpx.ReadTimeout, httpx.LocalProtocolError, httpx.UnsupportedProtocol, httpx.TooManyRedirects)


@dataclass(frozen=True)
class Settings:
    """What a client is made with; see ``Client``."""

    urls: tuple[str, ...]
    api_key: str | None = field(repr=False)
    timeout: float
    retries: Retries
    progress: bool | None
    options: Mapping[str, Any]

    def http_options(self) -> dict[str, Any]:
        """Arguments of ``httpx.Client`` and ``httpx.AsyncClient``."""
        timeout = httpx.Timeout(self.timeout, connect=min(CONNECT_TIMEOUT, self.timeout), pool=None)
        return {"timeout": timeout, "follow_redirects": True, **self.options}

    def http_request(self, request: Request, turn: int) -> dict[str, Any]:
        """Arguments of ``build_request``, but for the content; the turn chooses the replica."""
        headers = {"accept-encoding": "identity", "user-agent": "norma-client", **request.headers}
        if self.api_key:
            headers["authorization"] = f"Bearer {self.api_key}"
        if request.body:
            headers |= {"content-type": request.body.media_type, "content-length": str(request.body.length)}
        url = self.urls[turn % len(self.urls)] + request.path
        return {"method": request.method, "url": url, "params": dict(request.query), "headers": headers}

    def wait_after_failure(self, request: Request, error: httpx.TransportError, tries: int) -> float:
        """Seconds until a request whose answer did not come is sent again.

        Raises
        ------
        ConnectionFailedError
            If it is not to be.
        """
        again = isinstance(error, _UNSENT) or (request.repeatable and not isinstance(error, _FINAL))
        wait = self.retries.wait_after(tries, {}) if again else None
        if wait is None:
            said = str(error) or type(error).__name__
            raise ConnectionFailedError(f"{request.method} {request.path}: {said} ({tries} tries).") from error
        return wait

    def wait_after_refusal(self, request: Request, answer: Answer, tries: int) -> float:
        """Seconds until a refused request is sent again.

        Raises
        ------
        ProblemError
            If it is not to be.
        """
        again = answer.status in REFUSED or (answer.status in LOST and request.repeatable)
        wait = self.retries.wait_after(tries, answer.headers) if again else None
        if wait is None:
            raise problem_error(answer.status, _problem(answer.content))
        return wait


def read_settings(
    url: str | Sequence[str] | None,
    api_key: str | None,
    timeout: float,
    retries: int | Retries,
    progress: bool | None,
    options: Mapping[str, Any],
) -> Settings:
    """Settings, with what the environment says where nothing is given: NORMA_URL and NORMA_API_KEY."""
    given = url or os.environ.get("NORMA_URL") or "http://localhost:8080"
    urls = given.split(",") if isinstance(given, str) else given
    return Settings(
        urls=tuple(one.strip().rstrip("/") for one in urls),
        api_key=api_key or os.environ.get("NORMA_API_KEY"),
        timeout=timeout,
        retries=Retries(retries) if isinstance(retries, int) else retries,
        progress=progress,
        options=dict(options),
    )


def first_turns() -> Iterator[int]:
    """Whose turn it is for each request: replicas one after the other, from any of them on."""
    return count(random.randrange(1 << 16))


def _problem(content: bytearray) -> Mapping[str, Any]:
    try:
        document = json.loads(content)
    except ValueError:
        return {}
    return document if isinstance(document, Mapping) else {}
