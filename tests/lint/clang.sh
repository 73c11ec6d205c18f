#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Everything, tests included, also compiles with clang without a warning.
# shellcheck source=tests/lint/lib/lint.sh
. "$(dirname "$0")/lib/lint.sh"

compile_all build-clang all check-programs -- --enable-werror CC=clang || bad "clang complains"
finish
