# SPDX-License-Identifier: Apache-2.0
"""The types of what the public calls take and give."""

import enum
from typing import Any, Dict, NamedTuple, TypedDict, Union

Content = Union[str, Dict[str, Any]]


class Result(str, enum.Enum):
    """What became of a write. Calls do not raise because of the server: recording cannot fail the run."""

    OK = "ok"  # the server has committed it
    QUEUED = "queued"  # not acknowledged yet: it waits in the queue, in order
    ENDED = "ended"  # the session has ended: nothing was recorded, stop working
    REFUSED = "refused"  # the server answered 4xx; not repeated; see SessionTrace.error
    FULL = "full"  # the queue is at its bound: dropped and counted
    AWAY = "away"  # it was not delivered in time
    INVALID = "invalid"  # the arguments break a rule: nothing was sent
    CLOSED = "closed"  # the emitter was closed, or belongs to the parent process

    def __str__(self) -> str:
        return self.value


class Usage(TypedDict, total=False):
    model: str
    input_tokens: int
    output_tokens: int
    reasoning_tokens: int
    cache_read_tokens: int
    cache_write_tokens: int
    total_tokens: int
    cost_usd: float


class Source(TypedDict, total=False):
    """Where a statement came from. ``type`` (web, message or document) and ``title`` are required."""

    type: str
    title: str
    url: str
    domain: str
    snippet: str
    stream_id: str
    stream_name: str
    message_id: str
    author_name: str
    timestamp: str


class Error(TypedDict, total=False):
    code: str
    message: str


class Problem(NamedTuple):
    """Why the server refused. ``session_id``: of ``session_running``, the session in the way."""

    status: int
    code: str
    detail: str
    session_id: str


class Posted(NamedTuple):
    result: Result
    message_id: str  # "" unless the result is OK
    client_message_id: str  # may stand for the message in an outcome or an ending, also while it is queued


class Option(TypedDict, total=False):
    """``id`` (1 to 64 bytes) and ``label`` are required."""

    id: str
    label: str
    danger: bool


class Decision(NamedTuple):
    """OK: somebody has decided. AWAY: nobody did in time, or nobody could be asked: it has not been allowed."""

    result: Result
    option: str = ""
    note: str = ""
    decided_by: Dict[str, Any] = {}
    step_id: str = ""


class FlushReport(NamedTuple):
    """``delivered`` is true only if nothing waits and nothing was lost since the last flush."""

    delivered: bool
    waiting: int
    lost: int


class TraceError(Exception):
    """The server would not start, or give, a session. ``code`` is stable, such as ``session_running``."""

    def __init__(self, message: str, result: Result, problem: "Problem | None" = None) -> None:
        super().__init__(message)
        self.result = result
        self.problem = problem
        self.code = problem.code if problem else ""
        self.session_id = problem.session_id if problem else ""
