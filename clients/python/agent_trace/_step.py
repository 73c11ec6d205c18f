# SPDX-License-Identifier: Apache-2.0
"""ActiveStep: one thing the agent does, while it does it."""

import time
from types import TracebackType
from typing import TYPE_CHECKING, Any, Optional, Type, Union

from ._body import CONTENT_BYTES, ErrorLike, complete_body
from ._op import Op
from ._progress import Progress
from ._text import cut_text
from ._types import Result

if TYPE_CHECKING:
    from ._lane import Lane
    from ._session import SessionTrace

_OPEN_AFTER = (Result.INVALID, Result.FULL, Result.REFUSED)


class ActiveStep:
    """As a context manager it completes the step, or fails it if the block raises, unless that was done in it."""

    def __init__(self, session: "SessionTrace", lane: "Lane", step_id: str) -> None:
        self.session = session
        self.id = step_id
        self.started = Result.QUEUED
        # Numbers above those of a process that wrote to the same step before.
        self.text = Progress(lane.config, time.time_ns() // 1000)
        self._lane = lane
        self._lost: Optional[Result] = None
        self._completion: Optional[Op] = None
        self._cut = False

    def _note_lost(self, result: Result) -> None:
        """The server will never know this step."""
        self._lost = result
        self._lane.steps.pop(self, None)

    def progress(self, *, content: Optional[str] = None, delta: Optional[str] = None) -> None:
        """The text so far, whole (content), or more of it (delta). It is shown live, merged, and stored about every
        second. Never waits."""
        lane = self._lane
        with lane.emitter.lock:
            if self._completion or self._lost or self.session.ended or lane.emitter.is_closed():
                return
            if self._cut and delta is not None:
                return
            if self.text.waits:
                lane.queue.stats["progress_merged"] += 1
            if delta is None:
                self.text.replace(str(content or ""), time.monotonic())
            else:
                self.text.append(str(delta), time.monotonic())
            if self.text.size > CONTENT_BYTES:
                self._give_up_text()
            else:
                self._cut = False
                lane.steps[self] = None
                lane.kick()
        if self._cut:
            lane.emitter.say()

    def _give_up_text(self) -> None:
        """What is beyond the most that the server takes is neither shown nor kept."""
        if self._cut:
            return
        self._cut = True
        self._lane.steps.pop(self, None)
        self._lane.queue.stats["progress_dropped"] += 1
        self._lane.queue.log("error", f"{self.id}: the text has more than {CONTENT_BYTES} bytes: the rest is dropped")

    def complete(self, **outcome: Any) -> Result:
        """Completes the step, or fails it if the outcome has an error. Without content it keeps the text streamed so
        far. outcome: content, sources, message_id, usage, error, output, completed_at. After INVALID, FULL and REFUSED
        the step is open and may be completed otherwise."""
        emitter = self._lane.emitter
        added: Union[Op, Result]
        with emitter.lock:
            if self._completion and self._completion.result not in _OPEN_AFTER:
                added = self._completion
            else:
                added = self.session._add(lambda: self._completing(outcome)) if not self._lost else self._refuse()
                self._completion = None if isinstance(added, Result) else added
        return emitter.acknowledged(added, emitter.config.ack_timeout)

    def _refuse(self) -> Result:
        queue = self._lane.queue
        assert self._lost is not None
        queue.stats["refused"] += 1
        queue.log("error", f"{self.session.id}: completion of a step that was not started ({self._lost}): dropped")
        return self._lost

    def _completing(self, outcome: Any) -> Op:
        body, dropped = complete_body(outcome, cut_text(self.text.text, CONTENT_BYTES))
        self._lane.queue.stats["sources_dropped"] += dropped
        self._lane.steps.pop(self, None)
        refer = self.session._referrer("messageId", outcome.get("message_id"))
        path = f"{self._lane.path}/steps/{self.id}/complete"
        line = {"op": "complete", "id": self.id}
        return Op("complete", "completion of a step", path, body, self.id, line, refer=refer)

    def fail(self, error: ErrorLike, **outcome: Any) -> Result:
        """Fails the step, keeping the content it has. ``error``: {"code", "message"}, a sentence or an exception."""
        return self.complete(error=error, **outcome)

    @property
    def completed(self) -> bool:
        return self._completion is not None

    def __enter__(self) -> "ActiveStep":
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        if self.completed:
            return
        if error is None:
            self.complete()
        else:
            self.fail(error)
