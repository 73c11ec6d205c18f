#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Forbidden calls in C, SQL outside of store/, and markup set outside of static/markdown.js.
# shellcheck source=tests/lint/lib/lint.sh
. "$(dirname "$0")/lib/lint.sh"

while IFS= read -r line; do
    bad "$line: use base/buf.h, snprintf or str_to_i64"
done < <(files '*.c' '*.h' | xargs grep -nE '\b(strcpy|strcat|sprintf|vsprintf|strtok|atoi|atol|gets|alloca|strncpy)[[:space:]]*\(' || true)
while IFS= read -r line; do
    bad "$line: SQL belongs to store/"
done < <(files 'cgi/*.c' 'admin/*.c' 'agent/*.c' 'emitter/*.c' |
    xargs -r grep -nE '"[[:space:]]*(SELECT|INSERT INTO|UPDATE|DELETE FROM|WITH) [^"]*' || true)
while IFS= read -r line; do
    bad "$line: only static/markdown.js may"
done < <(files 'static/*.js' | grep -vE '(^|/)markdown[^/]*\.js$' | xargs -r grep -nE '\b(innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\()' || true)
finish
