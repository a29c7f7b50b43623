"""Calls about stored normalizers: versions, aliases, drift, export."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from norma.calls.requests import get, json_of, pages, path_of, query_of, send_data, send_json
from norma.exchange import Exchange, Request
from norma.fitted import Fitted
from norma.formats.encode import encode
from norma.plain import options, present
from norma.results import Version


def store(
    name: str,
    data: Any = None,
    normalizer: str | Mapping[str, Any] | None = None,
    *,
    fitted: Fitted | Mapping[str, Any] | None = None,
    sklearn: Any = None,
    keras: Mapping[str, Any] | None = None,
    torchvision: Mapping[str, Any] | None = None,
    sample_weight: Any = None,
    groups: Any = None,
    description: str | None = None,
    tags: Mapping[str, str] | None = None,
    breaking: bool | None = None,
    dry_run: bool | None = None,
    profile: bool | None = None,
) -> Exchange[Version]:
    """Stores the next version of a normalizer: one to fit, or one that is fitted.

    Give either data and normalizer, or one of fitted, sklearn, keras and torchvision.

    Parameters
    ----------
    name : str
    data, normalizer, sample_weight, groups
        As for ``fit``.
    fitted : Fitted, optional
        What ``fit`` or ``merge`` returned.
    sklearn : estimator, optional
        A fitted estimator of scikit-learn, or what ``from_sklearn`` made of one.
    keras, torchvision : Mapping, optional
        Arguments of keras' or torchvision's ``Normalization``.
    description : str, optional
    tags : Mapping of str to str, optional
    breaking : bool, optional
        Whether the version may have another method, other columns or another shape than the one before.
    dry_run : bool, optional
        Whether to say only what would be stored.
    profile : bool, optional
        Whether it keeps what drift is measured against. Default: it does.

    Raises
    ------
    ConflictError
        With code ``breaking_change`` where ``breaking=True`` is missing.
    """
    about = present(description=description, tags=tags, breaking=breaking, dry_run=dry_run, profile=profile)
    path = f"{path_of(name)}/versions"
    if data is not None:
        if normalizer is None:
            raise TypeError("Data need a normalizer to be fitted: store(name, data, 'zscore').")
        given = present(sample_weight=sample_weight, groups=groups)
        members = {"normalizer": options(normalizer), "statistics": False, **given, **about}
        return _version((yield send_data(path, encode(data), members, stores=True)))
    if sklearn is not None and not isinstance(sklearn, Mapping):
        from norma.convert.sklearn import from_sklearn

        sklearn = from_sklearn(sklearn)
    imported = present(fitted=fitted, sklearn=sklearn, keras=keras, torchvision=torchvision)
    return _version((yield send_json("POST", path, {**imported, **about}, stores=True)))


def update(
    name: str,
    data: Any = None,
    *,
    fitted: Fitted | Mapping[str, Any] | None = None,
    base: int | str | None = None,
    if_version: int | None = None,
    sample_weight: Any = None,
    description: str | None = None,
    tags: Mapping[str, str] | None = None,
    dry_run: bool | None = None,
) -> Exchange[Version]:
    """Merges new data, or a fitted document, into a version, and stores the result as the next one.

    Parameters
    ----------
    name : str
    data : array-like, DataFrame, pyarrow.Table or Path, optional
    fitted : Fitted, optional
    base : int or str, optional
        The version to merge into. Default: the newest.
    if_version : int, optional
        The version that must be the newest.
    sample_weight, description, tags, dry_run
        As for ``store``.

    Raises
    ------
    ConflictError
        With code ``precondition_failed`` where ``if_version`` does not hold.
    """
    about = present(base=base, if_version=if_version, description=description, tags=tags, dry_run=dry_run)
    path = f"{path_of(name)}/update"
    if data is not None:
        members = {"statistics": False, **present(sample_weight=sample_weight), **about}
        return _version((yield send_data(path, encode(data), members, stores=True)))
    return _version((yield send_json("POST", path, {**present(fitted=fitted), **about}, stores=True)))


def load(name: str, version: int | str | None = None) -> Exchange[Fitted]:
    """The fitted document of a stored normalizer: the newest version, a number's or an alias'."""
    return Fitted((yield get(path_of(name, version))).json())


def info(name: str, version: int | str = "latest") -> Exchange[dict[str, Any]]:
    """What a version tells of itself: method, columns, samples, description, tags, aliases."""
    told: dict[str, Any] = (yield get(f"{path_of(name, version)}/info")).json()
    return told


def normalizers(
    *, tag: str | None = None, method: str | None = None, alias: str | None = None
) -> Exchange[list[dict[str, Any]]]:
    """All stored normalizers, or those with a tag (``team:risk``), a method, an alias."""
    return (yield from pages("/v1/normalizers", "normalizers", tag=tag, method=method, alias=alias))


def versions(name: str) -> Exchange[list[dict[str, Any]]]:
    """All versions of a normalizer."""
    return (yield from pages(f"{path_of(name)}/versions", "versions"))


def edit(
    name: str, version: int | str, *, description: str | None = None, tags: Mapping[str, str] | None = None
) -> Exchange[dict[str, Any]]:
    """Changes a version's description or tags."""
    members = present(description=description, tags=tags)
    told: dict[str, Any] = (yield send_json("PATCH", path_of(name, version), members)).json()
    return told


