#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# JavaScript, CSS and HTML are formatted as .prettierrc.yaml says.
# shellcheck source=tests/lint/lib/lint.sh
. "$(dirname "$0")/lib/lint.sh"

mapfile -t sources < <(files '*.js' '*.mjs' '*.css' '*.html' '*.json')
tests/lint/tools/node_modules/.bin/prettier --check --log-level warn "${sources[@]}" || bad "run make format"
finish
