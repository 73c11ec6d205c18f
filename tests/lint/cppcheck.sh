#!/usr/bin/env bash
# cppcheck, with its warnings, portability and performance remarks.
# shellcheck source=tests/lint/lib/lint.sh
. "$(dirname "$0")/lib/lint.sh"

mkdir -p tests/artefacts/cppcheck
mapfile -t sources < <(files "*.c" | grep -v "^tests/")
cppcheck --quiet --std=c11 --enable=warning,portability,performance --inline-suppr --error-exitcode=1 -j 2 \
    --cppcheck-build-dir=tests/artefacts/cppcheck --suppress=missingIncludeSystem --suppress=normalCheckLevelMaxBranches \
    --suppress=unknownMacro -D_GNU_SOURCE -I. \
    --include=/usr/include/x86_64-linux-gnu/sys/queue.h "${sources[@]}" || bad "cppcheck"
finish
