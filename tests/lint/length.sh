#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# No file has more than 400 lines: a longer one has a second subject.
# shellcheck source=tests/lint/lib/lint.sh
. "$(dirname "$0")/lib/lint.sh"

while read -r file; do
    lines=$(wc -l <"$file")
    [ "$lines" -le 400 ] || bad "$file: $lines lines"
done < <(files '*.c' '*.cc' '*.h' '*.js' '*.mjs' '*.css' '*.html' '*.sh' '*.sql' '*.mk' '*.in' '*.py' '*.ac' '*.am' run check conf/run/prepare conf/run/announce)
finish
