#!/usr/bin/env bash
# C is formatted as .clang-format says (clang-format 14: other versions differ).
# shellcheck source=tests/lint/lib/lint.sh
. "$(dirname "$0")/lib/lint.sh"

while read -r file; do
    clang-format "$file" | cmp -s - "$file" || bad "$file: run make format"
done < <(files '*.c' '*.h')
finish
