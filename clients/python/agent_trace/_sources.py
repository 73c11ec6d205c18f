# SPDX-License-Identifier: Apache-2.0
"""Sources, brought within the server's limits. One that cannot be kept is left out and counted, so that it does not
cost the write that it belongs to."""

import re
import urllib.parse
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from ._id import is_id
from ._text import clean_text, cut_text

_MOST = 200
_URL_BYTES = 4096
_TYPES = ("web", "message", "document")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[0-9.:+Z-]{1,20}")
_ADDRESS = re.compile(r"https?://[^/?#:@]", re.IGNORECASE)
# What may stand in an address as it is; everything else is percent-encoded.
_SAFE = "!#$%&'()*+,-./:;=?@[]_~"
_TEXTS = {
    "title": ("title", 1000),
    "domain": ("domain", 255),
    "snippet": ("snippet", 4000),
    "stream_name": ("streamName", 255),
    "author_name": ("authorName", 255),
}
_IDS = {"stream_id": ("streamId", "str_"), "message_id": ("messageId", "msg_")}


def _mend_url(url: object) -> Optional[str]:
    text = clean_text(url)
    if not _ADDRESS.match(text):
        return None
    mended = urllib.parse.quote(text, safe=_SAFE)
    return mended if len(mended) <= _URL_BYTES else None


def _mend_source(source: Mapping[str, Any]) -> Optional[Dict[str, Any]]:
    if source.get("type") not in _TYPES or not source.get("title"):
        return None
    mended: Dict[str, Any] = {"type": source["type"]}
    for name, (wire, most) in _TEXTS.items():
        if source.get(name) is not None:
            mended[wire] = cut_text(source[name], most)
    for name, (wire, prefix) in _IDS.items():
        if source.get(name) is None:
            continue
        if not is_id(source[name], prefix):
            return None
        mended[wire] = source[name]
    if source.get("url") is not None:
        mended["url"] = _mend_url(source["url"])
        if mended["url"] is None:
            return None
    if _TIME.fullmatch(str(source.get("timestamp", ""))):
        mended["timestamp"] = source["timestamp"]
    return mended


def mend_sources(sources: Optional[Sequence[Mapping[str, Any]]]) -> Tuple[Optional[List[Dict[str, Any]]], int]:
    """Those that the server takes, and how many were left out."""
    if not sources:
        return None, 0
    kept = [mended for mended in map(_mend_source, sources) if mended][:_MOST]
    return kept or None, len(sources) - len(kept)
