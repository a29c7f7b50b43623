"""When a request is sent again, and after how long."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

#: The service took nothing of these requests, or says that they may come again.
REFUSED = frozenset({429, 503})

#: A proxy lost the answer: the request may have been carried out.
LOST = frozenset({502, 504})


@dataclass(frozen=True)
class Retries:
    """How often, and how long in between.

    Attributes
    ----------
    limit : int
        How often a request is sent again.
    first_wait, longest_wait : float
        Seconds. The waits double from the first to the longest, each shortened by chance.
    longest_retry_after : float
        Seconds. A ``Retry-After`` beyond it is an error at once.
    """

    limit: int = 5
    first_wait: float = 0.2
    longest_wait: float = 10.0
    longest_retry_after: float = 120.0

    def wait_after(self, tries: int, headers: Mapping[str, str]) -> float | None:
        """Seconds until the next try, or None for no other.

        Parameters
        ----------
        tries : int
            How often it has been sent.
        headers : Mapping
            Those of the refusal, in lower case.
        """
        if tries > self.limit:
            return None
        asked = retry_after(headers.get("retry-after"))
        if asked is not None and asked > self.longest_retry_after:
            return None
        backoff = min(self.longest_wait, self.first_wait * 2.0 ** (tries - 1)) * random.uniform(0.5, 1)
        return max(backoff, asked or 0)


def retry_after(value: str | None) -> float | None:
    """Seconds from a Retry-After header, which has seconds or a date (RFC 9110, 10.2.3)."""
    if value is None:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except ValueError:
        return None
