# SPDX-License-Identifier: Apache-2.0
"""Asking a person: an open step of the type ``approval`` that waits for the first one to decide. The server says by whom
and how; its clock decides when the time is over. The session's room tells that there is news, and the step is read again
then, and from time to time without it."""

import datetime
import time
from typing import TYPE_CHECKING, Any, Dict, Optional, Sequence

from ._body import time_of
from ._http import Connection
from ._step import ActiveStep
from ._types import Decision, Option, Result

if TYPE_CHECKING:
    from ._lane import Lane
    from ._session import SessionTrace

_TIMEOUT_MOST = 86_400.0
# How long the room of the session is trusted to tell of the decision, and how often is asked without it.
_WATCHED, _UNWATCHED = 30.0, 2.0
_ALLOWANCE = 1.0  # the server's clock decides when the time is over
_OPTION_BYTES = 64


def _content_of(question: str, options: Sequence[Option], timeout: float) -> Dict[str, Any]:
    """The content of the question; ValueError says what does not fit."""
    if not isinstance(question, str) or not question:
        raise ValueError("a question needs a text")
    if not 0 < timeout <= _TIMEOUT_MOST:
        raise ValueError("the timeout is more than 0, and a day at most")
    for option in options:
        if not option.get("label") or not 1 <= len(option.get("id", "").encode()) <= _OPTION_BYTES:
            raise ValueError(f"an option needs an id of 1 to {_OPTION_BYTES} bytes and a label")
    ends = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=timeout)
    content: Dict[str, Any] = {"question": question, "expiresAt": time_of(ends)}
    if options:
        content["options"] = [dict(option) for option in options]
    return content


def _read_once(lane: "Lane", connection: Connection, step_id: str) -> Optional[Decision]:
    """None: it still waits, as far as is known."""
    reply = connection.send(f"{lane.path}/steps/{step_id}", None, "", lane.config.request_timeout, "GET")
    if reply.status in (401, 403):
        return Decision(Result.REFUSED)
    step = reply.body.get("step") if reply.status == 200 else None
    if not isinstance(step, dict):
        return None
    content = step.get("content")
    made = content.get("decision") if isinstance(content, dict) else None
    if isinstance(made, dict):
        return Decision(Result.OK, str(made.get("option", "")), str(made.get("note", "")), made.get("decidedBy") or {})
    return None if step.get("status") == "running" else Decision(Result.ENDED)


def _wait(session: "SessionTrace", lane: "Lane", step_id: str, until: float) -> Decision:
    emitter = lane.emitter
    connection = Connection(lane.config.url, lane.config.token, emitter.context)
    try:
        while True:
            if emitter.is_closed():
                return Decision(Result.CLOSED)
            if session.ended:
                return Decision(Result.ENDED)
            heard = lane.heard
            found = _read_once(lane, connection, step_id)
            if found is not None:
                return found
            now = time.monotonic()
            if now >= until:
                return Decision(Result.AWAY)
            pause = min(until - now, _WATCHED if lane.config.watch else _UNWATCHED)
            with emitter.lock:
                emitter.changed.wait_for(lambda: lane.heard != heard or emitter.closed, pause)  # noqa: B023
    finally:
        connection.close()


def ask_person(
    session: "SessionTrace",
    lane: "Lane",
    question: str,
    options: Sequence[Option],
    parent: Optional[ActiveStep],
    timeout: float,
) -> Decision:
    try:
        content = _content_of(question, options, timeout)
    except (ValueError, TypeError, AttributeError) as error:
        with lane.emitter.lock:
            lane.queue.log("error", f"{session.id}: not asked: {error}")
        return Decision(Result.INVALID)
    until = time.monotonic() + timeout + _ALLOWANCE
    step = session.start_step("approval", parent=parent, content=content)
    if step.started not in (Result.OK, Result.QUEUED):
        return Decision(step.started)
    answer = _wait(session, lane, step.id, until)
    if answer.result == Result.AWAY:
        step.fail({"code": "expired", "message": "Nobody decided in time."})
    elif answer.result != Result.OK:
        step.fail({"code": "withdrawn", "message": "The question was withdrawn."})
    return answer._replace(step_id=step.id)
