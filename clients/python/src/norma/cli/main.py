"""``norma``: the service on the command line."""

from __future__ import annotations

import argparse
import os
import sys
import warnings
from collections.abc import Sequence

from norma.cli import commands
from norma.cli.options import add_method_options
from norma.client import Client
from norma.errors import NormaError, NormaWarning


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command.

    Returns
    -------
    int
        The exit code: 0, 1 for what the service or the files refuse, 2 for a wrong command line, 3 for drift.
    """
    parsed = parser().parse_args(arguments)
    progress = False if parsed.quiet else None
    try:
        with warnings.catch_warnings(), Client(parsed.url, progress=progress) as client:
            warnings.simplefilter("always", NormaWarning)
            warnings.showwarning = lambda message, *_: print(f"warning: {message}", file=sys.stderr)
            code: int = parsed.run(client, parsed)
            return code
    except BrokenPipeError:
        # The reader of the output, such as head, has seen enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (NormaError, OSError, ValueError) as error:
        print(f"norma: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def parser() -> argparse.ArgumentParser:
    """The command line."""
    root = argparse.ArgumentParser(prog="norma", description="Normalizes data with the Norma service.")
    root.add_argument("--url", help="the service's address; default: NORMA_URL, or http://localhost:8080")
    root.add_argument("-q", "--quiet", action="store_true", help="no progress bars")
    some = root.add_subparsers(title="commands", required=True, metavar="COMMAND")

    for name, run, help_ in [
        ("transform", commands.transform, "transform a file by a stored normalizer"),
        ("inverse", commands.inverse, "take a transformed file back to its own units"),
    ]:
        command = some.add_parser(name, help=help_)
        command.add_argument("name", help="the normalizer")
        command.add_argument("file", help="npy, npz, csv, parquet, arrow, ndjson or json")
        command.add_argument("-o", "--output", required=True, help="the file to write; its suffix says the format")
        command.add_argument("--version", help="a number or an alias; default: the newest")
        command.add_argument("--dtype", help="float16, float32 or float64")
        command.set_defaults(run=run)

    fit = some.add_parser("fit", help="fit a normalizer to a file, and store it or print it")
    fit.add_argument("file")
    add_method_options(fit)
    fit.add_argument("--name", help="the name to store it under")
    fit.add_argument("--breaking", action="store_true", help="allow other columns than the version before has")
    fit.add_argument("--description")
    fit.add_argument("-o", "--output", help="write the fitted document to this file")
    fit.set_defaults(run=commands.fit)

    describe = some.add_parser("describe", help="statistics of a file")
    describe.add_argument("file")
    describe.add_argument("--quantiles", default="0.05,0.5,0.95", help="default: %(default)s")
    describe.set_defaults(run=commands.describe)

    compare = some.add_parser("compare", help="which normalization to use for a file")
    compare.add_argument("file")
    compare.add_argument("--labels", metavar="COLUMN", help="what a model is to predict")
    compare.add_argument("--task", choices=["classification", "regression"])
    compare.add_argument("-o", "--output", help="write the report, a page of HTML, to this file")
    compare.add_argument("--open", action="store_true", help="open the report in a browser")
    compare.set_defaults(run=commands.compare)

    drift = some.add_parser(
        "drift", help="how a file differs from what a normalizer was fitted on; exit code 3 if it does"
    )
    drift.add_argument("name")
    drift.add_argument("file", nargs="?", help="without it: what the service has counted")
    drift.add_argument("--version")
    drift.add_argument("--window", help="how far back to count, such as 24h")
    drift.set_defaults(run=commands.drift)

    listed = some.add_parser("list", help="the stored normalizers")
    listed.set_defaults(run=commands.list_normalizers)
    return root


if __name__ == "__main__":
    sys.exit(main())
