# SPDX-License-Identifier: Apache-2.0
"""A thread of this library: where the interpreter still makes one, it ends with the program."""

import threading
from typing import Callable, Optional


def start_thread(run: Callable[[], None], name: str) -> Optional[threading.Thread]:
    """None if no thread can be made: Python 3.12 makes none once the program is ending, while those there are go on."""
    thread = threading.Thread(target=run, name=name, daemon=True)
    try:
        thread.start()
    except RuntimeError:
        return None
    return thread
