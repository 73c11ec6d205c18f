# SPDX-License-Identifier: Apache-2.0
"""A callback handler for LangChain and LangGraph: models, tools, retrievers and nodes become steps, and tokens stream into
the open step. langchain_core is imported when a handler is made, not before."""

import json
import re
from typing import Any, Dict, List, Optional, Sequence

from ._emitter import TraceEmitter
from ._runs import Runs
from ._session import SessionTrace
from ._step import ActiveStep

# Plumbing that a person does not want to see: its children stand at its parent.
_HIDDEN = re.compile(r"(RunnableLambda|RunnableSequence|RunnableParallel|RunnableCallable|ChannelWrite|Branch)|__")


def _name_of(serialized: Optional[Dict[str, Any]], name: Optional[str]) -> str:
    ids = (serialized or {}).get("id") or ["run"]
    return name or (serialized or {}).get("name") or ids[-1]


def _text_of(content: Any) -> str:
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return ""
    return "".join(part if isinstance(part, str) else str(part.get("text", "")) for part in content)


def _usage_of(message: Any, model: Optional[str]) -> Optional[Dict[str, Any]]:
    usage = getattr(message, "usage_metadata", None)
    if not usage:
        return None
    read, written = usage.get("input_token_details") or {}, usage.get("output_token_details") or {}
    counts = {
        "input_tokens": usage.get("input_tokens"),
        "output_tokens": usage.get("output_tokens"),
        "total_tokens": usage.get("total_tokens"),
        "reasoning_tokens": written.get("reasoning"),
        "cache_read_tokens": read.get("cache_read"),
        "cache_write_tokens": read.get("cache_creation"),
    }
    return {"model": model, **counts}


def _content_of(generation: Any) -> Optional[str]:
    """Reasoning, then text, then what tools the model asks for."""
    message = getattr(generation, "message", None)
    reasoning = (getattr(message, "additional_kwargs", None) or {}).get("reasoning_content", "")
    text = _text_of(message.content) if message is not None else getattr(generation, "text", "")
    calls = [f"→ {call['name']}({json.dumps(call['args'])})" for call in getattr(message, "tool_calls", None) or []]
    return "\n\n".join(piece for piece in (reasoning, text, *calls) if piece) or None


def _title_of(inputs: Any) -> str:
    if isinstance(inputs, str):
        return inputs
    if not isinstance(inputs, dict):
        return ""
    messages = inputs.get("messages") or []
    if messages:
        last = messages[-1]
        return _text_of(last[1] if isinstance(last, tuple) else getattr(last, "content", ""))
    return str(inputs.get("input") or inputs.get("question") or "")


def _source_of(document: Any) -> Dict[str, Any]:
    metadata = document.metadata or {}
    address = str(metadata.get("source", ""))
    is_web = address.startswith(("http://", "https://"))
    return {
        "type": "web" if is_web else "document",
        "title": metadata.get("title") or address or "document",
        "url": address if is_web else None,
        "snippet": document.page_content,
    }