def delete(name: str, version: int | str | None = None) -> Exchange[None]:
    """Deletes a version, or the normalizer with all its versions."""
    yield Request("DELETE", path_of(name, version), repeatable=False)


def set_alias(
    name: str, alias: str, version: int, *, if_version: int | None = None, must_be_new: bool = False
) -> Exchange[dict[str, Any]]:
    """Makes an alias name a version.

    Parameters
    ----------
    name, alias : str
    version : int
    if_version : int, optional
        The version that the alias must name now.
    must_be_new : bool
        Whether it must not be there yet.

    Raises
    ------
    ConflictError
        With code ``precondition_failed`` where that does not hold.
    """
    strict = must_be_new or if_version is not None
    members = {"version": version, **({"if_version": if_version} if strict else {})}
    request = send_json("PUT", f"{path_of(name)}/aliases/{alias}", members, repeatable=not strict)
    made: dict[str, Any] = (yield request).json()
    return made


def alias(name: str, alias: str) -> Exchange[int]:
    """The version that an alias names."""
    return int((yield get(f"{path_of(name)}/aliases/{alias}")).json()["version"])


def delete_alias(name: str, alias: str) -> Exchange[None]:
    """Deletes an alias; its version stays."""
    yield Request("DELETE", f"{path_of(name)}/aliases/{alias}", repeatable=False)


def diff(name: str, from_: int | str, to: int | str = "latest") -> Exchange[dict[str, Any]]:
    """What changed between two versions: options, columns, and each parameter in units of the older scale."""
    changed: dict[str, Any] = (yield get(f"{path_of(name)}/diff", **{"from": from_, "to": to})).json()
    return changed


def drift(
    name: str,
    data: Any = None,
    *,
    version: int | str | None = None,
    window: str | None = None,
    alpha: float | None = None,
) -> Exchange[dict[str, Any]]:
    """How data differ from those that a version was fitted on.

    Parameters
    ----------
    name : str
    data : array-like, DataFrame, pyarrow.Table or Path, optional
        Without them, what the service has counted of its transforms.
    version : int or str, optional
    window : str, optional
        How far back to count, such as ``24h``.
    alpha : float, optional
        The level of significance.

    Raises
    ------
    ConflictError
        With code ``no_profile`` if the version keeps none.
    """
    path = f"{path_of(name, version)}/drift"
    if data is None:
        return json_of((yield get(path, window=window, alpha=alpha)))
    return json_of((yield send_data(path, encode(data), {}, query={"alpha": alpha})))


def export_onnx(
    name: str, version: int | str | None = None, *, operation: str | None = None, input_dtype: str | None = None
) -> Exchange[bytes]:
    """An ONNX model that computes the transform, or with ``operation="inverse_transform"`` the inverse."""
    query = query_of({"format": "onnx", "operation": operation, "input_dtype": input_dtype})
    request = Request("GET", f"{path_of(name, version)}/export", query, {"accept": "application/octet-stream"})
    return bytes((yield request).content)


def export_sklearn(name: str, version: int | str | None = None) -> Exchange[dict[str, Any]]:
    """The class, arguments and attributes with which scikit-learn computes the transform."""
    exported: dict[str, Any] = (yield get(f"{path_of(name, version)}/export", format="sklearn")).json()
    return exported


def _version(answer: Any) -> Version:
    members = json_of(answer)
    return Version(str(members.get("name", "")), members.get("version"), Fitted(members.get("fitted") or {}), members)
