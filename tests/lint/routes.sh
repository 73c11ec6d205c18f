#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every route of the FastCGI programs is in the tables of docs/api.md, and every one there exists.
# shellcheck source=tests/lint/lib/lint.sh
. "$(dirname "$0")/lib/lint.sh"

flags=$(cflags)

# The sources are preprocessed, because a pattern may consist of a macro and a string.
in_code() {
    # shellcheck disable=SC2086
    grep -lE '\{METHOD_' cgi/*.c | xargs -I {} gcc $flags -E -P {} | tr '\n' ' ' |
        grep -oE '\{ ?METHOD_[A-Z]+, ("[^"]*" ?)+' |
        sed -E 's/" ?"//g; s/^\{ ?METHOD_([A-Z]+), "([^"]*)".*$/\1 \2/' | grep -E '^[A-Z]+ /' | sort -u
}

# shellcheck disable=SC2016
in_document() { grep -oE '^\| `(GET|POST|PUT|PATCH|DELETE) /[^` ]*`' docs/api.md | cut -c 3- | tr -d '`' | sort -u; }

while read -r route; do bad "$route is not in docs/api.md"; done < <(comm -23 <(in_code) <(in_document))
while read -r route; do bad "docs/api.md: there is no $route"; done < <(comm -13 <(in_code) <(in_document))
[ "$(in_code | wc -l)" -gt 20 ] || bad "no routes found: has their form changed?"
finish
