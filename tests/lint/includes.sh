#!/usr/bin/env bash
# Arrows point down only: cgi sse admin -> lib, agent -> emitter; each foreign header has one door.
# shellcheck source=tests/lint/lib/lint.sh
. "$(dirname "$0")/lib/lint.sh"

declare -A may=([lib]=lib [cgi]='cgi lib' [sse]='sse lib' [admin]='admin lib' [emitter]=emitter [agent]='agent emitter'
    [tests]='tests lib cgi sse admin emitter agent')

# door HEADER PATTERN: only files that match the pattern include it.
declare -A door=(
    [fcgiapp.h]='^cgi/fcgi\.[ch]$'
    [fcgi_stdio.h]='^$'
    [libpq-fe.h]='^(lib/pg[a-z_]*\.[ch]|lib/store_[a-z_]*\.c|sse/(db|database|pg)[a-z_]*\.[ch]|tests/.*)$'
    [curl/curl.h]='^(emitter/emit_http\.c|emitter/examples/.*|agent/[a-z_]*\.[ch]|tests/.*)$'
    [argon2.h]='^(lib/[a-z_]*(password|secret)[a-z_]*\.c|tests/.*)$'
    [gumbo.h]='^(agent/[a-z_]*html[a-z_]*\.c|tests/.*)$'
)

while read -r file; do
    room=${file%%/*}
    while read -r kind header; do
        if [ "$kind" = '"' ]; then
            target=${header%%/*}
            [[ $header == */* ]] || bad "$file: \"$header\" is not included from the root"
            [[ " ${may[$room]:-} " == *" $target "* ]] || bad "$file: $room must not include $target ($header)"
        elif [ -n "${door[$header]:-}" ] && ! [[ $file =~ ${door[$header]} ]]; then
            bad "$file: <$header> has another door"
        fi
    done < <(sed -nE 's/^[[:space:]]*#[[:space:]]*include[[:space:]]+(["<])([^">]+)[">].*/\1 \2/p' "$file")
done < <(files '*.c' '*.h')
finish
