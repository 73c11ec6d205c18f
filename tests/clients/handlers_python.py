# SPDX-License-Identifier: Apache-2.0
"""The handlers of clients/python, driven through small stand-ins of the documented interfaces of langchain_core and
opentelemetry, because those packages cannot be installed where this is tested. Prints the session's id; what was recorded is
held against the server by python.test.mjs. The stand-ins have just what the handlers import and receive."""

import json
import pathlib
import sys
import threading
import types
import uuid
from typing import Any, Dict, List

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "clients" / "python"))

import agent_trace.langchain  # noqa: E402 - neither needs its framework to be imported
import agent_trace.otel  # noqa: E402
from agent_trace import TraceEmitter  # noqa: E402


def stand_in(name: str, **members: Any) -> None:
    module = types.ModuleType(name)
    module.__dict__.update(members)
    sys.modules[name] = module


def run_langchain(emitter: TraceEmitter) -> None:
    try:
        agent_trace.langchain.AgentTraceHandler(emitter=emitter)
    except ImportError:
        pass
    else:
        raise AssertionError("langchain_core is installed after all: test against it")

    class BaseCallbackHandler:
        raise_error = False
        run_inline = False

    stand_in("langchain_core")
    stand_in("langchain_core.callbacks", BaseCallbackHandler=BaseCallbackHandler)
    handler = agent_trace.langchain.AgentTraceHandler(emitter=emitter)
    assert isinstance(handler, BaseCallbackHandler) and handler.run_inline
    root, node, model, tool, broken, edge, search = (uuid.uuid4() for _ in range(7))
    message = types.SimpleNamespace(content="How is it made?")
    handler.on_chain_start(None, {"messages": [message]}, run_id=root, name="LangGraph")
    handler.on_chain_start(None, {}, run_id=node, parent_run_id=root, name="think")
    handler.on_chain_start(None, {}, run_id=edge, parent_run_id=node, name="RunnableSequence")
    handler.on_chat_model_start(
        {"id": ["x", "Model"]}, [[message]], run_id=model, parent_run_id=edge, metadata={"ls_model_name": "none"}
    )
    for word in ("It is ", "woven."):
        handler.on_llm_new_token(word, run_id=model, chunk=None)
    usage = {"input_tokens": 10, "output_tokens": 4, "total_tokens": 14, "input_token_details": {"cache_read": 6}}
    answer = types.SimpleNamespace(
        content="It is woven.", additional_kwargs={}, tool_calls=[{"name": "search", "args": {}}], usage_metadata=usage
    )
    generation = types.SimpleNamespace(message=answer, text="It is woven.")
    handler.on_llm_end(types.SimpleNamespace(generations=[[generation]]), run_id=model)
    handler.on_chain_end({}, run_id=edge)
    handler.on_tool_start({"name": "search"}, "{}", run_id=tool, parent_run_id=node, inputs={"query": "looms"})
    handler.on_tool_end(types.SimpleNamespace(content="found looms", status="success"), run_id=tool)
    handler.on_tool_start({"name": "visit"}, "{}", run_id=broken, parent_run_id=node)
    handler.on_tool_error(ValueError("no such page"), run_id=broken)
    handler.on_retriever_start({"name": "library"}, "looms", run_id=search, parent_run_id=node)
    document = types.SimpleNamespace(page_content="Warp", metadata={"source": "https://loom.example/", "title": "Looms"})
    handler.on_retriever_end([document], run_id=search)
    session = handler._runs.get(root).session
    handler.on_chain_end({}, run_id=node)
    handler.on_chain_end({}, run_id=root)
    print("session", session.id)


class Span:
    """As the SDK's: on_end is given a copy that can only be read."""

    def __init__(self, number: int, ended: bool = False) -> None:
        flags = types.SimpleNamespace(sampled=True)
        self._context = types.SimpleNamespace(span_id=number, trace_flags=flags)
        self.ended = ended

    def get_span_context(self) -> Any:
        return self._context


def run_otel() -> None:
    class SpanProcessor:
        pass

    class SpanExportResult:
        SUCCESS, FAILURE = 0, 1

    stand_in("opentelemetry")
    stand_in("opentelemetry.sdk")
    stand_in("opentelemetry.sdk.trace", SpanProcessor=SpanProcessor)
    stand_in("opentelemetry.sdk.trace.export", SpanExportResult=SpanExportResult)
    exports: List[List[Any]] = []
    arrived = threading.Semaphore(0)

    class Exporter:
        closed = False

        def export(self, spans: Any) -> int:
            exports.append([[span.get_span_context().span_id, span.ended] for span in spans])
            arrived.release()
            return SpanExportResult.FAILURE if len(exports) == 1 else SpanExportResult.SUCCESS

        def shutdown(self) -> None:
            self.closed = True

    exporter = Exporter()
    processor = agent_trace.otel.LiveProcessor(exporter, delay=0.01)
    assert isinstance(processor, SpanProcessor)
    processor.on_start(Span(1))
    assert arrived.acquire(timeout=20)
    processor.on_start(Span(2))
    processor.on_end(Span(2, ended=True))
    assert processor.force_flush()
    processor.on_end(Span(1, ended=True))
    processor.shutdown()
    result: Dict[str, Any] = {"exports": exports, "dropped": processor.dropped, "closed": exporter.closed}
    print("otel", json.dumps(result))


with TraceEmitter() as made:
    run_langchain(made)
run_otel()
