# SPDX-License-Identifier: Apache-2.0
"""Records what an agent does, step by step, in Agent Trace, while it happens.

TraceEmitter -> for_session() -> SessionTrace -> start_step() -> ActiveStep."""

from ._emitter import TraceEmitter
from ._id import new_id
from ._session import SessionTrace
from ._step import ActiveStep
from ._types import Decision, FlushReport, Option, Posted, Problem, Result, Source, TraceError, Usage

__version__ = "0.1.0"

__all__ = [
    "ActiveStep",
    "Decision",
    "FlushReport",
    "Option",
    "Posted",
    "Problem",
    "Result",
    "SessionTrace",
    "Source",
    "TraceEmitter",
    "TraceError",
    "Usage",
    "new_id",
]
