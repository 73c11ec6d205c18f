#!/usr/bin/env bash
# A file over 400 lines has a second subject in it.
# shellcheck source=tests/lint/lib/lint.sh
. "$(dirname "$0")/lib/lint.sh"

while read -r file; do
    lines=$(wc -l <"$file")
    [ "$lines" -le 400 ] || bad "$file: $lines lines"
done < <(files '*.c' '*.h' '*.js' '*.mjs' '*.css' '*.html' '*.sh' '*.sql' '*.mk' run check conf/run/prepare conf/run/announce)
finish
