# SPDX-License-Identifier: Apache-2.0
"""The emitter's configuration: arguments first, then the environment, then defaults. Times are seconds."""

import dataclasses
import logging
import os
import re
import ssl
from typing import Any, Callable, Optional

_LOG = logging.getLogger("agent_trace")
_LEVELS = {"error": logging.ERROR, "warning": logging.WARNING, "info": logging.INFO}


def log_to_logging(level: str, line: str) -> None:
    _LOG.log(_LEVELS[level], "%s", line)


def _nothing(session_id: str, status: str) -> None:
    del session_id, status


@dataclasses.dataclass
class Config:
    url: str = ""
    workspace: str = ""
    token: str = ""
    ca_file: Optional[str] = None
    request_timeout: float = 10.0  # one attempt
    ack_timeout: float = 2.0  # how long a call waits before it answers QUEUED; 0: not at all
    deliver_timeout: float = 600.0  # how long a write is kept and repeated before it is dropped
    retry: float = 0.1  # before the first repeat; doubles to at most 10 s, with jitter
    heartbeat: float = 15.0  # since the last stored write of an open session; the server gives up after 60 s
    progress: float = 0.05  # least time between two progress requests of one step
    progress_bytes: int = 4096  # new text that is sent before `progress` has passed
    checkpoint: float = 1.0  # between stored copies of a streamed text, so that a crash keeps it
    queue_bytes: int = 16 * 1024 * 1024  # bound of everything that waits in memory
    queue_length: int = 10_000  # bound of the writes that wait
    watch: bool = True  # subscribe to sessions' endings
    on_log: Callable[[str, str], None] = log_to_logging  # level, sentence; never content or the token
    on_ended: Callable[[str, str], None] = _nothing  # session's id, status


_NUMBERS = [field.name for field in dataclasses.fields(Config) if field.type in (float, int, "float", "int")]


def read_config(**options: Any) -> Config:
    """Complete options, or a ValueError that names what is wrong. The token is never part of a message."""
    config = Config(**{name: value for name, value in options.items() if value is not None})
    for name in ("url", "workspace", "token"):
        value = getattr(config, name) or os.environ.get(f"TRACE_{name.upper()}", "")
        if not value:
            raise ValueError(f"{name} is missing (TRACE_{name.upper()} is not set either)")
        setattr(config, name, value)
    if not re.match(r"https?://[^/]", config.url):
        raise ValueError("url is not an http or https origin")
    if not re.fullmatch(r"ws_[0-9A-Z]+", config.workspace):
        raise ValueError("workspace is not an id that begins with ws_")
    if not re.fullmatch(r"[\x21-\x7e]+", config.token):
        raise ValueError("token has characters that cannot be sent")
    for name in _NUMBERS:
        if not 0 <= getattr(config, name) < float("inf"):
            raise ValueError(f"{name} is not a number of at least 0")
    config.url = config.url.rstrip("/")
    return config


def make_context(config: Config) -> Optional[ssl.SSLContext]:
    return ssl.create_default_context(cafile=config.ca_file) if config.url.startswith("https:") else None
