# SPDX-License-Identifier: Apache-2.0
"""One kept connection to the server, and one attempt at one request. It never raises: no answer is status 0 with the
reason in ``error``."""

import http.client
import json
import socket
import ssl
import urllib.parse
from typing import Any, Dict, NamedTuple, Optional

from ._retry import parse_retry_after
from ._types import Problem

# Most of an answer that is read: what a write answers is small.
_ANSWER_BYTES = 16 * 1024 * 1024


class Reply(NamedTuple):
    status: int
    body: Dict[str, Any]
    error: str = ""
    retry_after: Optional[float] = None


def open_connection(url: str, timeout: float, context: Optional[ssl.SSLContext]) -> http.client.HTTPConnection:
    parts = urllib.parse.urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme == "https":
        return http.client.HTTPSConnection(host, parts.port, timeout=timeout, context=context)
    return http.client.HTTPConnection(host, parts.port, timeout=timeout)


def prefix_of(url: str) -> str:
    """The path that stands before every other where the server is not at the root of its host; usually empty."""
    return urllib.parse.urlsplit(url).path.rstrip("/")


def problem_of(reply: Reply) -> Problem:
    body = reply.body
    detail = body.get("sessionStatus") or body.get("detail") or body.get("title") or ""
    return Problem(reply.status, str(body.get("code", "")), str(detail), str(body.get("sessionId", "")))


class Connection:
    """For one thread."""

    def __init__(self, url: str, token: str, context: Optional[ssl.SSLContext]) -> None:
        self._url = url
        self._token = token
        self._context = context
        self._connection: Optional[http.client.HTTPConnection] = None

    def send(self, path: str, body: Optional[bytes], content_type: str, timeout: float, method: str = "POST") -> Reply:
        kept = self._connection is not None
        reply = self._attempt(method, path, body, content_type, timeout)
        # The server may close a kept connection at any time; ids make it harmless to ask once more.
        if reply.status == 0 and kept and reply.error == "closed":
            reply = self._attempt(method, path, body, content_type, timeout)
        return reply

    def _attempt(self, method: str, path: str, body: Optional[bytes], content_type: str, timeout: float) -> Reply:
        headers = {"Authorization": f"Bearer {self._token}"}
        if body is not None:
            headers["Content-Type"] = content_type
        try:
            if self._connection is None:
                self._connection = open_connection(self._url, timeout, self._context)
                self._connection.connect()
                self._connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._connection.sock.settimeout(timeout)
            self._connection.request(method, prefix_of(self._url) + path, body=body if body is not None else b"", headers=headers)
            answer = self._connection.getresponse()
            text = answer.read(_ANSWER_BYTES)
            if answer.will_close or not answer.isclosed():
                self.close()
            return Reply(answer.status, _parse(text), "", parse_retry_after(answer.getheader("Retry-After")))
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
            self.close()
            return Reply(0, {}, "closed")
        except (OSError, http.client.HTTPException, ValueError) as error:
            self.close()
            return Reply(0, {}, str(error) or type(error).__name__)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None


def _parse(text: bytes) -> Dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
