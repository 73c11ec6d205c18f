# SPDX-License-Identifier: Apache-2.0
"""The bounds of everything that waits in one emitter, its counters, and the sentences said about what was lost. What is
dropped is counted here and nowhere else, so that flush() and the log agree. The emitter's lock guards it."""

from typing import Callable, Dict, List, Tuple

from ._config import Config

_COUNTERS = (
    "acknowledged",  # writes that the server confirmed
    "repeated",  # attempts beyond a write's first
    "refused",  # writes answered 4xx (a session that had ended is not counted here)
    "dropped_full",  # writes dropped at the queue's bound
    "dropped_expired",  # writes dropped after deliver_timeout, or at close()
    "dropped_ended",  # writes dropped because their session had ended, or its creation was refused
    "progress_sent",  # progress requests answered 202
    "progress_merged",  # calls whose text went out with a later one
    "progress_failed",  # progress requests lost (their text goes out with the next)
    "progress_dropped",  # steps whose text was cut at the most that the server takes
    "sources_dropped",  # sources left out: over the server's limit, no title, or not http(s)
    "heartbeats",  # answered
)
_LOSSES = ("refused", "dropped_full", "dropped_expired", "dropped_ended")


class Queue:
    def __init__(self, config: Config) -> None:
        self._config = config
        self.stats: Dict[str, int] = dict.fromkeys(_COUNTERS, 0)
        self.length = 0
        self.bytes = 0
        self._reported = 0
        self._said_full = False
        self._notices: List[Tuple[Callable[..., None], Tuple[str, str]]] = []

    def log(self, level: str, line: str) -> None:
        """Keeps a sentence for say(), since callbacks run without the lock."""
        self._notices.append((self._config.on_log, (level, line)))

    def tell_ended(self, session_id: str, status: str) -> None:
        self._notices.append((self._config.on_ended, (session_id, status)))

    def take_notices(self) -> "list[tuple[Callable[..., None], tuple[str, str]]]":
        taken, self._notices = self._notices, []
        return taken

    def has_notices(self) -> bool:
        return bool(self._notices)

    def reserve(self, size: int, always: bool) -> bool:
        """Takes room for one write. The ending of a session always fits: otherwise a full queue would leave it
        running."""
        full = self.length >= self._config.queue_length or self.bytes + size > self._config.queue_bytes
        if full and not always:
            self.stats["dropped_full"] += 1
            if not self._said_full:
                self.log("error", "the queue is full: writes are dropped")
            self._said_full = True
            return False
        self.length += 1
        self.bytes += size
        return True

    def release(self, size: int) -> None:
        self.length -= 1
        self.bytes -= size
        if self._said_full and self.length <= self._config.queue_length / 2:
            self._said_full = False
            self.log("warning", f"the queue has room again: {self.stats['dropped_full']} writes were dropped so far")

    def take_losses(self) -> int:
        """Writes lost since this was last asked."""
        total = sum(self.stats[name] for name in _LOSSES)
        lost, self._reported = total - self._reported, total
        return lost
