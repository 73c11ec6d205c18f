# SPDX-License-Identifier: Apache-2.0
"""TraceEmitter: one for a process. It holds the configuration, the bounds and the sessions, and knows whether the server
is away. It does not run the agent, listen for work, or read traces back."""

import atexit
import os
import threading
import time
from types import TracebackType
from typing import Any, Dict, Optional, Set, Type, Union

from ._body import create_body
from ._config import make_context, read_config
from ._http import Reply
from ._id import is_id, new_id
from ._lane import Lane
from ._op import Op
from ._queue import Queue
from ._session import SessionTrace
from ._types import FlushReport, Result, TraceError


class TraceEmitter:
    """Arguments are the fields of ``_config.Config``; url, workspace and token come from TRACE_URL, TRACE_WORKSPACE and
    TRACE_TOKEN where they are absent. Every call may be made from any thread. A child of fork() must make its own."""

    def __init__(self, **options: Any) -> None:
        self.config = read_config(**options)
        self.context = make_context(self.config)
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        self.queue = Queue(self.config)
        self.closed = False
        self.flushing = 0
        self._away = False
        self._pid = os.getpid()
        self._lanes: Set[Lane] = set()
        # A program that just ends delivers what it recorded, too.
        atexit.register(self.close)

    def for_session(
        self,
        *,
        id: Optional[str] = None,  # adopts a running session that this persona has
        claim: Optional[str] = None,  # takes a pending session for worker_id
        worker_id: Optional[str] = None,
        **spec: Any,  # title, stream_id, trigger_message_id, metadata, started_at
    ) -> SessionTrace:
        """Starts a session as the token's persona, adopts or claims one. A session that is started is usable even while
        the server is away; a claim is never queued, since two workers must not work on one session. Raises TraceError
        if the server refuses, ValueError for arguments that break a rule."""
        if claim is not None:
            return self._claim(claim, worker_id or "py-" + new_id(""))
        if id is not None:
            return self._adopt(id)
        session_id = new_id("ses_")
        body = create_body(session_id, spec)
        session = SessionTrace(self._lane(session_id), spec.get("stream_id"))
        path = f"/api/workspaces/{self.config.workspace}/agent-sessions"
        op = Op("create", "creation", path, body, accepted=session._note_server)
        result = self._begin(session, op, self.config.ack_timeout)
        if result not in (Result.OK, Result.QUEUED):
            raise self._refusal("the session was not started", result, session)
        return session

    def _claim(self, session_id: str, worker_id: str) -> SessionTrace:
        if not is_id(session_id, "ses_"):
            raise ValueError("claim is not the id of a session")
        session = SessionTrace(self._lane(session_id), None)
        path = f"{session._lane.path}/claim"
        op = Op("claim", "claim", path, {"workerId": worker_id}, accepted=session._note_server)
        result = self._begin(session, op, None)
        if result is not Result.OK:
            raise self._refusal("the session was not claimed", result, session)
        return session

    def _begin(self, session: SessionTrace, op: Op, timeout: Optional[float]) -> Result:
        with self.lock:
            session._lane.awaited = True
            added = session._lane.add(op)
        result = self.acknowledged(added, timeout)
        with self.lock:
            session._lane.awaited = False
        return result

    def _adopt(self, session_id: str) -> SessionTrace:
        if not is_id(session_id, "ses_"):
            raise ValueError("id is not the id of a session")
        lane = self._lane(session_id)
        with self.lock:
            lane.begun = True
            lane.heartbeat_at = time.monotonic()
            lane.kick()
        return SessionTrace(lane, None)

    def _lane(self, session_id: str) -> Lane:
        with self.lock:
            if self.is_closed():
                raise TraceError("the emitter is closed", Result.CLOSED)
            self._lanes = {lane for lane in self._lanes if not (lane.ended and lane.is_idle())}
            lane = Lane(self, session_id)
            self._lanes.add(lane)
            return lane

    def _refusal(self, what: str, result: Result, session: SessionTrace) -> TraceError:
        problem = session.error
        why = f"{problem.status} {problem.code} {problem.detail}" if problem else str(result)
        return TraceError(f"{what}: {why}", result, problem)

    def is_closed(self) -> bool:
        return self.closed or self._pid != os.getpid()

    def acknowledged(self, added: Union[Op, Result], timeout: Optional[float], patient: bool = False) -> Result:
        """The write's result, or QUEUED after that many seconds, or, unless ``patient``, at once while the server is
        known to be away. None waits until there is a result. Without the lock."""
        self.say()
        if isinstance(added, Result):
            return added
        end = None if timeout is None else time.monotonic() + timeout
        with self.lock:
            while added.result is None:
                left = None if end is None else end - time.monotonic()
                if left is not None and (left <= 0 or (self._away and not patient)):
                    return Result.QUEUED
                self.changed.wait(left)
            return added.result

    def note_reached(self, is_there: bool, reply: Reply) -> None:
        """Called by lanes with each answer, under the lock."""
        if self._away is not is_there:
            return
        self._away = not is_there
        if is_there:
            self.queue.log("info", "the server answers again")
        else:
            why = "it asks to wait" if reply.status else reply.error
            self.queue.log("warning", f"the server is away ({why}): {self.queue.length} writes wait")

    def say(self) -> None:
        """Calls the program's callbacks with what was noted. Without the lock; a callback that raises costs nothing."""
        with self.lock:
            notices = self.queue.take_notices()
        for callback, words in notices:
            try:
                callback(*words)
            except Exception:  # noqa: BLE001 - the program's own, which must not stop the recording
                pass

    def _is_idle(self) -> bool:
        return all(lane.is_idle() for lane in self._lanes)

    def flush(self, timeout: float = 30.0) -> FlushReport:
        """Waits until everything queued has been answered, progress included, or the time is over. ``lost`` counts the
        writes dropped or refused since the last flush."""
        end = time.monotonic() + timeout
        with self.lock:
            if self.is_closed():
                return FlushReport(False, 0, self.queue.take_losses())
            self.flushing += 1
            for lane in self._lanes:
                lane.kick()
            while not self._is_idle() and time.monotonic() < end:
                self.changed.wait(end - time.monotonic())
            self.flushing -= 1
            lost, waiting = self.queue.take_losses(), self.queue.length
            report = FlushReport(waiting == 0 and lost == 0 and self._is_idle(), waiting, lost)
        self.say()
        return report

    def stats(self) -> Dict[str, int]:
        """Counters since the emitter was made, and what waits now."""
        with self.lock:
            return {**self.queue.stats, "queued": self.queue.length, "queued_bytes": self.queue.bytes}

    def close(self, timeout: float = 10.0) -> FlushReport:
        """Flushes, then stops; what still waited counts as lost. Sessions still open are left to the server, which ends
        them after 60 s of silence."""
        atexit.unregister(self.close)
        if self.is_closed():
            return FlushReport(True, 0, 0)
        report = self.flush(timeout)
        with self.lock:
            self.closed = True
            for lane in self._lanes:
                lane.close()
            if report.waiting:
                self.queue.log("error", f"closed: {report.waiting} writes that still waited are dropped")
            lost = report.lost + self.queue.take_losses()
            self.changed.notify_all()
        self.say()
        return FlushReport(report.delivered, 0, lost)

    def __enter__(self) -> "TraceEmitter":
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self.close()
