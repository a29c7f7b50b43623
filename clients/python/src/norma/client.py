"""The client."""

from __future__ import annotations

import functools
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
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


def sends(call: Callable[P, Exchange[T]]) -> Callable[Concatenate[Client, P], T]:
    """A call as a method of ``Client``."""

    @functools.wraps(call)
    def method(self: Client, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return self.run(call(*args, **kwargs))

    return as_method(method, call)


class Client:
    """A client of the service, for any number of threads. It can be pickled.

    Parameters
    ----------
    url : str or sequence of str, optional
        The service's address, or those of several replicas: a request that one does not take goes to the next.
        Default: NORMA_URL, or http://localhost:8080.
    api_key : str, optional
        A key or token. Default: NORMA_API_KEY.
    timeout : float
        Seconds that the service may be silent.
    retries : int or Retries
        How often a request is sent again that was refused for a while, or whose answer was lost. ``Retry-After`` is
        honoured, and a request that stores something has an ``Idempotency-Key``.
    progress : bool, optional
        Whether to show bars for large uploads and fits in parts. Default: on a terminal, if tqdm is installed.
    **options
        For ``httpx.Client``: ``verify``, ``proxy``, ``cert``, ...

    Examples
    --------
    >>> client = Client()                                                   # doctest: +SKIP
    >>> client.store("readings", X, "zscore")                               # doctest: +SKIP
    >>> client.transform(batch, "readings")                                 # doctest: +SKIP
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
        self._http = httpx.Client(**self.settings.http_options())

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

    def transform_stream(
        self, chunks: Iterable[Any], by: Reference, *, parallel: int = 2, inverse: bool = False, **options: Any
    ) -> Iterator[Any]:
        """Transforms chunks one after the other, in memory for ``parallel`` of them.

        Parameters
        ----------
        chunks : iterable of array-like, DataFrame, pyarrow.Table or pyarrow.RecordBatch
        by : Fitted or str
        parallel : int
            How many are on their way at once.
        inverse : bool
            Whether to take them back instead.
        **options
            As for ``transform``.

        Yields
        ------
        ndarray, DataFrame, ...
            In the order of the chunks.
        """
        apply: Callable[..., Any] = self.inverse_transform if inverse else self.transform
        waiting: deque[Future[Any]] = deque()
        with ThreadPoolExecutor(parallel, thread_name_prefix="norma") as threads:
            try:
                for chunk in chunks:
                    waiting.append(threads.submit(apply, chunk, by, **options))
                    if len(waiting) >= parallel:
                        yield waiting.popleft().result()
                while waiting:
                    yield waiting.popleft().result()
            finally:
                for future in waiting:
                    future.cancel()

    def run(self, exchange: Exchange[T]) -> T:
        """Carries a call out."""
        answer: Answer | None = None
        try:
            while True:
                request = next(exchange) if answer is None else exchange.send(answer)
                answer = self._send(request)
        except StopIteration as stop:
            result: T = stop.value
            return result
        finally:
            exchange.close()

    def _send(self, request: Request) -> Answer:
        first = next(self._turns)
        for tries in count(1):
            try:
                answer = self._try(request, first + tries)
            except httpx.TransportError as error:
                wait = self.settings.wait_after_failure(request, error, tries)
            else:
                if answer.status < 400:
                    return answer
                wait = self.settings.wait_after_refusal(request, answer, tries)
            time.sleep(wait)
        raise AssertionError

    def _try(self, request: Request, turn: int) -> Answer:
        settings, body = self.settings, request.body
        content: Any = sent_pieces(body, request.path, settings.progress) if body else None
        sent = self._http.build_request(content=content, **settings.http_request(request, turn))
        response = self._http.send(sent, stream=True)
        try:
            receiver = Receiver(response.headers, request.target if response.status_code < 400 else None)
            for piece in response.iter_raw():
                receiver.add(piece)
        finally:
            response.close()
        return Answer(response.status_code, response.headers, receiver.content())

    def close(self) -> None:
        """Closes the connections."""
        self._http.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __getstate__(self) -> Mapping[str, Any]:
        return {"settings": self.settings}

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        self.settings = state["settings"]
        self._turns = first_turns()
        self._http = httpx.Client(**self.settings.http_options())

    def __repr__(self) -> str:
        return f"Client({', '.join(self.settings.urls)})"
