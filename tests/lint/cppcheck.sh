#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs cppcheck with its warning, portability and performance checks.
# shellcheck source=tests/lint/lib/lint.sh
. "$(dirname "$0")/lib/lint.sh"

# Suppressed: legacyUninitvar does not see that a value is read only after its status was checked; gcc and the analyzer do.
# arrayIndexThenCheck takes any comparison of an index for a bound check. autoVariables does not see that the pointer is no
# longer used when the function ends; gcc's -Wdangling-pointer does.
mkdir -p tests/artefacts/cppcheck
mapfile -t sources < <(files "*.c" | grep -v "^tests/")
cppcheck --quiet --std=c11 --enable=warning,portability,performance --inline-suppr --error-exitcode=1 -j 2 \
    --cppcheck-build-dir=tests/artefacts/cppcheck --suppress=missingIncludeSystem --suppress=normalCheckLevelMaxBranches \
    --suppress=unknownMacro --suppress=legacyUninitvar --suppress=arrayIndexThenCheck \
    --suppress=autoVariables -D_GNU_SOURCE -I. \
    --include=/usr/include/x86_64-linux-gnu/sys/queue.h "${sources[@]}" || bad "cppcheck"
finish
