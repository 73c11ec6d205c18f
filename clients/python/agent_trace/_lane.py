# SPDX-License-Identifier: Apache-2.0
"""The sending side of one session, with a thread of its own: its writes in the order of the calls, one request at a
time, repeated with the same ids until the server has answered; heartbeats and progress in between. Sessions do not wait
for each other. What an answer does is _answers.py. The emitter's lock guards everything; requests run without it."""

import collections
import json
import math
import threading
import time
from typing import TYPE_CHECKING, Any, Deque, Dict, NamedTuple, Optional, Union

from ._answers import take_answer
from ._http import Connection
from ._op import Op, print_batch, print_body, print_put
from ._thread import start_thread
from ._types import Problem, Result
from ._watch import Watch

if TYPE_CHECKING:
    from ._emitter import TraceEmitter

# A progress request that hangs must not hold a write back for long; lost text goes out with the next.
_PROGRESS_TIMEOUT = 2.0
# What a link must carry beside that: the server shall not give the session up during a large write.
_BYTES_PER_SECOND = 64_000
_JSON, _NDJSON = "application/json", "application/x-ndjson"


class Request(NamedTuple):
    kind: str  # write, batch, heartbeat, progress
    path: str
    body: Optional[bytes]
    content_type: str
    timeout: float
    lines: int = 0
    step: Any = None
    stored: bool = False
    method: str = "POST"


