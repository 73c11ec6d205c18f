#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# C is formatted as .clang-format says (clang-format 14: other versions differ).
# shellcheck source=tests/lint/lib/lint.sh
. "$(dirname "$0")/lib/lint.sh"

while read -r file; do
    clang-format "$file" | cmp -s - "$file" || bad "$file: run make format"
done < <(files '*.c' '*.cc' '*.h')
finish
