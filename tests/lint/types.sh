#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The page's types hold: tsc reads static/ with the shapes of static/types/ and writes nothing.
# shellcheck source=tests/lint/lib/lint.sh
. "$(dirname "$0")/lib/lint.sh"

tests/lint/tools/node_modules/.bin/tsc -p static || bad "tsc found faults"
finish
