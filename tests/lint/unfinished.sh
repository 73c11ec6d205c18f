#!/usr/bin/env bash
# Unfinished business is an issue, not a remark: a mark without an issue number is not allowed.
# shellcheck source=tests/lint/lib/lint.sh
. "$(dirname "$0")/lib/lint.sh"

while IFS= read -r line; do
    bad "$line"
done < <(files '*.c' '*.h' '*.js' '*.mjs' '*.css' '*.html' '*.sh' '*.sql' '*.md' '*.mk' '*.ac' '*.in' run check |
    grep -v '^tests/lint/' | xargs grep -nE '\b(TODO|FIXME|XXX|HACK)\b' | grep -vE '\b(TODO|FIXME) \(?#[0-9]+' || true)
finish
