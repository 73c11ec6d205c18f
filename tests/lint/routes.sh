#!/usr/bin/env bash
# Every route of the FastCGI programs is in the README's table, and every one there exists.
# shellcheck source=tests/lint/lib/lint.sh
. "$(dirname "$0")/lib/lint.sh"

flags=$(cflags)

# Preprocessed, for a pattern may be a macro and a string behind it.
in_code() {
    # shellcheck disable=SC2086
    grep -lE '\{METHOD_' cgi/*.c | xargs -I {} gcc $flags -E -P {} | tr '\n' ' ' |
        grep -oE '\{ ?METHOD_[A-Z]+, ("[^"]*" ?)+' |
        sed -E 's/" ?"//g; s/^\{ ?METHOD_([A-Z]+), "([^"]*)".*$/\1 \2/' | grep -E '^[A-Z]+ /' | sort -u
}

# shellcheck disable=SC2016
in_readme() { grep -oE '`(GET|POST|PATCH|DELETE) /[^` ]*`' README.md | tr -d '`' | sort -u; }

while read -r route; do bad "$route is not in README.md"; done < <(comm -23 <(in_code) <(in_readme))
while read -r route; do bad "README.md: there is no $route"; done < <(comm -13 <(in_code) <(in_readme))
[ "$(in_code | wc -l)" -gt 20 ] || bad "no routes found: has their form changed?"
finish