class _Callbacks:
    """The methods that langchain_core calls. They raise nothing because of the server."""

    _runs: Runs

    def on_chain_start(
        self,
        serialized: Any,
        inputs: Any,
        *,
        run_id: Any,
        parent_run_id: Any = None,
        tags: Optional[Sequence[str]] = None,
        name: Optional[str] = None,
        **_: Any,
    ) -> None:
        title = _name_of(serialized, name)
        is_root = parent_run_id is None or self._runs.get(parent_run_id) is None
        is_shown = not is_root and "langsmith:hidden" not in (tags or []) and not _HIDDEN.match(title)
        spec = {"type": "group", "name": title} if is_shown else None
        self._runs.start(run_id, parent_run_id, spec, _title_of(inputs) or title)

    def on_chain_end(self, outputs: Any, *, run_id: Any, **_: Any) -> None:
        self._runs.end(run_id)

    def on_chain_error(self, error: BaseException, *, run_id: Any, **_: Any) -> None:
        self._runs.end(run_id, error)

    def on_chat_model_start(self, serialized: Any, messages: List[List[Any]], *, run_id: Any, **more: Any) -> None:
        title = _text_of(messages[0][-1].content) if messages and messages[0] else ""
        self._start_model(serialized, title, run_id, **more)

    def on_llm_start(self, serialized: Any, prompts: List[str], *, run_id: Any, **more: Any) -> None:
        self._start_model(serialized, prompts[0] if prompts else "", run_id, **more)

    def _start_model(
        self,
        serialized: Any,
        title: str,
        run_id: Any,
        parent_run_id: Any = None,
        metadata: Optional[Dict[str, Any]] = None,
        name: Optional[str] = None,
        **_: Any,
    ) -> None:
        model = (metadata or {}).get("ls_model_name")
        spec = {"type": "generation", "name": model or _name_of(serialized, name)}
        self._runs.start(run_id, parent_run_id, spec, title).notes["model"] = model

    def on_llm_new_token(self, token: Any, *, chunk: Any = None, run_id: Any, **_: Any) -> None:
        run = self._runs.get(run_id)
        extra = getattr(getattr(chunk, "message", None), "additional_kwargs", None) or {}
        delta = str(extra.get("reasoning_content") or "") + _text_of(token)
        if run and run.step and delta:
            run.step.progress(delta=delta)

    def on_llm_end(self, response: Any, *, run_id: Any, **_: Any) -> None:
        run = self._runs.get(run_id)
        generation = response.generations[0][0] if response.generations and response.generations[0] else None
        usage = _usage_of(getattr(generation, "message", None), run.notes.get("model") if run else None)
        self._runs.end(run_id, content=_content_of(generation), usage=usage)

    def on_llm_error(self, error: BaseException, *, run_id: Any, **_: Any) -> None:
        self._runs.end(run_id, error)

    def on_tool_start(
        self,
        serialized: Any,
        input_str: str,
        *,
        run_id: Any,
        parent_run_id: Any = None,
        inputs: Any = None,
        name: Optional[str] = None,
        **_: Any,
    ) -> None:
        tool = _name_of(serialized, name)
        call = {"tool": tool, "args": inputs if inputs is not None else input_str}
        spec = {"type": "tool_call", "name": tool, "content": call}
        self._runs.start(run_id, parent_run_id, spec, tool).notes["call"] = call

    def on_tool_end(self, output: Any, *, run_id: Any, **_: Any) -> None:
        result = getattr(output, "content", output)
        # LangGraph turns a tool's error into a message that says so.
        error = RuntimeError(_text_of(result)) if getattr(output, "status", "") == "error" else None
        self._end_tool(run_id, result, error)

    def on_tool_error(self, error: BaseException, *, run_id: Any, **_: Any) -> None:
        self._end_tool(run_id, str(error), error)

    def _end_tool(self, run_id: Any, result: Any, error: Optional[BaseException]) -> None:
        run = self._runs.get(run_id)
        call = run.notes.get("call", {}) if run else {}
        self._runs.end(run_id, error, content={**call, "result": result})

    def on_retriever_start(
        self, serialized: Any, query: str, *, run_id: Any, parent_run_id: Any = None, name: Optional[str] = None, **_: Any
    ) -> None:
        spec = {"type": "retrieval", "name": _name_of(serialized, name), "content": {"query": query}}
        self._runs.start(run_id, parent_run_id, spec, query).notes["query"] = query

    def on_retriever_end(self, documents: Sequence[Any], *, run_id: Any, **_: Any) -> None:
        run = self._runs.get(run_id)
        content = {"query": run.notes.get("query") if run else None, "resultCount": len(documents)}
        self._runs.end(run_id, content=content, sources=[_source_of(document) for document in documents])

    def on_retriever_error(self, error: BaseException, *, run_id: Any, **_: Any) -> None:
        self._runs.end(run_id, error)


def AgentTraceHandler(  # noqa: N802 - it makes an instance of a class that exists only where langchain_core does
    *,
    emitter: Optional[TraceEmitter] = None,
    session: Optional[SessionTrace] = None,
    parent: Optional[ActiveStep] = None,
) -> Any:
    """A handler for ``callbacks``. Without ``session`` it starts a session for each run at the root, with ``emitter``, or
    with one from the environment."""
    from langchain_core.callbacks import BaseCallbackHandler  # type: ignore[import-not-found]

    handler = type("AgentTraceHandler", (_Callbacks, BaseCallbackHandler), {"run_inline": True})()
    handler._runs = Runs(emitter, session, parent)
    return handler
