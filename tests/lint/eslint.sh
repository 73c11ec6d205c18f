#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# JavaScript keeps the rules of eslint.config.mjs: nothing undefined, nothing unused.
# shellcheck source=tests/lint/lib/lint.sh
. "$(dirname "$0")/lib/lint.sh"

mapfile -t sources < <(files '*.js' '*.mjs')
tests/lint/tools/node_modules/.bin/eslint "${sources[@]}" || bad "eslint found faults"
finish
