#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Arrows point down only: cgi sse admin -> store -> wire -> base, agent -> emitter and base; each foreign header has one
# door, and what is the store's own stays there, so nobody above it sees a result of libpq; the files of one room do not include each other in a circle. With --picture, prints the arrows that there are.
# shellcheck source=tests/lint/lib/lint.sh
. "$(dirname "$0")/lib/lint.sh"

declare -A may=([base]=base [wire]='wire base' [store]='store wire base' [cgi]='cgi ingest oidc store wire base' [oidc]='oidc base' [ingest]='ingest base' [sse]='sse store wire base' [relay]='relay wire base'
    [admin]='admin store wire base' [emitter]=emitter [agent]='agent emitter base' [conf]='conf base'
    [tests]='tests base wire store ingest oidc cgi sse relay admin emitter agent conf')

# door HEADER PATTERN: only files that match the pattern include it.
declare -A door=(
    [fcgiapp.h]='^cgi/fcgi\.[ch]$'
    [fcgi_stdio.h]='^$'
    [libpq-fe.h]='^(store/[a-z_]*\.[ch]|sse/(db|database|pg)[a-z_]*\.[ch]|tests/.*)$'
    [store/pg_value.h]='^(store/|sse/|tests/)'
    [store/statement.h]='^store/'
    [store/notify_columns.h]='^store/'
    [store/step_columns.h]='^(store/|tests/)'
    [cjose/cjose.h]='^oidc/token\.c$'
    [openssl/evp.h]='^(base/mac|oidc/token)\.c$'
    [curl/curl.h]='^(oidc/fetch\.c|emitter/emit_http\.c|emitter/examples/.*|agent/[a-z_]*\.[ch]|admin/commands/(collector|webhook_http)\.c|tests/.*)$'
    [argon2.h]='^(base/[a-z_]*(password|secret)[a-z_]*\.c|tests/.*)$'
    [gumbo.h]='^(agent/[a-z_]*html[a-z_]*\.c|tests/.*)$'
    [json-c/json.h]='^ingest/value\.c$'
    [nats/nats.h]='^relay/bridge\.c$'
    [openssl/hmac.h]='^base/mac\.c$'
    [re2/re2.h]='^base/pattern\.cc$'
    [zlib.h]='^(ingest/gunzip\.c|tests/.*)$'
)

# A module is a file and its header. These are larger: their files are parts of one subject and may know each other.
declare -A module=(
    [admin/commands/options]=admin/commands/command
    [agent/transfer]=agent/http
    [emitter/emit_notice]=emitter/emit_core
    [sse/conn_parts]=sse/conn [sse/conn_write]=sse/conn
    [sse/room_events]=sse/room [sse/room_steps]=sse/room [sse/rooms]=sse/room
    [store/pg_verdict]=store/pg
)

# A line "FROM TO" for each include of ours, without the tests', and without suffixes.
edges() {
    local file
    while read -r file; do
        sed -nE "s|^[[:space:]]*#[[:space:]]*include[[:space:]]+\"(.*)\\.h\".*|${file%.*} \1|p" "$file"
    done < <(files '*.c' '*.h' ':!tests')
}

if [ "${1:-}" = --picture ]; then
    edges | sed -E 's|/[^ ]*||g' | awk '$1 != $2' | sort -u |
        awk '{ to[$1] = to[$1] " " $2 } END { for (room in to) printf "%-8s ->%s\n", room, to[room] }' | sort
    exit 0
fi

# tsort names the members of each circle that it has to break.
while read -r line; do bad "modules include each other in a circle: $line"; done < <(
    edges | while read -r from to; do
        printf '%s %s\n' "${module[$from]:-$from}" "${module[$to]:-$to}"
    done | sort -u | awk '$1 != $2' | { tsort 2>&1 >/dev/null || true; } |
        sed -nE '/loop/{s/.*/\x01/;p;d}; s/^tsort: //p' | tr '\n' ' ' | tr '\001' '\n' | sed -E '/^ *$/d'
)

while read -r file; do
    room=${file%%/*}
    while read -r kind header; do
        if [ "$kind" = '"' ]; then
            target=${header%%/*}
            [[ $header == */* ]] || bad "$file: \"$header\" is not included from the root"
            [[ " ${may[$room]:-} " == *" $target "* ]] || bad "$file: $room must not include $target ($header)"
        fi
        if [ -n "${door[$header]:-}" ] && ! [[ $file =~ ${door[$header]} ]]; then
            bad "$file: $header has another door"
        fi
    done < <(sed -nE 's/^[[:space:]]*#[[:space:]]*include[[:space:]]+(["<])([^">]+)[">].*/\1 \2/p' "$file")
done < <(files '*.c' '*.h' '*.cc')
finish
