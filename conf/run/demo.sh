# SPDX-License-Identifier: Apache-2.0
# The example sessions of the demo, recorded once through the API as any agent would. (The running one is recorded by
# admin/demo/watch.sh, for as long as the demo runs.) A file has the session in its first line, how it ends in its last, and
# between them a batch of steps. Ids come from the session's own, and times count from its start, so that what was
# interrupted can be repeated.
# shellcheck shell=bash disable=SC2154

# The token is not among the arguments, which everybody can see.
demo_call() { curl -sS -f -m 20 -H @<(printf 'Authorization: Bearer %s\n' "$TRACE_TOKEN") "${@:2}" "$sessions$1"; }

# demo_fill STREAM SESSION START: copies standard input, with stream, steps and times in the place of {…}.
demo_fill() {
    local line time
    while IFS= read -r line; do
        line=${line//'{stream}'/$1}
        line=${line//'{step}'/stp_${2:4:24}}
        while [[ $line =~ \{t\+([0-9]+)(\.[0-9]+)?\} ]]; do
            TZ=UTC printf -v time '%(%FT%T)T' $(($3 + BASH_REMATCH[1]))
            line=${line//"${BASH_REMATCH[0]}"/$time${BASH_REMATCH[2]}Z}
        done
        printf '%s\n' "$line"
    done
}

# demo_session NAME STREAM SECONDS_AGO
demo_session() {
    local file=$RUN_PREFIX/share/agent-trace/demo/$1.ndjson session id start ending how=complete
    session=$(head -n 1 "$file" | demo_fill "$2" '' $((EPOCHSECONDS - $3)) | demo_call '' --json @-) || return 1
    id=$(grep -o 'ses_[0-9A-Z]*' <<<"$session" | head -n 1)
    start=$(grep -o '"startedAt":"[^"]*"' <<<"$session" | head -n 1 | cut -d '"' -f 4)
    start=$(date -d "$start" +%s) || return 1
    sed '1d;$d' "$file" | demo_fill '' "$id" "$start" |
        demo_call "/$id/batch" -H 'Content-Type: application/x-ndjson' --data-binary @- >/dev/null || return 1
    ending=$(tail -n 1 "$file" | demo_fill '' "$id" "$start")
    [[ $ending != *'"error"'* ]] || how=fail
    demo_call "/$id/$how" --json "$ending" >/dev/null
}

# What the file names: the channels, if nobody has renamed them, and the mark that is left when all is recorded
# (conf/run/seed.sh).
demo_sessions() {
    local sessions=$TRACE_URL/api/workspaces/$TRACE_WORKSPACE/agent-sessions
    # shellcheck source=/dev/null
    . "$1"
    demo_session finished "${DEMO_CUSTOMERS:-$TRACE_STREAM}" 5400 || die "the finished example session could not be recorded"
    demo_session failed "${DEMO_ENGINEERING:-$TRACE_STREAM}" 2700 || die "the failed example session could not be recorded"
    demo_session nested "${DEMO_LAUNCH:-$TRACE_STREAM}" 900 || die "the nested example session could not be recorded"
    : >"$DEMO_MARK"
    rm -f "$1"
}
