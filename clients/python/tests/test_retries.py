"""Retries, against a server that refuses as it is told."""

import asyncio
import json
import threading
import time
from contextlib import contextmanager
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

import norma
from norma.retries import Retries, retry_after

LOST = "lost"
BROKEN = "broken"


@contextmanager
def server(*script):
    """Answers with a status, headers and a document each; LOST closes the connection before an answer, BROKEN in it."""
    answers, seen = iter(script), []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self):
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            seen.append((self.command, self.path, dict(self.headers), body))
            answer = next(answers)
            if answer is LOST:
                self.close_connection = True
                return
            if answer is BROKEN:
                self.wfile.write(b'HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{"methods": []}')
                self.close_connection = True
                return
            status, headers, document = answer
            content = json.dumps(document).encode()
            self.send_response(status)
            for name, value in {**headers, "content-length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_DELETE = answer

        def log_message(self, *_):
            pass

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=running.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{running.server_port}", seen
    finally:
        running.shutdown()
        running.server_close()


FITTED = {"name": "n", "version": 1, "fitted": {}, "warnings": []}
BUSY = (503, {}, {"code": "unavailable", "detail": "Too busy."})
QUICK = Retries(limit=3, first_wait=0.01)


@pytest.mark.parametrize("refusal", [BUSY, (429, {}, {"code": "too_many_requests"}), LOST, (502, {}, {})])
def test_a_call_that_stores_is_repeated_with_the_same_key_and_body(refusal):
    with server(refusal, refusal, (201, {}, FITTED)) as (url, seen), norma.Client(url, retries=QUICK) as client:
        assert client.store("n", np.zeros((2, 2)), "zscore").version == 1
    keys = {headers.get("idempotency-key") for _, _, headers, _ in seen}
    assert len(seen) == 3 and len(keys) == 1 and None not in keys
    assert len({body for *_, body in seen}) == 1 and seen[0][3]


def test_retry_after_is_waited_for():
    with server((503, {"retry-after": "1"}, {}), (200, {}, {})) as (url, seen):
        started = time.monotonic()
        norma.Client(url, retries=QUICK).ready()
    assert time.monotonic() - started >= 1
    assert len(seen) == 2


def test_a_wait_that_is_too_long_is_an_error_at_once():
    with server((503, {"retry-after": "3600"}, {"code": "unavailable", "detail": "Tomorrow."})) as (url, seen):
        with pytest.raises(norma.UnavailableError, match="Tomorrow"):
            norma.Client(url).ready()
    assert len(seen) == 1


def test_retry_after_has_seconds_or_a_date():
    assert retry_after("2") == 2
    assert 8 < retry_after(formatdate(time.time() + 10, usegmt=True)) <= 10
    assert retry_after(formatdate(time.time() - 10, usegmt=True)) == 0
    assert retry_after("soon") is retry_after(None) is None


def test_the_waits_double_up_to_the_longest():
    retries = Retries(limit=9, first_wait=1, longest_wait=8)
    waits = [retries.wait_after(tries, {}) for tries in range(1, 10)]
    for wait, most in zip(waits, [1, 2, 4, 8, 8, 8, 8, 8, 8], strict=True):
        assert most / 2 <= wait <= most
    assert retries.wait_after(10, {}) is None


def test_retries_end():
    with server(*[BUSY] * 4) as (url, seen), pytest.raises(norma.UnavailableError) as refused:
        norma.Client(url, retries=QUICK).fit([[1.0]], "zscore")
    assert len(seen) == 4
    assert refused.value.code == "unavailable"


def test_what_is_wrong_is_not_repeated():
    with server((422, {}, {"code": "ragged_rows", "errors": [{"pointer": "/data/1", "detail": "?"}]})) as (url, seen):
        with pytest.raises(norma.InvalidRequestError) as refused:
            norma.Client(url, retries=QUICK).ready()
    assert len(seen) == 1
    assert refused.value.pointer == "/data/1"


def test_a_deletion_whose_answer_was_lost_is_not_repeated():
    with server(LOST, (204, {}, None)) as (url, seen), pytest.raises(norma.ConnectionFailedError):
        norma.Client(url, retries=QUICK).delete("n")
    assert len(seen) == 1


def test_a_replica_that_is_gone_hands_over_to_the_next():
    with server((200, {}, {})) as (url, seen):
        assert norma.Client(["http://127.0.0.1:9", url], retries=QUICK).ready()
    assert len(seen) == 1


def test_replicas_take_turns():
    answers = [(200, {}, {})] * 4
    with server(*answers) as (one, first), server(*answers) as (other, second):
        client = norma.Client([one, other], retries=QUICK)
        assert all(client.ready() for _ in range(4))
    assert len(first) == len(second) == 2


def test_nobody_there_is_a_connection_error():
    with pytest.raises(ConnectionError, match="4 tries"):
        norma.Client("http://127.0.0.1:9", retries=QUICK).ready()


def test_an_answer_that_breaks_off_is_never_taken_for_a_whole_one():
    with server(BROKEN, BROKEN, (200, {}, {"methods": ["a"]})) as (url, seen):
        assert norma.Client(url, retries=QUICK).methods() == ["a"]
    assert len(seen) == 3


def test_the_key_is_sent_and_access_is_told_apart():
    with server((403, {}, {"code": "forbidden", "detail": "Only reading."})) as (url, seen):
        with pytest.raises(PermissionError, match=r"Only reading\. \(forbidden\)") as refused:
            norma.Client(url, api_key="secret").delete("n")
    assert seen[0][2]["authorization"] == "Bearer secret"
    assert refused.value.status == 403
    assert "secret" not in repr(norma.Client(url, api_key="secret").settings)


def test_the_asynchronous_client_repeats_likewise():
    async def store(url):
        async with norma.AsyncClient(url, retries=QUICK) as client:
            return await client.store("n", np.zeros((2, 2)), "zscore")

    with server(BUSY, LOST, (201, {}, FITTED)) as (url, seen):
        assert asyncio.run(store(url)).version == 1
    assert len({headers["idempotency-key"] for _, _, headers, _ in seen}) == 1
