import asyncio
import inspect

import numpy as np
import pandas as pd
import pytest

import norma

X = np.random.default_rng(0).normal([10, -3], [2, 0.5], (1000, 2))


def test_the_asynchronous_client_computes_what_the_other_computes(url, client, name):
    client.store(name, X, "zscore")

    async def scale():
        async with norma.AsyncClient(url) as other:
            fitted = (await other.fit(X, "zscore")).fitted
            by_document, by_name, frame = await asyncio.gather(
                other.transform(X, fitted),
                other.transform(X, name),
                other.transform(pd.DataFrame(X), name, extra_columns="pass"),
            )
            return by_document, by_name, frame.to_numpy()

    expected = client.transform(X, name)
    for scaled in asyncio.run(scale()):
        np.testing.assert_array_equal(scaled, expected)


@pytest.mark.parametrize("kind", ["iterable", "asynchronous"])
def test_chunks_come_back_in_order(url, client, name, kind):
    client.store(name, X, "minmax")
    chunks = np.array_split(X, 7)

    async def arrive():
        for chunk in chunks:
            await asyncio.sleep(0)
            yield chunk

    async def scale():
        async with norma.AsyncClient(url) as other:
            given = chunks if kind == "iterable" else arrive()
            return [chunk async for chunk in other.transform_stream(given, name, parallel=3)]

    np.testing.assert_array_equal(np.concatenate(asyncio.run(scale())), client.transform(X, name))


def test_files_are_sent_by_the_asynchronous_client_too(url, client, name, tmp_path):
    client.store(name, X, "minmax")
    np.save(tmp_path / "x.npy", X)

    async def scale():
        async with norma.AsyncClient(url) as other:
            return await other.transform_file(tmp_path / "x.npy", tmp_path / "y.npy", name)

    np.testing.assert_array_equal(np.load(asyncio.run(scale())), client.transform(X, name))


def test_methods_are_awaitable():
    assert inspect.iscoroutinefunction(norma.AsyncClient.fit)
