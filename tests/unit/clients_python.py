# SPDX-License-Identifier: Apache-2.0
"""The pure parts of clients/python, as tests/unit/js/clients.test.mjs has them for JavaScript."""

import datetime
import math
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "clients" / "python"))

from agent_trace._body import complete_body, record_body, start_body  # noqa: E402
from agent_trace._config import Config, read_config  # noqa: E402
from agent_trace._id import is_id, new_id  # noqa: E402
from agent_trace._progress import Progress  # noqa: E402
from agent_trace._retry import judge, parse_retry_after, retry_delay  # noqa: E402
from agent_trace._sources import mend_sources  # noqa: E402
from agent_trace._text import clean_json, clean_text, cut_text  # noqa: E402

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


class Parts(unittest.TestCase):
    def test_ids(self) -> None:
        made = new_id("stp_")
        self.assertTrue(is_id(made, "stp_"))
        self.assertFalse(is_id(made, "ses_") or is_id(made + "0", "stp_") or is_id(None, "stp_"))
        self.assertNotEqual(new_id("stp_"), new_id("stp_"))

    def test_text(self) -> None:
        self.assertEqual(clean_text("a\0b\ud83d c"), "a\ufffdb\ufffd c")
        self.assertEqual(cut_text("ab\U0001f9f5", 5), "ab")
        self.assertEqual(cut_text("ab\U0001f9f5", 6), "ab\U0001f9f5")

    def test_json(self) -> None:
        circle: dict = {"name": "a\0"}
        circle["self"] = circle
        self.assertEqual(clean_json(circle), {"name": "a\ufffd", "self": "[circular]"})
        self.assertEqual(clean_json([math.nan, (1, 2), EPOCH]), [None, [1, 2], "1970-01-01T00:00:00+00:00"])

    def test_sources(self) -> None:
        good = {"type": "web", "title": "T", "url": 'https://a.example/x y"'}
        bad = [{"type": "book", "title": "T"}, {"type": "web"}, {**good, "url": "javascript:x"}, {**good, "message_id": "x"}]
        sources, dropped = mend_sources([good, *bad])
        self.assertEqual(sources, [{"type": "web", "title": "T", "url": "https://a.example/x%20y%22"}])
        self.assertEqual(dropped, 4)
        self.assertEqual(mend_sources([good] * 250)[1], 50)

    def test_bodies(self) -> None:
        start = start_body(new_id("stp_"), {"type": "thinking", "started_at": EPOCH}, None)
        self.assertEqual(start["startedAt"], "1970-01-01T00:00:00.000Z")
        for wrong in ({"type": "Bad Type"}, {"type": "x", "content": [1]}, {"type": "x", "content": "x" * 1048577}):
            with self.assertRaises(ValueError):
                start_body(new_id("stp_"), wrong, None)
        body, _ = record_body(new_id("stp_"), {"type": "x", "content": "of the start"}, None, {"usage": {"input_tokens": -1}})
        self.assertEqual((body["content"], body["usage"]), ("of the start", {}))
        self.assertEqual(complete_body({"error": TypeError("no")})[0]["error"], {"code": "TypeError", "message": "no"})

    def test_retries(self) -> None:
        self.assertEqual([judge(status) for status in (0, 204, 409, 429, 500)], ["away", "done", "refused", "away", "broken"])
        self.assertLessEqual(retry_delay(0.1, 99, None), 10)
        self.assertGreaterEqual(retry_delay(0.1, 1, 5), 5)
        self.assertLess(retry_delay(0.1, 1, 3600), 31)
        self.assertEqual(parse_retry_after("2"), 2)
        self.assertIsNone(parse_retry_after("soon"))

    def test_config(self) -> None:
        good = {"url": "http://a/", "workspace": "ws_0", "token": "secret"}
        self.assertEqual(read_config(**good).url, "http://a")
        for wrong in ({"url": "ftp://a"}, {"workspace": "x"}, {"token": "sec\nret"}, {"queue_length": -1}, {"retry": math.nan}):
            with self.assertRaises(ValueError) as caught:
                read_config(**{**good, **wrong})
            self.assertNotIn("sec", str(caught.exception))

    def test_progress(self) -> None:
        text = Progress(Config())
        self.assertEqual(text.due(False), math.inf)
        text.append("ä", 0)
        self.assertEqual(text.due(False), -math.inf)
        self.assertEqual(text.take(0), {"content": "ä", "n": 1})
        text.sent(True)
        text.append("\U0001f9f5!", 0.01)
        self.assertEqual(text.due(False), 0.05)
        self.assertEqual(text.take(0.05), {"delta": "\U0001f9f5!", "offset": 2, "n": 2})
        text.sent(False)
        text.append("?", 0.06)
        self.assertEqual(text.take(0.1), {"delta": "\U0001f9f5!?", "offset": 2, "n": 3})
        text.sent(True)
        self.assertEqual(text.due(False), 0.25)
        self.assertEqual(text.take(0.25), {"content": "ä\U0001f9f5!?", "n": 4, "checkpoint": True})
        text.sent(True)
        text.replace("other", 0.3)
        self.assertEqual(text.take(0.31), {"content": "other", "n": 5})


if __name__ == "__main__":
    unittest.main()
