#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The running session of the demo: asks the server how it is, every few seconds, and shows what came of it in a step that
# stays open until the demo is stopped. ./run keeps it going, in a directory with agent.env.
set -u
# shellcheck source=/dev/null
. ./agent.env
sessions=$TRACE_URL/api/workspaces/$TRACE_WORKSPACE/agent-sessions

pid=''
trap 'stopped=1; [ -z "$pid" ] || kill "$pid"' TERM INT
stopped=0 session='' told='' step='' asked=0 answered=0 said=''

# ask PATH BODY [OPTION…]: a call of the API. The token is not among the arguments, which everybody can see.
ask() { curl -sS -m 5 -H @<(printf 'Authorization: Bearer %s\n' "$TRACE_TOKEN") --json "$2" "${@:3}" "$sessions$1"; }

# A pause that a signal ends.
pause() {
    [ $stopped = 0 ] || return 0
    sleep "$1" &
    pid=$!
    wait $pid
    pid=''
}

look() {
    local took
    asked=$((asked + 1))
    if took=$(curl -sS -f -m 5 -o /dev/null -w '%{time_total}' "$TRACE_URL/healthz"); then
        answered=$((answered + 1))
        said="The server is healthy. It answered $answered of $asked times, the last time after $took s."
    else
        said="The server does not answer. It answered $answered of $asked times."
    fi
}

# id_of PREFIX: the id of that kind in a reply.
id_of() { grep -o "$1_[0-9A-Z]*" | head -n 1; }

begin() {
    curl -sS -f -m 5 -o /dev/null "$TRACE_URL/healthz" 2>/dev/null || return 1
    session=$(ask '' '{"title":"Watch over this server","source":{"kind":"demo"},"tags":["example"]}' -f | id_of ses)
    [ -n "$session" ]
}

# Opens the step that shows what the server says. What fails is tried again at the next look.
open_step() {
    [ -n "$told" ] || told=$(ask "/$session/steps" '{"stepType":"thinking","completed":true,"content":"I ask this server how it is, every five seconds, for as long as the demo runs. The next step shows what it says."}' -f | id_of stp)
    [ -z "$told" ] || step=$(ask "/$session/steps" '{"stepType":"tool_call","name":"healthz"}' -f | id_of stp)
}

# False once somebody has ended the session.
is_wanted() { [ "$(ask "/$session/heartbeat" '{}' -o /dev/null -w '%{http_code}')" != 409 ]; }

until begin; do
    [ $stopped = 0 ] || exit 0
    pause 0.5
done
while [ $stopped = 0 ] && is_wanted; do
    [ -n "$step" ] || open_step
    look
    [ -z "$step" ] || ask "/$session/steps/$step/progress" "{\"content\":\"$said\",\"checkpoint\":true}" -o /dev/null
    pause 5
done
if [ $stopped = 0 ]; then
    echo "somebody has ended the session: it is watched no longer"
    pause infinity
    exit 0
fi
[ -z "$step" ] || ask "/$session/steps/$step/complete" "{\"content\":{\"tool\":\"healthz\",\"args\":{\"everySeconds\":5},\"result\":\"$said\"}}" -o /dev/null
ask "/$session/complete" '{}' -o /dev/null
