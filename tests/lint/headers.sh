#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every header compiles alone.
# shellcheck source=tests/lint/lib/lint.sh
. "$(dirname "$0")/lib/lint.sh"

flags=$(cflags)
while read -r file; do
    # shellcheck disable=SC2086
    printf '#include "%s"\ntypedef int no_empty_unit;\n' "$file" | gcc $flags -Werror -fsyntax-only -x c - || bad "$file does not compile alone"
done < <(files '*.h' | grep -v '^sse/nginx/') # those are compiled by nginx's own build
finish
