# SPDX-License-Identifier: Apache-2.0
"""What an answer means for the request, and how long to wait before it is repeated."""

import email.utils
import random
import time
from typing import Optional

_MOST = 10.0
_BELIEVED = 30.0
_AWAY = frozenset((0, 408, 429, 502, 503, 504))

# How often a request that breaks the server (5xx) is tried before it counts as refused.
BROKEN_ATTEMPTS = 5


def judge(status: int) -> str:
    """``done``; ``away``: repeat until it is delivered; ``broken``: repeat a few times; ``refused``: do not repeat.
    Status 0 stands for no answer."""
    if status in _AWAY:
        return "away"
    if 200 <= status < 300:
        return "done"
    return "broken" if 500 <= status < 600 else "refused"


def retry_delay(first: float, attempt: int, retry_after: Optional[float]) -> float:
    """Doubles from ``first`` to ten seconds, with jitter. The jitter stays above what the server asked for, because
    that is a promise not to come earlier."""
    whole = min(first * 2 ** min(attempt - 1, 20), _MOST)
    delay = whole / 2 + random.random() * whole / 2
    asked = min(retry_after or 0.0, _BELIEVED)
    return asked + delay / 4 if asked > delay else delay


def parse_retry_after(value: Optional[str]) -> Optional[float]:
    """Seconds of a Retry-After header in seconds or as a date."""
    if not value:
        return None
    if value.strip().isdigit():
        return float(value)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(value).timestamp() - time.time())
    except (TypeError, ValueError, IndexError):
        return None
