# SPDX-License-Identifier: Apache-2.0
"""Makes and recognises ids: a prefix and a ULID. Because the client makes them, repeating a write is harmless."""

import re
import secrets
import time

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ULID = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}")


def new_id(prefix: str) -> str:
    """A new id such as ``stp_01J…``: 48 bits of time in milliseconds, then 80 random bits."""
    number = (int(time.time() * 1000) << 80) | secrets.randbits(80)
    return prefix + "".join(_ALPHABET[(number >> shift) & 31] for shift in range(125, -1, -5))


def is_id(value: object, prefix: str) -> bool:
    """Whether the value is an id with that prefix."""
    return (
        isinstance(value, str)
        and value.startswith(prefix)
        and _ULID.fullmatch(value[len(prefix) :]) is not None
    )
