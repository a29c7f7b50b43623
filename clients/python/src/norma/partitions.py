"""Data sets that no single machine holds: iterables, Dask, Spark and Ray."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Any

from norma.calls.requests import Reference
from norma.client import Client
from norma.progress import counted
from norma.results import Committed


def fit_partitions(
    partitions: Any,
    normalizer: str | Mapping[str, Any],
    name: str | None = None,
    *,
    client: Client | None = None,
    parallel: int = 4,
    **storing: Any,
) -> Committed:
    """Fits a data set that is spread over machines, and stores the result.

    Each partition is sent from where it is, as a part named by its number. A task that runs again replaces its part, so
    that nothing counts twice, and the result has the same bits whatever order the parts came in.

    Parameters
    ----------
    partitions : iterable, or a collection of Dask, a DataFrame of Spark, a Dataset of Ray
        An iterable yields arrays, frames or paths, which this process sends; none of them may depend on being read once
        only.
    normalizer : str or Mapping
        A method that merges: ``zscore``, ``minmax``, ``robust``, ...
    name : str, optional
        Under which the result is stored.
    client : Client, optional
        Default: the service of NORMA_URL. Give it several replicas, and parts go on with the next when one is lost.
    parallel : int
        How many parts of an iterable are on their way at once.
    **storing
        As for ``Client.commit_fit``: ``breaking``, ``description``, ``tags``, ``profile``.

    Returns
    -------
    Committed

    Raises
    ------
    InvalidRequestError
        With code ``not_mergeable`` for a method that has to see all data at once.
    """
    client = client or Client()
    fit = client.begin_fit(normalizer)
    try:
        sent = _sender_of(partitions)(Sending(client, fit), partitions, parallel)
        return client.commit_fit(fit, name, expected_parts=sent, **storing)
    except BaseException:
        client.abandon_fit(fit)
        raise


@dataclass(frozen=True)
class PartitionTransform:
    """Applies a normalizer to one partition after the other; it travels to the workers.

    Parameters
    ----------
    client : Client
    by : Fitted or str
    options : Mapping
        As for ``Client.transform``: ``version``, ``output_dtype``, ...

    Examples
    --------
    >>> transform = PartitionTransform(client, "readings", {"version": 3})      # doctest: +SKIP
    >>> dask_frame.map_partitions(transform)                                    # doctest: +SKIP
    >>> ray_dataset.map_batches(transform, batch_format="pyarrow")              # doctest: +SKIP
    >>> spark_frame.mapInArrow(transform.batches, schema)                       # doctest: +SKIP
    """

    client: Client
    by: Reference
    options: Mapping[str, Any] = field(default_factory=dict)

    def __call__(self, partition: Any) -> Any:
        return self.client.transform(partition, self.by, **self.options)

    def batches(self, batches: Iterable[Any]) -> Iterator[Any]:
        """Record batches of Arrow, as Spark hands them to ``mapInArrow``."""
        yield from self.client.transform_stream(batches, self.by, **self.options)


@dataclass(frozen=True)
class Sending:
    """Sends the partitions of one fit; it travels to the workers."""

    client: Client
    fit: str

    def __call__(self, part: int, partition: Any) -> int | None:
        """The part's number, or None for a partition without rows, which is not sent."""
        if hasattr(partition, "__len__") and not isinstance(partition, (str, bytes)) and len(partition) == 0:
            return None
        self.client.put_part(self.fit, part, partition)
        return part


def _sender_of(partitions: Any) -> Any:
    modules = {kind.__module__.partition(".")[0] for kind in type(partitions).__mro__}
    if hasattr(partitions, "__dask_graph__"):
        return _send_dask
    if "pyspark" in modules:
        return _send_spark
    if "ray" in modules:
        return _send_ray
    return _send_iterable


def _send_iterable(send: Sending, partitions: Iterable[Any], parallel: int) -> list[int]:
    sent: list[int] = []
    waiting: set[Future[int | None]] = set()

    def collect(done: Iterable[Future[int | None]]) -> None:
        sent.extend(part for part in (future.result() for future in done) if part is not None)

    with ThreadPoolExecutor(parallel, thread_name_prefix="norma") as threads:
        try:
            for part, partition in enumerate(counted(partitions, "parts", send.client.settings.progress)):
                waiting.add(threads.submit(send, part, partition))
                if len(waiting) >= parallel:
                    done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                    collect(done)
            collect(waiting)
        except BaseException:
            for future in waiting:
                future.cancel()
            raise
    return sorted(sent)


def _send_dask(send: Sending, collection: Any, parallel: int) -> list[int]:
    import dask

    if hasattr(collection, "rechunk"):
        # A part has whole samples: only axis 0 is cut.
        whole = collection.rechunk({axis: -1 for axis in range(1, collection.ndim)})
        parts = list(whole.to_delayed().ravel())
    else:
        parts = list(collection.to_delayed())
    # Not pure: Dask must not take the result of an earlier fit for that of this one.
    task = dask.delayed(send, pure=False)
    return _present(dask.compute(*[task(part, partition) for part, partition in enumerate(parts)]))


def _send_spark(send: Sending, frame: Any, parallel: int) -> list[int]:
    def send_batches(batches: Iterable[Any]) -> Iterator[Any]:
        import pyarrow as pa
        from pyspark import TaskContext

        part = TaskContext.get().partitionId()
        rows = [batch for batch in batches if batch.num_rows > 0]
        sent = send(part, pa.Table.from_batches(rows)) if rows else None
        yield pa.RecordBatch.from_pydict({"part": pa.array([] if sent is None else [sent], pa.int64())})

    return sorted(row["part"] for row in frame.mapInArrow(send_batches, "part long").collect())


def _send_ray(send: Sending, dataset: Any, parallel: int) -> list[int]:
    import ray

    task = ray.remote(send.__call__.__func__).options(max_retries=3, retry_exceptions=True)  # type: ignore[attr-defined]
    blocks = dataset.to_arrow_refs()
    return _present(ray.get([task.remote(send, part, block) for part, block in enumerate(blocks)]))


def _present(parts: Iterable[int | None]) -> list[int]:
    return sorted(part for part in parts if part is not None)
