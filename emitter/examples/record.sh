#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The same session as record.c in plain curl. Reads TRACE_URL TRACE_WORKSPACE TRACE_TOKEN TRACE_STREAM.
# A longer run also calls POST …/heartbeat every 15 s, and stops when that answers 409.
set -eu
api=$TRACE_URL/api/workspaces/$TRACE_WORKSPACE

# post PATH JSON: the answer's body; fails on a status of 400 and above.
post() {
    curl -sS --fail-with-body --retry 5 -H "Authorization: Bearer $TRACE_TOKEN" -H 'Content-Type: application/json' \
        -d "$2" "$api/$1"
}
# id PREFIX: the first id of that kind in an answer.
id() { grep -o "\"id\":[[:space:]]*\"$1_[0-9A-Z]*\"" | head -n 1 | cut -d '"' -f 4; }

session=$(post agent-sessions "{\"streamId\":\"$TRACE_STREAM\",\"title\":\"Counting\"}" | id ses)
step=$(post "agent-sessions/$session/steps" '{"stepType":"thinking"}' | id stp)
text=''
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    text="$text$i … "
    post "agent-sessions/$session/steps/$step/progress" "{\"content\":\"$text\"}" >/dev/null
    sleep 0.1
done
post "agent-sessions/$session/steps/$step/complete" "{\"content\":\"$text\"}" >/dev/null
message=$(post "streams/$TRACE_STREAM/messages" \
    "{\"content\":\"Twenty.\",\"clientMessageId\":\"answer-$session\",\"sessionId\":\"$session\"}" | id msg)
post "agent-sessions/$session/steps" \
    "{\"stepType\":\"message_sent\",\"completed\":true,\"content\":\"Twenty.\",\"messageId\":\"$message\"}" >/dev/null
post "agent-sessions/$session/complete" "{\"responseMessageId\":\"$message\"}" >/dev/null
echo "$session delivered"
