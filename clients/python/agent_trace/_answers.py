# SPDX-License-Identifier: Apache-2.0
"""What the server's answer to a request does to its session's lane: which writes are finished and how, when the next
attempt is due, and whether the session has ended. Under the emitter's lock."""

from typing import TYPE_CHECKING, Optional

from ._http import Reply, problem_of
from ._retry import BROKEN_ATTEMPTS, judge, retry_delay
from ._types import Problem, Result

if TYPE_CHECKING:
    from ._lane import Lane, Request


def _reached(lane: "Lane", reply: Reply, verdict: str, now: float) -> None:
    """Keeps the time of the lane's next attempt, and the emitter's view of the server."""
    if verdict in ("away", "broken"):
        lane.failures += 1
        lane.retry_at = now + retry_delay(lane.config.retry, lane.failures, reply.retry_after)
    else:
        lane.failures = 0
        lane.retry_at = 0.0
    lane.emitter.note_reached(verdict != "away", reply)


def _final_status(problem: Problem, kind: str) -> Optional[str]:
    """The status that an answer gives a session of which nothing more can be recorded."""
    if problem.code == "session_ended":
        return problem.detail or "ended"
    if problem.status == 401 or (kind == "heartbeat" and problem.status in (403, 404)):
        return "refused"
    return None


def _say_refused(lane: "Lane", what: str, problem: Problem) -> None:
    lane.queue.log("error", f"{lane.id}: {what} refused: {problem.status} {problem.code} {problem.detail}")


def _accepted(lane: "Lane", reply: Reply, now: float) -> None:
    op = lane.ops[0]
    lane.queue.stats["acknowledged"] += 1
    lane.heartbeat_at = now + lane.config.heartbeat
    if op.kind in ("create", "claim"):
        lane.begun = True
    if op.accepted:
        op.accepted(reply.body)
    if op.kind == "end":
        lane.told = True
        lane.note_ended("")
    lane.finish(Result.OK)


def _may_try_again(lane: "Lane", problem: Problem, is_put: bool) -> bool:
    """The server may have ended the session for its silence, and lets it run again for a step that is put, or for a
    heartbeat. Whether the write is to be tried again that way."""
    op = lane.ops[0]
    if problem.code != "session_ended" or problem.detail != "failed":
        return False
    if op.step_id and not is_put:
        lane.putting = True
        return True
    if op.kind != "end" or op.revived:
        return False
    op.revived = lane.reviving = True
    return True


def _settle(lane: "Lane", now: float) -> None:
    """What was put does not say whether the session runs: a heartbeat asks, as soon as nothing waits any more."""
    if lane.putting and not lane.ops:
        lane.putting = False
        lane.heartbeat_at = min(lane.heartbeat_at, now)


def _refused(lane: "Lane", request: "Request", reply: Reply) -> None:
    op = lane.ops[0]
    problem = lane.error = problem_of(reply)
    is_put = request.method == "PUT"
    if _may_try_again(lane, problem, is_put):
        return
    ended = problem.code == "session_ended"
    whole = op.kind in ("create", "claim")
    # A claim is waited for: its caller is told, and losing one to another worker is no trouble.
    if not ended and op.kind != "claim":
        lane.queue.stats["refused"] += 1
        _say_refused(lane, op.what, problem)
    if ended and op.kind != "end":
        lane.queue.stats["dropped_ended"] += 1
        lane.queue.log("error", f"{lane.id}: {op.what} was dropped: the session has ended")
    # A caller that still waits learns it from the result.
    if whole:
        lane.told = lane.awaited
    # The session stays ended for this step, but takes others that wait: those that began before it ended.
    if ended and is_put and op.kind != "complete":
        lane.takes_none = True
    result = Result.ENDED if ended else Result.REFUSED
    if op.dropped:
        op.dropped(result)
    lane.finish(result)
    status = _final_status(problem, "write")
    if ended and is_put:
        lane.note_ended(status or "ended")
    elif status or whole:
        lane.end(status or "refused")


def _write(lane: "Lane", request: "Request", reply: Reply, verdict: str, now: float) -> None:
    op = lane.ops[0]
    if verdict == "away":
        lane.putting = True
    if verdict == "broken":
        op.broken += 1
    if verdict == "away" or (verdict == "broken" and op.broken < BROKEN_ATTEMPTS):
        return
    if lane.singly:
        lane.singly -= 1
    if verdict == "done":
        _accepted(lane, reply, now)
    else:
        _refused(lane, request, reply)
    _settle(lane, now)


def _batch(lane: "Lane", request: "Request", reply: Reply, verdict: str, now: float) -> None:
    """A batch is all or nothing, so a refused one is sent again line by line: only the faulty line is lost."""
    if verdict == "done":
        for _ in range(request.lines):
            _accepted(lane, reply, now)
        _settle(lane, now)
    elif verdict == "away":
        lane.putting = True
    else:
        lane.singly = request.lines


def _heartbeat(lane: "Lane", request: "Request", reply: Reply, verdict: str, now: float) -> None:
    if verdict == "away":
        return
    # An ending that waited for this answer learns by itself what the session is.
    was_reviving, lane.reviving = lane.reviving, False
    lane.heartbeat_at = now + lane.config.heartbeat
    if verdict == "done":
        lane.queue.stats["heartbeats"] += 1
        return
    lane.error = problem_of(reply)
    if was_reviving:
        return
    if lane.error.code != "session_ended":
        _say_refused(lane, "heartbeat", lane.error)
    status = _final_status(lane.error, "heartbeat")
    if status and lane.error.code == "session_ended":
        lane.hear_ended(status)
    elif status:
        lane.end(status)


def _progress(lane: "Lane", request: "Request", reply: Reply, verdict: str, now: float) -> None:
    request.step.text.sent(verdict == "done")
    if verdict == "done":
        lane.queue.stats["progress_sent"] += 1
        if request.stored:
            lane.heartbeat_at = now + lane.config.heartbeat
        return
    lane.queue.stats["progress_failed"] += 1
    if verdict != "refused" or request.step not in lane.steps:
        return
    del lane.steps[request.step]
    lane.error = problem_of(reply)
    _say_refused(lane, "progress", lane.error)
    # Perhaps the session has ended: a heartbeat tells.
    lane.heartbeat_at = now


_TABLE = {"write": _write, "batch": _batch, "heartbeat": _heartbeat, "progress": _progress}


def take_answer(lane: "Lane", request: "Request", reply: Reply, now: float) -> None:
    verdict = judge(reply.status)
    # That a heartbeat passed between two attempts at a write says nothing of the write, which is the next.
    if request.kind != "heartbeat" or not lane.has_beaten or verdict != "done":
        _reached(lane, reply, verdict, now)
    # What was sent may have been dropped meanwhile, if the session was found to have ended.
    if request.kind in ("write", "batch") and not lane.ops:
        return
    _TABLE[request.kind](lane, request, reply, verdict, now)
