# SPDX-License-Identifier: Apache-2.0
"""Builds the bodies of requests. Texts for people are cut to the server's limits, contents never: one that is too long
is a ValueError, which the caller reports as the result ``invalid``."""

import datetime
import json
import math
import re
from typing import Any, Dict, Mapping, Optional, Tuple, Union

from ._id import is_id
from ._sources import mend_sources
from ._text import byte_length, clean_json, clean_text, cut_text
from ._types import Content

CONTENT_BYTES = 1048576
_TITLE, _NAME, _MODEL, _CODE, _MESSAGE = 2000, 400, 200, 64, 4000
_TYPE = re.compile(r"[a-z][a-z0-9_]{0,63}")
_COUNTS = {
    "input_tokens": "inputTokens",
    "output_tokens": "outputTokens",
    "reasoning_tokens": "reasoningTokens",
    "cache_read_tokens": "cacheReadTokens",
    "cache_write_tokens": "cacheWriteTokens",
    "total_tokens": "totalTokens",
}
Body = Dict[str, Any]
ErrorLike = Union[str, BaseException, Mapping[str, Any]]


def present(body: Body) -> Body:
    """Without what is absent, which the wire never spells as null."""
    return {name: value for name, value in body.items() if value is not None}


def _cut(value: object, most: int) -> Optional[str]:
    return None if value is None else cut_text(value, most)


def _id_or_none(value: Optional[str], prefix: str, what: str) -> Optional[str]:
    if value is not None and not is_id(value, prefix):
        raise ValueError(f"{what} is not an id that begins with {prefix}")
    return value


def time_of(value: Optional[datetime.datetime] = None) -> str:
    """RFC 3339 with milliseconds; now if absent. A time without a zone is local, as Python takes it."""
    utc = (value or datetime.datetime.now(datetime.timezone.utc)).astimezone(datetime.timezone.utc)
    return utc.strftime("%Y-%m-%dT%H:%M:%S.") + f"{utc.microsecond // 1000:03d}Z"


def _content_of(content: Optional[Content]) -> Optional[Content]:
    if content is None:
        return None
    if not isinstance(content, (str, dict)):
        raise ValueError("content is neither a string nor a dict")
    value = clean_json(content)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    if byte_length(text) > CONTENT_BYTES:
        raise ValueError(f"content has more than {CONTENT_BYTES} bytes")
    return value


def _size_of(value: Any) -> int:
    return byte_length(json.dumps(clean_json(value), ensure_ascii=False))


def fitting_content(content: Optional[Content]) -> Optional[Content]:
    """The content, within the limit: what is too long of its members becomes a shorter text, and ``truncated`` says so.
    For handlers, which have nobody to tell that a content is invalid."""
    if isinstance(content, str):
        return cut_text(content, CONTENT_BYTES)
    if not content or _size_of(content) <= CONTENT_BYTES:
        return content
    most = CONTENT_BYTES // 2
    while most:
        shorter: Body = {"truncated": True}
        for name, value in content.items():
            text = value if isinstance(value, str) else json.dumps(clean_json(value), ensure_ascii=False)
            shorter[name] = value if _size_of(value) <= most else cut_text(text, most)
        if _size_of(shorter) <= CONTENT_BYTES:
            return shorter
        most //= 2  # a character may take six bytes in JSON
    return {"truncated": True}


def _usage_of(usage: Optional[Mapping[str, Any]]) -> Optional[Body]:
    if not usage:
        return None
    result: Body = {"model": _cut(usage.get("model"), _MODEL)}
    for name, wire in _COUNTS.items():
        count = usage.get(name)
        if isinstance(count, int) and not isinstance(count, bool) and 0 <= count < 1 << 53:
            result[wire] = count
    cost = usage.get("cost_usd")
    if isinstance(cost, (int, float)) and math.isfinite(cost) and cost >= 0:
        result["costUsd"] = cost
    return present(result)


def error_of(error: Optional[ErrorLike]) -> Optional[Body]:
    if error is None:
        return None
    code: Any = "failed"
    message: Any = error
    if isinstance(error, BaseException):
        code, message = type(error).__name__, str(error)
    elif not isinstance(error, str):
        code, message = error.get("code") or "failed", error.get("message", "")
    return {"code": cut_text(code, _CODE), "message": cut_text(message, _MESSAGE)}


def create_body(session_id: str, spec: Mapping[str, Any]) -> Body:
    metadata = spec.get("metadata")
    return present(
        {
            "id": session_id,
            "streamId": _id_or_none(spec.get("stream_id"), "str_", "stream_id"),
            "triggerMessageId": _id_or_none(spec.get("trigger_message_id"), "msg_", "trigger_message_id"),
            "title": _cut(spec.get("title"), _TITLE),
            "metadata": clean_json(metadata) if metadata else None,
            "startedAt": time_of(spec.get("started_at")),
        }
    )


def start_body(step_id: str, spec: Mapping[str, Any], parent_id: Optional[str]) -> Body:
    if not _TYPE.fullmatch(str(spec.get("type"))):
        raise ValueError(f"the type of a step is [a-z][a-z0-9_]{{0,63}}, not {spec.get('type')}")
    return present(
        {
            "id": _id_or_none(step_id, "stp_", "id"),
            "stepType": spec["type"],
            "name": _cut(spec.get("name"), _NAME),
            "parentStepId": parent_id,
            "content": _content_of(spec.get("content")),
            "input": clean_json(spec.get("input")),
            "startedAt": time_of(spec.get("started_at")),
        }
    )


def complete_body(outcome: Mapping[str, Any], streamed: str = "") -> Tuple[Body, int]:
    """The body, and how many sources were left out. ``streamed`` is used where the outcome has no content."""
    sources, dropped = mend_sources(outcome.get("sources"))
    content = _content_of(outcome.get("content"))
    message_id = outcome.get("message_id")
    body = {
        "content": content if content is not None else (streamed or None),
        "sources": sources,
        "messageId": message_id if is_id(message_id, "msg_") else None,
        "usage": _usage_of(outcome.get("usage")),
        "error": error_of(outcome.get("error")),
        "output": clean_json(outcome.get("output")),
        "completedAt": time_of(outcome.get("completed_at")),
    }
    return present(body), dropped


def record_body(
    step_id: str, spec: Mapping[str, Any], parent_id: Optional[str], outcome: Mapping[str, Any]
) -> Tuple[Body, int]:
    start = start_body(step_id, spec, parent_id)
    body, dropped = complete_body(outcome)
    return {**start, "completed": True, **body}, dropped


def message_body(session_id: str, client_message_id: str, content: str, sources: Any) -> Tuple[Body, int]:
    if not content:
        raise ValueError("a message needs content")
    mended, dropped = mend_sources(sources)
    body = {"content": clean_text(content), "clientMessageId": client_message_id, "sessionId": session_id}
    return present({**body, "sources": mended}), dropped


def finish_body(response_message_id: Optional[str], seen_seq: Optional[int]) -> Body:
    return present(
        {
            "responseMessageId": response_message_id if is_id(response_message_id, "msg_") else None,
            "seenSeq": seen_seq or None,
            "completedAt": time_of(),
        }
    )
