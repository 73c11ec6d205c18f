#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every module parses, and every file that is imported exists.
# shellcheck source=tests/lint/lib/lint.sh
. "$(dirname "$0")/lib/lint.sh"

while read -r file; do
    case $file in
    *.js) node --input-type=module --check <"$file" || bad "$file" ;;
    *) node --check "$file" || bad "$file" ;;
    esac
    while read -r import; do
        [[ $import == ./vendor/* || $import == */vendor/* ]] || [ -e "$(dirname "$file")/$import" ] ||
            bad "$file: imports $import, which is not there"
    done < <(sed -nE "s/^[^/]*(from|import)[[:space:]]*\(?[[:space:]]*['\"](\.[^'\"]+)['\"].*/\2/p" "$file")
done < <(files '*.js' '*.mjs')
finish
