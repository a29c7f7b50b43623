"""Answers that go to a file."""

from __future__ import annotations

import os
import tempfile
from dataclasses import replace
from pathlib import Path

from norma.exchange import Answer, Exchange, Request


def answer_to_file(request: Request, target: Path) -> Exchange[Answer]:
    """Writes the answer beside the target, and renames it once it is whole."""
    with tempfile.NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.", delete=False) as file:
        part = Path(file.name)
        try:
            answer = yield replace(request, target=file)
            file.close()
            # Temporary files are the owner's alone; this one is to be as any other.
            mask = os.umask(0)
            os.umask(mask)
            part.chmod(0o666 & ~mask)
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
    return answer
