#!/usr/bin/env bash
# clang has nothing to say either: a build of its own, with the tests, without a warning.
# shellcheck source=tests/lint/lib/lint.sh
. "$(dirname "$0")/lib/lint.sh"

compile_all build-clang all check-programs -- --enable-werror CC=clang || bad "clang complains"
finish
