# SPDX-License-Identifier: Apache-2.0
"""Runs a scenario (drive.mjs) with clients/python and prints what happened, a line an event, as driver.mjs does."""

import json
import pathlib
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "clients" / "python"))

from agent_trace import SessionTrace, TraceEmitter  # noqa: E402

scenario = json.loads(sys.argv[1])
saying = threading.Lock()
SECONDS = {
    "requestTimeoutMs": "request_timeout",
    "ackTimeoutMs": "ack_timeout",
    "deliverTimeoutMs": "deliver_timeout",
    "heartbeatMs": "heartbeat",
}


def say(*words: object) -> None:
    with saying:
        print(*words, flush=True)


def camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def run_step(session: SessionTrace, i: int) -> None:
    step = session.start_step("thinking")
    say("start", step.started)
    say("step", session.id, step.id)
    for k in range(scenario["words"]):
        step.progress(delta=f"{i}.{k} \U0001f9f5 ")
        time.sleep(scenario["pauseMs"] / 1000)
    sources = [{"type": "web", "title": "Weaving", "url": "https://weaving.example/a b"}]
    session.record("tool_call", parent=step, content={"tool": "loom"}, sources=sources)
    step.complete(usage={"model": "none", "input_tokens": 3, "output_tokens": scenario["words"]})


def run_session(emitter: TraceEmitter) -> None:
    session = emitter.for_session(title="Scenario", stream_id=scenario.get("streamId"))
    say("session", session.id)
    for i in range(scenario["steps"]):
        run_step(session, i)
    for i in range(scenario["whole"]):
        session.record("thinking", content=f"whole {i}")
    if "ask" in scenario:
        asked = scenario["ask"]
        made = session.ask(asked["question"], options=asked["options"], timeout=asked["timeoutS"])
        say("answer", made.result, made.option, made.decided_by.get("id", ""), made.note)
    if scenario["until"] == "ended":
        while not session.ended:
            time.sleep(0.01)
        return
    say("complete", session.notify_completed(timeout=120))


def main() -> None:
    config = scenario["config"]
    options = {name: config[wire] / 1000 for wire, name in SECONDS.items() if wire in config}
    if "queueLength" in config:
        options["queue_length"] = config["queueLength"]
    emitter = TraceEmitter(on_log=lambda *words: say("log", *words), on_ended=lambda *words: say("ended", *words), **options)
    threads = [threading.Thread(target=run_session, args=(emitter,)) for _ in range(scenario["sessions"])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    say("flush", json.dumps(emitter.flush(120)._asdict()))
    say("stats", json.dumps({camel(name): value for name, value in emitter.stats().items()}))


main()
