"""A client whose worker dies in the middle."""

import os
import signal
from pathlib import Path

from norma import Client

#: The part after which it dies.
FATAL_PART = 3


class FragileClient(Client):
    """Kills its process once: when the part has arrived, and nobody knows it yet."""

    marker = ""

    def put_part(self, fit, part, data, **options):
        told = super().put_part(fit, part, data, **options)
        if part == FATAL_PART and not Path(self.marker).exists():
            Path(self.marker).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return told

    def __getstate__(self):
        return {**super().__getstate__(), "marker": self.marker}

    def __setstate__(self, state):
        super().__setstate__(state)
        self.marker = state["marker"]
