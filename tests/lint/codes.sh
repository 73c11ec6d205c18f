#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every error code that a program or nginx answers is in the table of docs/api.md, and every one there exists.
# shellcheck source=tests/lint/lib/lint.sh
. "$(dirname "$0")/lib/lint.sh"

# A code is written after a status, or in a table before its sentence.
in_code() {
    local literal='s/.*"([a-z]+(_[a-z]+)*)"$/\1/'
    {
        cat cgi/*.c | tr '\n' ' ' | grep -oE 'problem(_with)?\( *[a-z]+, *[0-9a-z]+, *"[a-z_]+"' | sed -E "$literal"
        cat cgi/*.c | tr '\n' ' ' | grep -oE '\{"[a-z_]+", *"[A-Z][^"]*\."' | sed -E 's/^\{"([a-z_]+)".*/\1/'
        cat cgi/*.c | tr '\n' ' ' | grep -oE 'field_problem\( *[a-z]+, *"[a-z_]+"' | sed -E "$literal"
        sed -nE 's/.*"code":"([a-z_]+)".*/\1/p' conf/nginx/problems.conf.in
    } | sort -u
}

# shellcheck disable=SC2016
in_document() { sed -n '/^## Errors/,/^## Limits/p' docs/api.md | grep -E '^\| [0-9]' | cut -d'|' -f3 | grep -oE '`[a-z_]+`' | tr -d '`' | sort -u; }

while read -r code; do bad "$code is not in docs/api.md"; done < <(comm -23 <(in_code) <(in_document))
while read -r code; do bad "docs/api.md: nobody answers $code"; done < <(comm -13 <(in_code) <(in_document))
[ "$(in_code | wc -l)" -gt 10 ] || bad "no codes found: has their form changed?"
finish
