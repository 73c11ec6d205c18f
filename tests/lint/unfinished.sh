#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Unfinished work is recorded as an issue: a mark in the source must name the issue's number.
# shellcheck source=tests/lint/lib/lint.sh
. "$(dirname "$0")/lib/lint.sh"

while IFS= read -r line; do
    bad "$line"
done < <(files '*.c' '*.h' '*.js' '*.mjs' '*.css' '*.html' '*.sh' '*.sql' '*.md' '*.mk' '*.ac' '*.in' run check |
    grep -v '^tests/lint/' | xargs grep -nE '\b(TODO|FIXME|XXX|HACK)\b' | grep -vE '\b(TODO|FIXME) \(?#[0-9]+' || true)
finish
