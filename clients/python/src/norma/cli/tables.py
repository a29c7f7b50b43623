"""Tables to read in a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def print_table(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Prints rows under their head: numbers to the right with six digits, text to the left."""
    cells = [[format_cell(value) for value in row] for row in rows]
    widths = [max(len(line[column]) for line in [head, *cells]) for column in range(len(head))]
    right = [any(isinstance(row[column], (int, float)) for row in rows) for column in range(len(head))]
    for line in [head, *cells]:
        aligned = [
            cell.rjust(width) if to_right else cell.ljust(width)
            for cell, width, to_right in zip(line, widths, right, strict=True)
        ]
        print("  ".join(aligned).rstrip())


def format_cell(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.6g}"
    return str(value)
