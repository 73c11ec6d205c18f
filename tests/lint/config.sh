#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every configuration key is in the sample file and in docs/configuration.md, with its default; and no other.
# shellcheck source=tests/lint/lib/lint.sh
. "$(dirname "$0")/lib/lint.sh"

# check TABLE SAMPLE: compares the keys of a table in C with a sample file.
check() {
    local key
    if [ ! -f "$1" ] || [ ! -f "$2" ]; then
        bad "$1 or $2 is not there"
        return
    fi
    while read -r key; do
        grep -qE "^#?$key=" "$2" || bad "$key is not in $2"
        grep -qF "| \`$key\` |" docs/configuration.md || bad "$key is not in docs/configuration.md"
    done < <(grep -oE '\{"(TRACE|OTEL)_[A-Z_]+"' "$1" | tr -d '{"' | sort -u)
    while read -r key; do
        grep -qF "{\"$key\"" "$1" || bad "$2: $1 knows no $key"
    done < <(grep -oE '^#?(TRACE|OTEL)_[A-Z_]+=' "$2" | tr -d '#=' | sort -u)
}

check base/config.c conf/agent-trace.env
check agent/settings.c conf/trace-agent.env

# The sample is what the programs print, except for the one key that has no default.
admin=$build/admin/trace-admin
diff <("$admin" config 2>/dev/null | sed 's/^TRACE_DATABASE_URL=$/TRACE_DATABASE_URL=postgresql:\/\/trace_app@\/trace/') \
    <(sed '1,/^$/d' conf/agent-trace.env; echo) || bad "conf/agent-trace.env is not what trace-admin config prints"
finish
