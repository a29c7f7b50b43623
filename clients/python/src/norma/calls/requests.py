"""Requests that several calls share."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, TypeAlias
from urllib.parse import quote
from uuid import uuid4

from norma.errors import warn
from norma.exchange import Answer, Exchange, Request, bytes_body
from norma.fitted import Fitted
from norma.formats.multipart import with_members
from norma.formats.payload import Payload
from norma.plain import present, write_json

JSON = "application/json"

#: What a transform goes by: a fitted document, or the name of a stored normalizer.
Reference: TypeAlias = Fitted | Mapping[str, Any] | str


def path_of(name: str, version: int | str | None = None) -> str:
    """The path of a stored normalizer, or of one version of it: a number, ``latest`` or an alias."""
    named = f"/v1/normalizers/{quote(name, safe='')}"
    return named if version is None else f"{named}/versions/{quote(str(version), safe='')}"


def get(path: str, **query: Any) -> Request:
    return Request("GET", path, query_of(query), {"accept": JSON})


def send_json(
    method: str, path: str, members: Mapping[str, Any], *, repeatable: bool = True, stores: bool = False
) -> Request:
    """Members as JSON; ``stores`` as for ``send_data``."""
    return Request(method, path, {}, _headers(JSON, stores), bytes_body(JSON, write_json(members)), repeatable)


def send_data(
    path: str,
    payload: Payload,
    members: Mapping[str, Any],
    *,
    method: str = "POST",
    accept: str = JSON,
    query: Mapping[str, Any] | None = None,
    stores: bool = False,
) -> Request:
    """Data with what is said about them.

    Parameters
    ----------
    members : Mapping
        What goes in a part of its own beside the data.
    query : Mapping, optional
        What is short enough for the query.
    stores : bool
        Whether the call stores something, and needs an ``Idempotency-Key`` to be safe to repeat.
    """
    body = with_members(members, payload.body) if members else payload.body
    return Request(method, path, query_of(query or {}), _headers(accept, stores), body)


def query_of(members: Mapping[str, Any]) -> dict[str, str]:
    return {name: _text(value) for name, value in members.items() if value is not None}


def apply_request(
    operation: str,
    by: Reference,
    version: int | str | None,
    payload: Payload,
    flags: Mapping[str, Any],
    accept: str,
) -> Request:
    """A transform or its inverse, by a stored normalizer or by a document that goes with the data."""
    if isinstance(by, str):
        return send_data(f"{path_of(by, version)}/{operation}", payload, {}, accept=accept, query=flags)
    if version is not None:
        raise TypeError("version goes with the name of a stored normalizer, not with a fitted document.")
    return send_data(f"/v1/{operation}", payload, {"fitted": by, **present(**flags)}, accept=accept)


def json_of(answer: Answer) -> dict[str, Any]:
    """The members of a JSON answer, after its warnings."""
    members: dict[str, Any] = answer.json()
    warn(members.get("warnings") or ())
    return members


def header_warnings(answer: Answer) -> list[dict[str, Any]]:
    """The warnings of an answer that has no place for them but a header: ``out_of_range;count=30, passed_through``."""
    found = []
    for item in answer.headers.get("norma-warnings", "").split(","):
        code, *parameters = (part.strip() for part in item.split(";"))
        counts = [int(value) for name, _, value in (part.partition("=") for part in parameters) if name == "count"]
        if code:
            found.append({"code": code, **({"count": counts[0]} if counts else {})})
    return found


def pages(path: str, member: str, **query: Any) -> Exchange[list[dict[str, Any]]]:
    """All items of a paged list."""
    items: list[dict[str, Any]] = []
    cursor = None
    while True:
        page = (yield get(path, limit=1000, cursor=cursor, **query)).json()
        items.extend(page[member])
        cursor = page["next_cursor"]
        if cursor is None:
            return items


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else json.dumps(json.loads(write_json(value)))


def _headers(accept: str, stores: bool) -> dict[str, str]:
    return {"accept": accept, **({"idempotency-key": uuid4().hex} if stores else {})}
