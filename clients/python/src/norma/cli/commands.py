"""What the commands do: each returns its exit code."""

from __future__ import annotations

import sys
import tempfile
import webbrowser
from argparse import Namespace
from pathlib import Path
from typing import Any

from norma.cli.options import normalizer_of
from norma.cli.tables import print_table
from norma.client import Client
from norma.fitted import Fitted

#: The exit code of data that have drifted.
DRIFTED = 3


def transform(client: Client, parsed: Namespace) -> int:
    return _apply(client, parsed, inverse=False)


def inverse(client: Client, parsed: Namespace) -> int:
    return _apply(client, parsed, inverse=True)


def fit(client: Client, parsed: Namespace) -> int:
    file, normalizer = Path(parsed.file), normalizer_of(parsed)
    if parsed.name:
        stored = client.store(parsed.name, file, normalizer, breaking=parsed.breaking, description=parsed.description)
        fitted = stored.fitted
        print(f"{stored.name} version {stored.version}: {fitted.method} of {_samples(fitted)}")
    else:
        fitted = client.fit(file, normalizer, statistics=False).fitted
        print(f"{fitted.method} of {_samples(fitted)}")
    if parsed.output:
        fitted.save(parsed.output)
    _print_parameters(fitted)
    return 0


def describe(client: Client, parsed: Namespace) -> int:
    quantiles = [float(one) for one in parsed.quantiles.split(",") if one]
    found = client.describe(Path(parsed.file), {"axis": 0, "quantiles": quantiles})
    names = _names(found.get("columns"), found["mean"])
    head = [
        "column",
        "count",
        "NaN",
        "zeros",
        "min",
        *(f"q{one:g}" for one in quantiles),
        "max",
        "mean",
        "std",
        "skewness",
    ]
    rows = [
        [
            name,
            _at(found["nobs"], index) - _at(found["nan_count"], index),
            _at(found["nan_count"], index),
            _at(found["zero_count"], index),
            found["minmax"][0][index],
            *(values[index] for values in found["quantiles"]),
            found["minmax"][1][index],
            found["mean"][index],
            _root(found["variance"][index]),
            found["skewness"][index],
        ]
        for index, name in enumerate(names)
    ]
    print_table(head, rows)
    return 0


def compare(client: Client, parsed: Namespace) -> int:
    file = Path(parsed.file)
    found = client.compare(file, labels=parsed.labels, task=parsed.task)
    for line in found["recommendation"]["summary"]:
        print(line)
    print()
    _print_scores(found)
    if parsed.output or parsed.open:
        page = Path(parsed.output) if parsed.output else Path(tempfile.mkdtemp()) / f"{file.stem}.html"
        page.write_text(client.compare_report(file, labels=parsed.labels, task=parsed.task), encoding="utf-8")
        print(f"\nThe report is in {page}")
        if parsed.open:
            webbrowser.open(page.resolve().as_uri())
    return 0


def drift(client: Client, parsed: Namespace) -> int:
    file = Path(parsed.file) if parsed.file else None
    found = client.drift(parsed.name, file, version=parsed.version, window=parsed.window)
    columns = found.get("columns", [])
    figures = [
        figure
        for figure in [
            "psi",
            "ks",
            "wasserstein",
            "mean_shift",
            "std_ratio",
            "nan_share",
            "out_of_range_share",
            "p_value",
        ]
        if any(figure in column for column in columns)
    ]
    rows = [
        [column.get("name", column.get("index", at)), "yes" if column["drifted"] else "no"]
        + [column.get(figure) for figure in figures]
        for at, column in enumerate(columns)
    ]
    print_table(["column", "drifted", *figures], rows)
    for reason in found.get("reasons", []):
        print(reason if isinstance(reason, str) else reason.get("message", reason))
    print(f"{found['name']} version {found['version']}: {'drifted' if found['drifted'] else 'no drift'}")
    return DRIFTED if found["drifted"] else 0


def list_normalizers(client: Client, parsed: Namespace) -> int:
    rows = [
        [
            one["name"],
            one["version"],
            one["method"],
            str(one["shape"][-1] or "any"),
            one["created_at"],
            ",".join(one["aliases"]),
        ]
        for one in client.normalizers()
    ]
    print_table(["name", "version", "method", "features", "created", "aliases"], rows)
    return 0


def _apply(client: Client, parsed: Namespace, *, inverse: bool) -> int:
    target = client.transform_file(
        parsed.file, parsed.output, parsed.name, version=parsed.version, inverse=inverse, output_dtype=parsed.dtype
    )
    print(f"{target}: {target.stat().st_size:,} bytes", file=sys.stderr)
    return 0


def _print_parameters(fitted: Fitted) -> None:
    """Parameters with one number per column, a column a line."""
    parameters = {
        name: value
        for name, value in fitted.parameters.items()
        if getattr(value, "ndim", None) == 1 and fitted.n_features
    }
    flat = {name: value for name, value in parameters.items() if len(value) == fitted.n_features}
    if flat:
        names = _names(fitted.columns, next(iter(flat.values())))
        print_table(["column", *flat], [[name, *(flat[one][at] for one in flat)] for at, name in enumerate(names)])


def _print_scores(found: Any) -> None:
    candidates = found["normalizers"]
    names = {
        choice["place"]: choice["name"]
        for family in found["recommendation"].values()
        if isinstance(family, dict)
        for choice in family["choices"]
    }
    probes = list(found["input"]["evidence"].get("probes", {}))
    rows = []
    for place, one in enumerate(candidates):
        evidence = one.get("evidence") or {}
        hessian = evidence.get("hessian") or {}
        scores = [evidence.get("probes", {}).get(probe, {}).get("score") for probe in probes]
        rows.append([names.get(place, one["normalizer"]["method"]), hessian.get("condition_number"), *scores])
    print_table(["normalizer", "condition number", *(probe.replace("_", " ") for probe in probes)], rows)


def _names(columns: Any, values: Any) -> list[str]:
    return [str(name) for name in columns] if columns else [str(index) for index in range(len(values))]


def _at(value: Any, index: int) -> Any:
    return value[index] if isinstance(value, list) else value


def _root(variance: Any) -> Any:
    return variance**0.5 if isinstance(variance, (int, float)) and variance >= 0 else None


def _samples(fitted: Fitted) -> str:
    seen = fitted.n_samples_seen
    return f"{seen:,} samples" if isinstance(seen, int) else "samples that differ by column"
