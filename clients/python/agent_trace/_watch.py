# SPDX-License-Identifier: Apache-2.0
"""The subscription to one session's endings, by which the program hears within a second that a person has stopped it.
It only says *look*: a heartbeat, sent at once, asks what has happened, so that nothing depends on the stream."""

import http.client
import socket
import threading
import time
from typing import TYPE_CHECKING, Optional

from ._http import open_connection, prefix_of
from ._retry import judge, retry_delay
from ._thread import start_thread

if TYPE_CHECKING:
    from ._lane import Lane

# A run of less than this is over before a subscription would be of use.
_AFTER = 0.2
# The server sends a ping every 15 s; a stream that is silent for longer than this is dead.
_SILENCE = 45.0
# The server spreads its subscribers' return; it is believed up to this.
_BELIEVED_MS = 30_000
_LINE = 4096
# Lines after which the session is asked for; before `ready` something may have been missed.
_STIRRING = frozenset(
    b"event: " + name
    for name in (
        b"ready",
        b"end",
        b"revoked",
        b"agent_session:completed",
        b"agent_session:failed",
        b"agent_session:cancelled",
    )
)

# Lines after which whoever waits for a step looks at it (_ask.py).
_NEWS = frozenset((b"event: ready", b"event: agent_session:step:completed"))


class Watch:
    def __init__(self, lane: "Lane") -> None:
        self._lane = lane
        self._thread: Optional[threading.Thread] = None
        self._socket: Optional[socket.socket] = None
        self._closed = threading.Event()
        self._retry = 0.0
        self._failures = 0

    def _is_wanted(self) -> bool:
        lane = self._lane
        return lane.config.watch and lane.begun and lane.held and not lane.ended and not lane.ending

    def look(self) -> None:
        """Opens the stream, soon, if it is wanted and not open. Under the lock."""
        if self._thread is None and not self._closed.is_set() and self._is_wanted():
            self._thread = start_thread(self._run, f"agent-trace watch {self._lane.id}")

    def _run(self) -> None:
        delay = _AFTER
        while not self._closed.wait(delay) and self._is_wanted():
            status = self._follow()
            self._failures += 1
            delay = max(retry_delay(self._lane.config.retry, self._failures + 3, None), self._retry)
            # The server answered and closed: perhaps there is nothing left to watch.
            if judge(status) != "away" and not self._closed.is_set():
                self._stir()
        with self._lane.emitter.lock:
            self._thread = None

    def _follow(self) -> int:
        lane = self._lane
        connection = open_connection(lane.config.url, lane.config.request_timeout, lane.emitter.context)
        status = 0
        try:
            connection.connect()
            self._socket = connection.sock
            path = f"{prefix_of(lane.config.url)}/api/workspaces/{lane.config.workspace}/events?room=session:{lane.id}"
            headers = {"Authorization": f"Bearer {lane.config.token}", "Accept": "text/event-stream"}
            connection.request("GET", path, headers=headers)
            connection.sock.settimeout(_SILENCE)
            answer = connection.getresponse()
            status = answer.status
            line = answer.readline(_LINE) if status == 200 else b""
            while line and not self._closed.is_set():
                self._take(line.rstrip(b"\r\n"))
                line = answer.readline(_LINE)
        except (OSError, http.client.HTTPException, ValueError, AttributeError):
            # Closed from another thread, cut off, or not there: all mean that the stream is over.
            pass
        finally:
            self._socket = None
            connection.close()
        return status

    def _take(self, line: bytes) -> None:
        if line.startswith(b"retry: ") and line[7:].isdigit():
            ms = int(line[7:])
            self._retry = ms / 1000 if ms <= _BELIEVED_MS else 0.0
        if line in _NEWS:
            with self._lane.emitter.lock:
                self._lane.hear()
        if line in _STIRRING:
            self._failures = 0
            self._stir()

    def _stir(self) -> None:
        with self._lane.emitter.lock:
            self._lane.heartbeat_at = min(self._lane.heartbeat_at, time.monotonic())
            self._lane.kick()

    def close(self) -> None:
        self._closed.set()
        sock = self._socket
        if sock is not None:
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
