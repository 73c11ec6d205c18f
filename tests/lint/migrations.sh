#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# No two migrations have one number. There may be gaps: numbers are given before the work begins.
# shellcheck source=tests/lint/lib/lint.sh
. "$(dirname "$0")/lib/lint.sh"

count=0 last=0
while read -r file; do
    name=${file##*/} count=$((count + 1))
    number=$((10#${name%%_*}))
    [ "$number" -gt "$last" ] || bad "$file: its number is taken"
    last=$number
done < <(files 'migrations/[0-9]*.sql')
[ "$count" -gt 0 ] || bad "no migrations found"
finish
