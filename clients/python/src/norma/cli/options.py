"""A method and its options on the command line."""

from __future__ import annotations

import argparse
import json
from typing import Any


def add_method_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--method", default="zscore", help="default: %(default)s")
    command.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="OPTION=VALUE",
        type=_option,
        help="an option of the method, its value as JSON or text: --set feature_range=[-1,1] --set nan_policy=omit",
    )
    command.add_argument("--columns", type=lambda text: text.split(","), help="the columns to normalize: age,income")


def normalizer_of(parsed: argparse.Namespace) -> dict[str, Any]:
    columns = {} if parsed.columns is None else {"columns": parsed.columns}
    return {"method": parsed.method, **dict(parsed.set), **columns}


def _option(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"{text!r} has no value: write {name}=VALUE")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value
