#!/usr/bin/env bash
# Every shell script, by shellcheck.
# shellcheck source=tests/lint/lib/lint.sh
. "$(dirname "$0")/lib/lint.sh"

mapfile -t scripts < <(files '*' | xargs grep -lE '^#!.*\b(ba)?sh\b|^# shellcheck shell=' 2>/dev/null)
shellcheck -x "${scripts[@]}" || bad "shellcheck"
finish
