# SPDX-License-Identifier: Apache-2.0
"""The text of a step while it grows: what of it the server has been shown, what it has stored, and when the next piece
is due. Pure: it sends nothing and reads no clock. Positions are bytes of UTF-8 on the wire, code points here."""

import math
from typing import Any, Dict, NamedTuple

from ._config import Config
from ._text import byte_length, clean_text

# A checkpoint carries the whole text: the longer the text, the rarer the checkpoints.
_CHECKPOINT_STRETCH = 262144
# The first checkpoint comes after a quarter of the time or at this length, because most steps are short.
_FIRST_SHARE, _FIRST_BYTES = 4, 1024


class _Mark(NamedTuple):
    edition: int
    length: int
    size: int


_NOTHING = _Mark(0, 0, 0)


class Progress:
    def __init__(self, pace: Config, n: int = 0) -> None:
        """``n``: the number before that of the first piece. The server orders the pieces of a step by their numbers."""
        self._pace = pace
        self._n = n
        self._pieces: "list[str]" = []
        self._length = 0
        self.size = 0
        self._edition = 0  # raised when the text is replaced instead of continued
        self._confirmed = self._stored = self._sending = _NOTHING
        self._storing = self._ever_stored = False
        self._sent_at = -math.inf
        self._stored_at = 0.0

    @property
    def text(self) -> str:
        if len(self._pieces) > 1:
            self._pieces = ["".join(self._pieces)]
        return self._pieces[0] if self._pieces else ""

    def append(self, delta: str, now: float) -> None:
        if not delta:
            return
        if self._edition == 0:
            self._edition = 1
            self._stored_at = now
        piece = clean_text(delta)
        self._pieces.append(piece)
        self._length += len(piece)
        self.size += byte_length(piece)

    def replace(self, text: str, now: float) -> None:
        if text.startswith(self.text):
            self.append(text[self._length :], now)
            return
        self._pieces, self._length, self.size = [], 0, 0
        self._edition += 1
        self.append(text, now)

    def _reached(self, mark: _Mark) -> bool:
        return mark.edition == self._edition and mark.length == self._length

    def _checkpoint_at(self) -> float:
        pause = self._pace.checkpoint
        if not self._ever_stored:
            return 0.0 if self.size >= _FIRST_BYTES else self._stored_at + pause / _FIRST_SHARE
        return self._stored_at + pause * (1 + self.size // _CHECKPOINT_STRETCH)

    def due(self, hurry: bool) -> float:
        """When the next piece should go out; infinity: nothing is left. ``hurry``: somebody waits for all of it."""
        if self._edition == 0:
            return math.inf
        if self._reached(self._confirmed):
            return math.inf if self._reached(self._stored) else self._checkpoint_at()
        known = self._confirmed.size if self._confirmed.edition == self._edition else 0
        first = self._confirmed.edition == 0
        if hurry or first or self.size - known >= self._pace.progress_bytes:
            return -math.inf
        return self._sent_at + self._pace.progress

    @property
    def waits(self) -> bool:
        """Whether a flush has to wait for this text to be shown."""
        return self._edition > 0 and not self._reached(self._confirmed)

    def take(self, now: float) -> Dict[str, Any]:
        """The body to be sent now; sent() says what became of it."""
        self._storing = not self._reached(self._stored) and now >= self._checkpoint_at()
        self._sending = _Mark(self._edition, self._length, self.size)
        self._sent_at = now
        self._n += 1
        if self._storing:
            self._stored_at = now
            self._ever_stored = True
            return {"content": self.text, "n": self._n, "checkpoint": True}
        if self._confirmed.edition != self._edition:
            return {"content": self.text, "n": self._n}
        return {"delta": self.text[self._confirmed.length :], "offset": self._confirmed.size, "n": self._n}

    def sent(self, accepted: bool) -> None:
        if not accepted:
            return
        self._confirmed = self._sending
        if self._storing:
            self._stored = self._sending
