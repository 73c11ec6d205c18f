#!/usr/bin/env bash
# gcc's analyzer over the programs, two files at a time, each with a bound: it can take for ever on one.
# shellcheck source=tests/lint/lib/lint.sh
. "$(dirname "$0")/lib/lint.sh"

compile_all build-analyzer all -- CC='timeout 120 gcc -fanalyzer -Wno-analyzer-too-complex' || bad "the analyzer complains"
finish
