# SPDX-License-Identifier: Apache-2.0
"""Text as the server takes it: well-formed, without NUL, and within a limit of UTF-8 bytes."""

import datetime
import math
import re
from typing import Any

_REFUSED = re.compile("[\x00\ud800-\udfff]")
_DEPTH = 64


def clean_text(value: object) -> str:
    """Replaces what the server refuses (NUL and surrogates) by U+FFFD."""
    return _REFUSED.sub("\ufffd", str(value))


def byte_length(text: str) -> int:
    return len(text.encode("utf-8"))


def cut_text(value: object, most: int) -> str:
    """The longest beginning that has at most that many bytes and ends between two code points."""
    text = clean_text(value)
    if len(text) * 4 <= most:
        return text
    return text.encode("utf-8")[:most].decode("utf-8", "ignore")


def clean_json(value: Any) -> Any:
    """A copy that JSON can hold and the server takes. What JSON has no form for becomes its ``str()``."""
    return _copy(value, ())


def _copy(value: Any, above: tuple) -> Any:
    if isinstance(value, str):
        return clean_text(value)
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, (datetime.datetime, datetime.date)):
        return value.isoformat()
    if not isinstance(value, (dict, list, tuple, set, frozenset)):
        return clean_text(value)
    if id(value) in above:
        return "[circular]"
    if len(above) > _DEPTH:
        return "[too deep]"
    inner = above + (id(value),)
    if isinstance(value, dict):
        return {clean_text(name): _copy(item, inner) for name, item in value.items()}
    return [_copy(item, inner) for item in value]
