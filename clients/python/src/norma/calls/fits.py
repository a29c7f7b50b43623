"""Fits in parts: the data come from many machines, in any order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from norma.calls.requests import get, json_of, send_data, send_json
from norma.exchange import Exchange, Request
from norma.fitted import Fitted
from norma.formats.encode import encode
from norma.plain import options, present
from norma.results import Committed


def begin_fit(normalizer: str | Mapping[str, Any]) -> Exchange[str]:
    """Begins a fit in parts.

    Returns
    -------
    str
        Its id, for ``put_part`` and ``commit_fit``.

    Raises
    ------
    InvalidRequestError
        With code ``not_mergeable`` for a method that has to see all data at once.
    """
    return str((yield send_json("POST", "/v1/fits", {"normalizer": options(normalizer)}, stores=True)).json()["id"])


def put_part(fit: str, part: int | str, data: Any, *, sample_weight: Any = None) -> Exchange[dict[str, Any]]:
    """Sends one part. Sent again under the same name it replaces itself, so that nothing counts twice.

    Parameters
    ----------
    fit : str
    part : int or str
        The part's name, the caller's own.
    data, sample_weight
        As for ``fit``.
    """
    path = f"/v1/fits/{quote(fit, safe='')}/parts/{quote(str(part), safe='')}"
    members = present(sample_weight=sample_weight)
    return json_of((yield send_data(path, encode(data), members, method="PUT")))


def fit_status(fit: str) -> Exchange[dict[str, Any]]:
    """The parts that are there, and when it was committed."""
    told: dict[str, Any] = (yield get(f"/v1/fits/{quote(fit, safe='')}")).json()
    return told


def commit_fit(
    fit: str,
    name: str | None = None,
    *,
    expected_parts: int | Sequence[int | str] | None = None,
    description: str | None = None,
    tags: Mapping[str, str] | None = None,
    breaking: bool | None = None,
    profile: bool | None = None,
) -> Exchange[Committed]:
    """Merges the parts, to the same bits whatever order they came in, and stores the result if it gets a name.

    Parameters
    ----------
    fit : str
    name : str, optional
    expected_parts : int or sequence, optional
        How many parts there must be, or their names.
    description, tags, breaking, profile
        As for ``store``.

    Raises
    ------
    ConflictError
        If parts are missing, or the version would be a ``breaking_change``.
    """
    members = present(
        name=name,
        expected_parts=expected_parts,
        description=description,
        tags=tags,
        breaking=breaking,
        profile=profile,
    )
    answer = json_of((yield send_json("POST", f"/v1/fits/{quote(fit, safe='')}/commit", members, stores=True)))
    return Committed(
        answer["id"], answer["n_parts"], Fitted(answer["fitted"]), answer.get("name"), answer.get("version")
    )


def abandon_fit(fit: str) -> Exchange[None]:
    """Gives up a fit, and its parts."""
    yield Request("DELETE", f"/v1/fits/{quote(fit, safe='')}", repeatable=False)
