# SPDX-License-Identifier: Apache-2.0
"""One write that waits, and how several are put into one request of NDJSON lines, as after an outage."""

import dataclasses
import json
from typing import Any, Callable, Deque, Dict, Optional, Tuple

from ._types import Result

# Fewer are sent as fast singly; more would hold back a heartbeat.
_LEAST, _MOST, _MOST_BYTES = 8, 200, 1048576


@dataclasses.dataclass
class Op:
    kind: str  # create, claim, start, complete, record, post, end
    what: str  # for people
    path: str
    body: Dict[str, Any]
    step_id: str = ""  # of a step's write, which can be put
    line: Optional[Dict[str, str]] = None  # what a batch puts before the body; None: not in a batch
    accepted: Optional[Callable[[Dict[str, Any]], None]] = None
    dropped: Optional[Callable[[Result], None]] = None
    refer: Optional[Callable[[Dict[str, Any]], None]] = None  # completes the body when it is sent
    size: int = 0
    expires_at: float = 0.0
    attempts: int = 0
    broken: int = 0
    revived: bool = False  # an ending: a heartbeat was sent because the server had ended the session
    result: Optional[Result] = None


def print_body(op: Op, first: Optional[Dict[str, Any]] = None) -> bytes:
    if op.refer:
        op.refer(op.body)
    return json.dumps({**(first or {}), **op.body}, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def print_put(op: Op, first: Optional[Dict[str, str]] = None) -> bytes:
    """What is said of a step in a put, whatever has become of it: a completion says that the step has ended."""
    ends = {"completed": True} if op.kind == "complete" else {}
    return print_body(op, {**(first or {}), **ends})


def print_batch(ops: "Deque[Op]", puts: bool) -> Tuple[int, bytes]:
    """The number of lines and the body; no lines if the writes are better sent one by one."""
    lines = size = 0
    for op in ops:
        size += op.size
        if op.line is None or lines == _MOST or size > _MOST_BYTES:
            break
        lines += 1
    if lines < _LEAST:
        return 0, b""
    chosen = [op for op, _ in zip(ops, range(lines))]
    return lines, b"".join(_print_line(op, puts) + b"\n" for op in chosen)


def _print_line(op: Op, is_put: bool) -> bytes:
    return print_put(op, {**(op.line or {}), "op": "put"}) if is_put else print_body(op, op.line)
