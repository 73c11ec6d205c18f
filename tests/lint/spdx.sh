#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every source file names its licence in its head.
# shellcheck source=tests/lint/lib/lint.sh
. "$(dirname "$0")/lib/lint.sh"

while read -r file; do
    head -n 3 "$file" | grep -qF 'SPDX-License-Identifier: Apache-2.0' || bad "$file: no SPDX line in its head"
done < <(files '*.c' '*.cc' '*.h' '*.js' '*.mjs' '*.css' '*.sh' '*.mk' '*.py' run check | grep -v '^tests/fuzz/corpus/')
finish
