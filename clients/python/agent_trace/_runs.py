# SPDX-License-Identifier: Apache-2.0
"""What handlers of frameworks share: a tree of foreign runs, each with an id and perhaps a parent, as sessions and steps.
A run without a parent starts a session of its own unless the handler was given one; a run that is not shown passes its
children on to its parent."""

import dataclasses
import threading
from typing import Any, Dict, Hashable, Optional

from ._body import fitting_content
from ._emitter import TraceEmitter
from ._session import SessionTrace
from ._step import ActiveStep

_TITLE_CHARACTERS = 200


@dataclasses.dataclass
class Run:
    session: SessionTrace
    is_root: bool
    step: Optional[ActiveStep]
    parent: Optional[ActiveStep]  # where the children of a run that is not shown stand
    notes: Dict[str, Any] = dataclasses.field(default_factory=dict)


def _fitting(members: Dict[str, Any]) -> Dict[str, Any]:
    return {**members, "content": fitting_content(members["content"])} if "content" in members else members


class Runs:
    def __init__(
        self,
        emitter: Optional[TraceEmitter] = None,
        session: Optional[SessionTrace] = None,
        parent: Optional[ActiveStep] = None,
    ) -> None:
        self.emitter = emitter or (session.emitter if session else TraceEmitter())
        self._session = session
        self._parent = parent
        self._runs: Dict[Hashable, Run] = {}
        self._lock = threading.Lock()

    def get(self, run_id: Hashable) -> Optional[Run]:
        with self._lock:
            return self._runs.get(run_id)

    def start(
        self, run_id: Hashable, parent_id: Optional[Hashable], spec: Optional[Dict[str, Any]], title: str = ""
    ) -> Run:
        """Begins a run. ``spec``: of the step; without it the run is not shown. ``title``: of the session that a root
        starts."""
        above = self.get(parent_id) if parent_id is not None else None
        session = above.session if above else self._session
        is_root = session is None
        if session is None:
            session = self.emitter.for_session(title=title[:_TITLE_CHARACTERS] or None)
        parent = (above.step or above.parent) if above else self._parent
        step = session.start_step(parent=parent, **_fitting(spec)) if spec else None
        run = Run(session, is_root, step, None if step else parent)
        with self._lock:
            self._runs[run_id] = run
        return run

    def end(self, run_id: Hashable, error: Optional[BaseException] = None, **outcome: Any) -> None:
        """Ends a run, and its session if it began one."""
        with self._lock:
            run = self._runs.pop(run_id, None)
        if run is None:
            return
        if run.step:
            run.step.complete(**_fitting(outcome), **({"error": error} if error else {}))
        if not run.is_root:
            return
        patience = run.session.emitter.config.ack_timeout
        if error is None:
            run.session.notify_completed(timeout=patience)
        elif type(error).__name__.startswith(("Cancel", "KeyboardInterrupt")):
            run.session.cancel(timeout=patience)
        else:
            run.session.notify_failed(error, timeout=patience)
