#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs shellcheck over every shell script.
# shellcheck source=tests/lint/lib/lint.sh
. "$(dirname "$0")/lib/lint.sh"

mapfile -t scripts < <(files '*' | xargs grep -lE '^#!.*\b(ba)?sh\b|^# shellcheck shell=' 2>/dev/null)
shellcheck -x "${scripts[@]}" || bad "shellcheck"
finish
