"""Progress bars, where tqdm is there."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import TypeVar

from norma.exchange import Body, Buffer

#: Smaller uploads are over before a bar would be read.
SHOWN_BYTES = 8 << 20

T = TypeVar("T")


def shows(progress: bool | None) -> bool:
    """Whether to show bars: as asked, otherwise on a terminal; never without tqdm."""
    if progress is False or (progress is None and not sys.stderr.isatty()):
        return False
    try:
        import tqdm  # noqa: F401
    except ImportError:
        return False
    return True


def sent_pieces(body: Body, label: str, progress: bool | None) -> Iterator[Buffer]:
    """The pieces of a body, with a bar of what has been sent."""
    if body.length < SHOWN_BYTES or not shows(progress):
        yield from body.pieces()
        return
    from tqdm.auto import tqdm

    with tqdm(total=body.length, desc=label, unit="B", unit_scale=True, unit_divisor=1024, leave=False) as bar:
        for piece in body.pieces():
            yield piece
            bar.update(len(piece))


def counted(items: Iterable[T], label: str, progress: bool | None, total: int | None = None) -> Iterator[T]:
    """Items, with a bar of how many there were."""
    if not shows(progress):
        yield from items
        return
    from tqdm.auto import tqdm

    yield from tqdm(items, desc=label, total=total, leave=False)
