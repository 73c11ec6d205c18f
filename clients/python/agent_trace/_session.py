# SPDX-License-Identifier: Apache-2.0
"""SessionTrace: one run of an agent. Its calls never raise because of the server, so that recording cannot fail the run:
they return a Result."""

import asyncio
from types import TracebackType
from typing import TYPE_CHECKING, Any, Callable, Dict, Optional, Sequence, Type, Union

from ._ask import ask_person
from ._body import ErrorLike, error_of, finish_body, message_body, record_body, start_body, time_of
from ._id import is_id, new_id
from ._op import Op
from ._step import ActiveStep
from ._types import Decision, Option, Posted, Problem, Result, Source

if TYPE_CHECKING:
    from ._emitter import TraceEmitter
    from ._lane import Lane

_STOPPED = (KeyboardInterrupt, asyncio.CancelledError, GeneratorExit)


class SessionTrace:
    """As a context manager it ends the session: completed, failed if the block raises, cancelled if it is interrupted."""

    def __init__(self, lane: "Lane", stream_id: Optional[str]) -> None:
        self._lane = lane
        self._stream_id = stream_id
        self._posted: Dict[str, str] = {}
        self._ending: Optional[str] = None
        self._end_op: Optional[Op] = None
        self.server: Optional[Dict[str, Any]] = None  # as the server answered; None before that, or if adopted

    def _note_server(self, answer: Dict[str, Any]) -> None:
        session = answer.get("session")
        if self.server is None and isinstance(session, dict):
            self.server = session
            self._stream_id = self._stream_id or session.get("streamId")

    @property
    def id(self) -> str:
        return self._lane.id

    @property
    def emitter(self) -> "TraceEmitter":
        return self._lane.emitter

    @property
    def ended(self) -> bool:
        """True once nothing more can be recorded, whoever ended it: to be asked at every turn of an agent's loop."""
        return self._lane.ended or self._ending is not None

    @property
    def error(self) -> Optional[Problem]:
        """Why the server last refused something of this session."""
        return self._lane.error

    def start_step(self, type: str, *, parent: Optional[ActiveStep] = None, **spec: Any) -> ActiveStep:
        """Starts a step; ``started`` of it is OK when the server has committed it. spec: name, content, input, id,
        started_at."""
        step_id = spec.get("id") or new_id("stp_")
        step = ActiveStep(self, self._lane, step_id)

        def make() -> Op:
            body = start_body(step_id, {**spec, "type": type}, parent.id if parent else None)
            path = f"{self._lane.path}/steps"
            return Op("start", "start of a step", path, body, step_id, {"op": "start"}, dropped=step._note_lost)

        added = self._add(make)
        if isinstance(added, Result):
            step._note_lost(added)
        step.started = self.emitter.acknowledged(added, self.emitter.config.ack_timeout)
        return step

    def record(self, type: str, *, parent: Optional[ActiveStep] = None, **spec: Any) -> Result:
        """A whole step in one call, for what took no time or is over. spec: as of start_step() and complete()."""

        def make() -> Op:
            step_id = spec.get("id") or new_id("stp_")
            body, dropped = record_body(step_id, {**spec, "type": type}, parent.id if parent else None, spec)
            self._lane.queue.stats["sources_dropped"] += dropped
            refer = self._referrer("messageId", spec.get("message_id"))
            path = f"{self._lane.path}/steps"
            return Op("record", "a whole step", path, body, step_id, {"op": "record"}, refer=refer)

        return self.emitter.acknowledged(self._add(make), self.emitter.config.ack_timeout)

    def ask(
        self,
        question: str,
        *,
        options: Sequence[Option] = (),
        parent: Optional[ActiveStep] = None,
        timeout: float = 600.0,
    ) -> Decision:
        """Asks a person and waits at most ``timeout`` seconds, a day at most. No options: approve and reject. Whatever it
        returns, the question is over. Needs the scope ``read``."""
        return ask_person(self, self._lane, question, options, parent, timeout)

    def post(
        self,
        content: str,
        *,
        stream_id: Optional[str] = None,
        client_message_id: Optional[str] = None,
        sources: Optional[Sequence[Source]] = None,
    ) -> Posted:
        """Posts a message as the persona, in order with the session's steps."""
        message_id = client_message_id or new_id("cm_")

        def make() -> Op:
            stream = stream_id or self._stream_id
            if not is_id(stream, "str_"):
                raise ValueError("the session has no stream to post in")
            body, dropped = message_body(self.id, message_id, content, sources)
            self._lane.queue.stats["sources_dropped"] += dropped
            path = f"/api/workspaces/{self.emitter.config.workspace}/streams/{stream}/messages"
            return Op("post", "message", path, body, accepted=accepted)

        def accepted(answer: Dict[str, Any]) -> None:
            self._posted[message_id] = str((answer.get("message") or {}).get("id", ""))

        result = self.emitter.acknowledged(self._add(make), self.emitter.config.ack_timeout)
        return Posted(result, self._posted.get(message_id, ""), message_id)

    def notify_completed(
        self,
        *,
        response_message_id: Optional[str] = None,
        seen_seq: Optional[int] = None,
        timeout: Optional[float] = None,
    ) -> Result:
        """Ends the session; returns when everything of it is acknowledged or given up, or QUEUED after ``timeout``."""
        refer = self._referrer("responseMessageId", response_message_id)
        return self._end("complete", lambda: finish_body(response_message_id, seen_seq), refer, timeout)

    def notify_failed(self, error: ErrorLike, *, timeout: Optional[float] = None) -> Result:
        return self._end("fail", lambda: {"error": error_of(error), "completedAt": time_of()}, None, timeout)

    def cancel(self, *, timeout: Optional[float] = None) -> Result:
        return self._end("cancel", dict, None, timeout)

    def _end(
        self, verb: str, body: Callable[[], Dict[str, Any]], refer: Optional[Callable[..., None]], timeout: Optional[float]
    ) -> Result:
        def dropped(_: Result) -> None:
            self._ending = self._end_op = None
            self._lane.ending = False

        with self.emitter.lock:
            if self._ending not in (None, verb):
                return Result.ENDED
            # The same again waits for the first.
            added: Union[Op, Result, None] = self._end_op
            if added is None:
                op = Op("end", "ending", f"{self._lane.path}/{verb}", body(), refer=refer, dropped=dropped)
                added = self._lane.add(op)
            if not isinstance(added, Result):
                self._ending, self._end_op = verb, added
                self._lane.ending = True
        if timeout is None and self.emitter.config.ack_timeout == 0:
            timeout = 0
        return self.emitter.acknowledged(added, timeout, patient=True)

    def note_ended(self, status: str) -> None:
        """Tells the library that the session has ended, for a program that hears it first."""
        with self.emitter.lock:
            if not self.ended:
                self._lane.hear_ended(status)
        self.emitter.say()

    def release(self) -> None:
        """Stops the heartbeats of an unfinished session; what is queued is still delivered."""
        with self.emitter.lock:
            self._lane.held = False
            self._lane.watch.close()
            self._lane.kick()

    def _add(self, make: Callable[[], Op]) -> Union[Op, Result]:
        with self.emitter.lock:
            try:
                op = make()
            except (ValueError, TypeError, AttributeError, RecursionError) as error:
                self._lane.queue.log("error", f"{self.id}: not recorded: {error}")
                return Result.INVALID
            return Result.ENDED if self._ending is not None else self._lane.add(op)

    def _referrer(self, name: str, message_id: Optional[str]) -> Optional[Callable[[Dict[str, Any]], None]]:
        """Puts a message's id in the place of the client_message_id that stood for it, when the write is sent."""
        if not message_id or is_id(message_id, "msg_"):
            return None

        def refer(body: Dict[str, Any]) -> None:
            if self._posted.get(message_id):
                body[name] = self._posted[message_id]

        return refer

    def __enter__(self) -> "SessionTrace":
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        if self.ended:
            return
        if error is None:
            self.notify_completed()
        elif isinstance(error, _STOPPED):
            self.cancel(timeout=self.emitter.config.ack_timeout)
        else:
            self.notify_failed(error)
