import threading

import numpy as np
import pandas as pd
import pytest

import norma

X = np.random.default_rng(0).normal([10, -3, 1e6], [2, 0.5, 1], (1000, 3))


@pytest.mark.parametrize("method", ["zscore", "minmax", "robust", "mean_range"])
def test_partitions_fit_to_what_the_whole_fits_to(client, name, method):
    whole = client.fit(X, method).fitted
    committed = norma.fit_partitions(np.array_split(X, 9), method, name, client=client)
    assert (committed.name, committed.version, committed.n_parts) == (name, 1, 9)
    for parameter, values in whole.parameters.items():
        np.testing.assert_allclose(committed.fitted.parameters[parameter], values, rtol=1e-12)


def test_the_bits_do_not_depend_on_the_order_in_which_parts_arrive(client):
    slow = threading.Event()

    def parts(delayed):
        for at, part in enumerate(np.array_split(X, 5)):
            if at == 4 and delayed:
                slow.wait(0.2)
            yield part

    first = norma.fit_partitions(parts(False), "zscore", client=client, parallel=5)
    second = norma.fit_partitions(parts(True), "zscore", client=client, parallel=1)
    assert first.fitted == second.fitted


def test_frames_and_empty_partitions(client, name):
    frame = pd.DataFrame(X, columns=["a", "b", "c"]).assign(city="Oslo")
    parts = [frame[:400], frame[400:400], frame[400:]]
    committed = norma.fit_partitions(parts, "zscore", name, client=client)
    assert committed.n_parts == 2
    assert committed.fitted.columns == ("a", "b", "c")
    np.testing.assert_allclose(committed.fitted.parameters["mean"], X.mean(axis=0), rtol=1e-12)


def test_a_method_that_does_not_merge_is_refused_before_any_data_are_read(client):
    def parts():
        raise AssertionError("was read")
        yield

    with pytest.raises(norma.InvalidRequestError) as refused:
        norma.fit_partitions(parts(), "power", client=client)
    assert refused.value.code == "not_mergeable"


def test_a_part_that_fails_gives_the_fit_up(client):
    begun = []

    class Watching(norma.Client):
        def begin_fit(self, normalizer):
            begun.append(super().begin_fit(normalizer))
            return begun[-1]

    watching = Watching(client.settings.urls)
    with pytest.raises(norma.InvalidRequestError):
        norma.fit_partitions([X, X[:, :2]], "zscore", client=watching)
    with pytest.raises(norma.NotFoundError):
        client.fit_status(begun[0])


def test_a_transform_of_partitions_travels_to_workers(client, name):
    import pickle

    client.store(name, X, "minmax")
    transform = pickle.loads(pickle.dumps(norma.PartitionTransform(client, name, {"version": 1})))
    np.testing.assert_array_equal(transform(X[:5]), client.transform(X[:5], name))
    assert [len(batch) for batch in transform.batches([X[:5], X[5:7]])] == [5, 2]
