"""The client for asyncio."""

from __future__ import annotations

import asyncio
import functools
from collections import deque
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from itertools import count
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, TypeVar

import httpx

from norma.calls import compute, fits, stored
from norma.calls.requests import Reference
from norma.exchange import Answer, Exchange, Request
from norma.progress import sent_pieces
from norma.receive import Receiver
from norma.retries import Retries
from norma.settings import Settings, first_turns, read_settings
from norma.signature import as_method

P = ParamSpec("P")
T = TypeVar("T")


def sends(call: Callable[P, Exchange[T]]) -> Callable[Concatenate[AsyncClient, P], Awaitable[T]]:
    """A call as a method of ``AsyncClient``."""

    @functools.wraps(call)
    async def method(self: AsyncClient, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await self.run(call(*args, **kwargs))

    return as_method(method, call)


class AsyncClient:
    """The client for asyncio: the same calls as ``Client``, to be awaited.

    Parameters
    ----------
    url, api_key, timeout, retries, progress, **options
        As for ``Client``; options are for ``httpx.AsyncClient``.

    Examples
    --------
    >>> async with AsyncClient() as client:                                 # doctest: +SKIP
    ...     scaled = await client.transform(batch, "readings")
    """

    def __init__(
        self,
        url: str | Sequence[str] | None = None,
        *,
        api_key: str | None = None,
        timeout: float = 300.0,
        retries: int | Retries = 5,
        progress: bool | None = None,
        **options: Any,
    ) -> None:
        self.settings: Settings = read_settings(url, api_key, timeout, retries, progress, options)
        self._turns = first_turns()
        self._http = httpx.AsyncClient(**self.settings.http_options())

    fit = sends(compute.fit)
    normalize = sends(compute.normalize)
    transform = sends(compute.transform)
    inverse_transform = sends(compute.inverse_transform)
    transform_file = sends(compute.transform_file)
    merge = sends(compute.merge)
    describe = sends(compute.describe)
    compare = sends(compute.compare)
    compare_report = sends(compute.compare_report)
    methods = sends(compute.methods)
    ready = sends(compute.ready)

    store = sends(stored.store)
    update = sends(stored.update)
    load = sends(stored.load)
    info = sends(stored.info)
    normalizers = sends(stored.normalizers)
    versions = sends(stored.versions)
    edit = sends(stored.edit)
    delete = sends(stored.delete)
    set_alias = sends(stored.set_alias)
    alias = sends(stored.alias)
    delete_alias = sends(stored.delete_alias)
    diff = sends(stored.diff)
    drift = sends(stored.drift)
    export_onnx = sends(stored.export_onnx)
    export_sklearn = sends(stored.export_sklearn)

    begin_fit = sends(fits.begin_fit)
    put_part = sends(fits.put_part)
    fit_status = sends(fits.fit_status)
    commit_fit = sends(fits.commit_fit)
    abandon_fit = sends(fits.abandon_fit)

    async def transform_stream(
        self,
        chunks: Iterable[Any] | AsyncIterable[Any],
        by: Reference,
        *,
        parallel: int = 2,
        inverse: bool = False,
        **options: Any,
    ) -> AsyncIterator[Any]:
        """Transforms chunks one after the other, in memory for ``parallel`` of them; see ``Client``."""
        apply: Callable[..., Any] = self.inverse_transform if inverse else self.transform
        waiting: deque[asyncio.Future[Any]] = deque()
        try:
            async for chunk in _iterate(chunks):
                waiting.append(asyncio.ensure_future(apply(chunk, by, **options)))
                if len(waiting) >= parallel:
                    yield await waiting.popleft()
            while waiting:
                yield await waiting.popleft()
        finally:
            for future in waiting:
                future.cancel()

    async def run(self, exchange: Exchange[T]) -> T:
        """Carries a call out."""
        answer: Answer | None = None
        try:
            while True:
                request = next(exchange) if answer is None else exchange.send(answer)
                answer = await self._send(request)
        except StopIteration as stop:
            result: T = stop.value
            return result
        finally:
            exchange.close()

    async def _send(self, request: Request) -> Answer:
        first = next(self._turns)
        for tries in count(1):
            try:
                answer = await self._try(request, first + tries)
            except httpx.TransportError as error:
                wait = self.settings.wait_after_failure(request, error, tries)
            else:
                if answer.status < 400:
                    return answer
                wait = self.settings.wait_after_refusal(request, answer, tries)
            await asyncio.sleep(wait)
        raise AssertionError

    async def _try(self, request: Request, turn: int) -> Answer:
        settings, body = self.settings, request.body
        content: Any = _iterate(sent_pieces(body, request.path, settings.progress)) if body else None
        sent = self._http.build_request(content=content, **settings.http_request(request, turn))
        response = await self._http.send(sent, stream=True)
        try:
            receiver = Receiver(response.headers, request.target if response.status_code < 400 else None)
            async for piece in response.aiter_raw():
                receiver.add(piece)
        finally:
            await response.aclose()
        return Answer(response.status_code, response.headers, receiver.content())

    async def close(self) -> None:
        """Closes the connections."""
        await self._http.aclose()

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def __getstate__(self) -> Mapping[str, Any]:
        return {"settings": self.settings}

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        self.settings = state["settings"]
        self._turns = first_turns()
        self._http = httpx.AsyncClient(**self.settings.http_options())

    def __repr__(self) -> str:
        return f"AsyncClient({', '.join(self.settings.urls)})"


async def _iterate(items: Iterable[T] | AsyncIterable[T]) -> AsyncIterator[T]:
    if isinstance(items, AsyncIterable):
        async for item in items:
            yield item
    else:
        for item in items:
            yield item
