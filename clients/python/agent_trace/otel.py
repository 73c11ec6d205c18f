# SPDX-License-Identifier: Apache-2.0
"""LiveProcessor: a span processor for OpenTelemetry that exports a span when it starts and again when it has ended, so
that a trace is seen while it happens. It takes any exporter, such as an OTLP one whose address is the ingest door.
opentelemetry is imported when a processor is made, not before."""

import logging
import threading
import time
from typing import Any, Dict, List

_LOG = logging.getLogger("agent_trace")


class _Live:
    """The methods that the SDK calls. A span is exported as it is when its turn comes: one that began and ended within one
    delay is exported once."""

    def _begin(self, exporter: Any, success: Any, delay: float, max_batch: int, max_queue: int) -> None:
        self._exporter, self._success = exporter, success
        self._delay, self._max_batch, self._max_queue = delay, max_batch, max_queue
        self._waiting: Dict[int, Any] = {}  # by identity, in the order in which they stirred
        self._wake = threading.Condition()
        self._exporting = False
        self._hurry = 0
        self._stopped = False
        self._said = False
        self.dropped = 0  # changes of spans that were not exported
        self._thread = threading.Thread(target=self._run, name="agent-trace live spans", daemon=True)
        self._thread.start()

    def on_start(self, span: Any, parent_context: Any = None) -> None:
        self._add(span)

    def on_end(self, span: Any) -> None:
        self._add(span)

    def _on_ending(self, span: Any) -> None:
        """Part of the SDK's interface; a span that is about to end is exported when it has."""

    def _add(self, span: Any) -> None:
        context = span.get_span_context()
        if not context.trace_flags.sampled:
            return
        with self._wake:
            if self._stopped:
                return
            if len(self._waiting) >= self._max_queue and context.span_id not in self._waiting:
                self._drop(1, "the queue is full")
                return
            # What on_end brings is the ended span, which takes the place of the open one.
            self._waiting[context.span_id] = span
            self._wake.notify_all()

    def _drop(self, count: int, why: str) -> None:
        self.dropped += count
        if not self._said:
            _LOG.error("spans are dropped: %s", why)
        self._said = True

    def _run(self) -> None:
        """One export at a time, so that a span's start cannot overtake its end."""
        while True:
            with self._wake:
                while not self._waiting and not self._stopped:
                    self._wake.wait()
                if not self._waiting:
                    return
                self._wait_for_more()
                ids = list(self._waiting)[: self._max_batch]
                spans = [self._readable(self._waiting.pop(number)) for number in ids]
                self._exporting = True
            why = self._export(spans)
            with self._wake:
                self._exporting = False
                if why:
                    self._drop(len(spans), why)
                else:
                    self._said = False
                self._wake.notify_all()

    def _wait_for_more(self) -> None:
        end = time.monotonic() + self._delay
        while not self._hurry and not self._stopped and len(self._waiting) < self._max_batch:
            left = end - time.monotonic()
            if left <= 0:
                return
            self._wake.wait(left)

    @staticmethod
    def _readable(span: Any) -> Any:
        make = getattr(span, "_readable_span", None)
        return make() if make else span

    def _export(self, spans: List[Any]) -> str:
        try:
            return "" if self._exporter.export(spans) == self._success else "the export failed"
        except Exception as error:  # noqa: BLE001 - an exporter's fault must not stop the application's next spans
            return str(error) or type(error).__name__

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        end = time.monotonic() + timeout_millis / 1000
        with self._wake:
            self._hurry += 1
            self._wake.notify_all()
            while (self._waiting or self._exporting) and time.monotonic() < end:
                self._wake.wait(end - time.monotonic())
            self._hurry -= 1
            return not self._waiting and not self._exporting

    def shutdown(self) -> None:
        self.force_flush()
        with self._wake:
            self._stopped = True
            self._wake.notify_all()
        self._thread.join()
        self._exporter.shutdown()


def LiveProcessor(  # noqa: N802 - it makes an instance of a class that exists only where the SDK does
    exporter: Any, *, delay: float = 0.2, max_batch: int = 512, max_queue: int = 2048
) -> Any:
    """A span processor for ``TracerProvider.add_span_processor()``. ``delay`` in seconds."""
    from opentelemetry.sdk.trace import SpanProcessor  # type: ignore[import-not-found]
    from opentelemetry.sdk.trace.export import SpanExportResult  # type: ignore[import-not-found]

    processor = type("LiveProcessor", (_Live, SpanProcessor), {})()
    processor._begin(exporter, SpanExportResult.SUCCESS, delay, max_batch, max_queue)
    return processor