class Lane:
    def __init__(self, emitter: "TraceEmitter", session_id: str) -> None:
        self.emitter = emitter
        self.config = emitter.config
        self.queue = emitter.queue
        self.id = session_id
        self.path = f"/api/workspaces/{self.config.workspace}/agent-sessions/{session_id}"
        self.ops: Deque[Op] = collections.deque()
        self.steps: Dict[Any, None] = {}  # that have streamed text and are open, in their order
        self.begun = False  # the server knows the session
        self.ended = False
        self.awaited = False  # the caller of creation or claim waits
        self.told = False  # on_ended was called, or is not to be
        self.ending = False  # the program ends it
        self.held = True  # heartbeats are wanted
        self.failures = 0
        self.retry_at = 0.0
        self.heartbeat_at = math.inf
        self.heard = 0  # how often the session's room has told something, or the session has ended
        self.singly = 0  # writes that are sent one by one, because their batch was refused
        self.putting = False  # the server was away, or ended the session: until the queue is empty, steps are put
        self.reviving = False  # a heartbeat goes first, which may let the session run again
        self.has_beaten = False  # between two attempts at a write, of which the second is next
        self.takes_none = False  # it has ended, and takes no step any more that began later
        self.error: Optional[Problem] = None
        self.sending = ""
        self.wake = threading.Condition(emitter.lock)
        self.watch = Watch(self)
        self._thread: Optional[threading.Thread] = None

    def add(self, op: Op) -> Union[Op, Result]:
        """Queues a write, or says why not. Under the lock."""
        if self.emitter.is_closed():
            return Result.CLOSED
        if self.ended:
            return Result.ENDED
        op.size = len(json.dumps(op.body)) + 200
        if not self.queue.reserve(op.size, op.kind == "end"):
            return Result.FULL
        op.expires_at = time.monotonic() + self.config.deliver_timeout
        self.ops.append(op)
        self.kick()
        return op

    def kick(self) -> None:
        """Lets the thread look again; starts it. Under the lock."""
        if self._thread is None and not self._is_over():
            self._thread = start_thread(self._run, f"agent-trace {self.id}")
        self.wake.notify()

    def finish(self, result: Result) -> Op:
        """Takes the first write out of the queue with its result."""
        op = self.ops.popleft()
        self.queue.release(op.size)
        op.result = result
        return op

    def note_ended(self, status: str) -> None:
        self.ended = True
        self.steps.clear()
        self.watch.close()
        if not self.told:
            self.queue.tell_ended(self.id, status)
        self.told = True
        self.hear()

    def hear(self) -> None:
        """Wakes whoever waits for news of the session. Under the lock."""
        self.heard += 1
        self.emitter.changed.notify_all()
        self.wake.notify()

    def end(self, status: str) -> None:
        """Nothing more of this session can be recorded: what waits is dropped, counted and said."""
        self.note_ended(status)
        if self.ops:
            self.queue.log("error", f"{self.id}: the session has ended ({status}): {len(self.ops)} writes are dropped")
        self.queue.stats["dropped_ended"] += len(self.ops)
        while self.ops:
            self.finish(Result.ENDED)

    def hear_ended(self, status: str) -> None:
        """Somebody has ended the session, which this program hears only now. What waits began before, or hardly after:
        it is put, and finds its place or is refused by itself."""
        if not self.ops:
            self.end(status)
            return
        self.putting = True
        self.note_ended(status)

    def _expire(self, now: float) -> None:
        while self.ops and now >= self.ops[0].expires_at:
            op = self.finish(Result.AWAY)
            if op.kind != "claim":
                self.queue.stats["dropped_expired"] += 1
                self.queue.log("error", f"{self.id}: {op.what} was not delivered in time: dropped")
            if op.dropped:
                op.dropped(Result.AWAY)
            if op.kind in ("create", "claim"):
                self.told = self.awaited
                self.end("undelivered")

    def _give_up_late(self) -> None:
        """Steps that began after one that the ended session did not take any more."""
        while self.takes_none and self.ops and self.ops[0].kind in ("start", "record"):
            op = self.finish(Result.ENDED)
            self.queue.stats["dropped_ended"] += 1
            self.queue.log("error", f"{self.id}: {op.what} was dropped: it began after the session's end")
            if op.dropped:
                op.dropped(Result.ENDED)

    def _heartbeat(self) -> Request:
        return Request("heartbeat", f"{self.path}/heartbeat", None, _JSON, self.config.request_timeout)

    def _beats_first(self, now: float) -> bool:
        """A write that is tried again and again must not cost the session its signs of life. Not once its end is
        queued, whose attempt may have been done."""
        may_beat = self.begun and self.held and not (self.ended or self.ending or self.has_beaten)
        return may_beat and bool(self.ops) and self.ops[0].attempts > 0 and now >= self.heartbeat_at

    def _next_write(self) -> Request:
        """What was tried before, or was recorded while the server was away, is put: whatever has become of the session
        and of the first attempt, it finds its place."""
        if self.reviving:
            return self._heartbeat()
        op = self.ops[0]
        lines, body = (0, b"") if self.singly else print_batch(self.ops, self.putting)
        is_put = bool(op.step_id) and (self.putting or op.attempts > 0)
        for sent, _ in zip(self.ops, range(max(lines, 1))):
            if sent.attempts:
                self.queue.stats["repeated"] += 1
            sent.attempts += 1
        if not lines:
            body = print_put(op) if is_put else print_body(op)
        timeout = self.config.request_timeout + len(body) / _BYTES_PER_SECOND
        if lines:
            return Request("batch", f"{self.path}/batch", body, _NDJSON, timeout, lines)
        if is_put:
            return Request("write", f"{self.path}/steps/{op.step_id}", body, _JSON, timeout, method="PUT")
        return Request("write", op.path, body, _JSON, timeout)

    def _next(self, now: float) -> Union[Request, float]:
        """The next request, or the time to look again."""
        self._expire(now)
        if now < self.retry_at:
            return min(self.retry_at, self.ops[0].expires_at if self.ops else math.inf)
        self._give_up_late()
        if self._beats_first(now):
            self.has_beaten = True
            return self._heartbeat()
        self.has_beaten = False
        if self.ops:
            return self._next_write()
        if self.ended or not self.begun:
            return math.inf
        if self.held and now >= self.heartbeat_at:
            return self._heartbeat()
        return self._next_progress(now, self.heartbeat_at if self.held else math.inf)

    def _next_progress(self, now: float, heartbeat_at: float) -> Union[Request, float]:
        hurry = self.emitter.flushing > 0
        first = min(self.steps, key=lambda step: step.text.due(hurry), default=None)
        due = first.text.due(hurry) if first else math.inf
        if first is None or due > now:
            return min(due, heartbeat_at)
        body = first.text.take(now)
        text = json.dumps(body, ensure_ascii=False).encode("utf-8")
        timeout = min(_PROGRESS_TIMEOUT, self.config.request_timeout)
        path = f"{self.path}/steps/{first.id}/progress"
        return Request("progress", path, text, _JSON, timeout, 0, first, "checkpoint" in body)

    def is_idle(self) -> bool:
        if self.ops or self.sending == "progress":
            return False
        return self.ended or not any(step.text.waits for step in self.steps)

    def _is_over(self) -> bool:
        return self.emitter.closed or (not self.ops and (self.ended or not self.held))

    def _run(self) -> None:
        connection = Connection(self.config.url, self.config.token, self.emitter.context)
        while True:
            with self.emitter.lock:
                if self._is_over():
                    self._thread = None
                    self.emitter.changed.notify_all()
                    break
                request = self._next(time.monotonic())
                if isinstance(request, float):
                    self.emitter.changed.notify_all()
                    if not self._is_over() and not self.queue.has_notices():
                        self.wake.wait(None if request == math.inf else max(0.0, request - time.monotonic()))
                else:
                    self.sending = request.kind
            self.emitter.say()
            if isinstance(request, float):
                continue
            reply = connection.send(
                request.path, request.body, request.content_type, request.timeout, request.method
            )
            with self.emitter.lock:
                self.sending = ""
                if not self.emitter.closed:
                    take_answer(self, request, reply, time.monotonic())
                    self.watch.look()
                self.emitter.changed.notify_all()
            self.emitter.say()
        connection.close()
        self.emitter.say()

    def close(self) -> None:
        """Drops what waits, counted. Under the lock."""
        self.watch.close()
        self.queue.stats["dropped_expired"] += len(self.ops)
        while self.ops:
            self.finish(Result.CLOSED)
        self.hear()
        self.wake.notify()
