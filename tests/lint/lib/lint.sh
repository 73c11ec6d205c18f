# SPDX-License-Identifier: Apache-2.0
# Shared by the lints: each prints one line for each fault and ends with `finish`.
# shellcheck shell=bash
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."

# Lists tracked files and new ones that are not ignored, without those that have been removed but not yet committed.
files() { git ls-files --cached --others --exclude-standard -- "$@" | sort -u | while read -r f; do [ ! -e "$f" ] || printf '%s\n' "$f"; done; }

wrong=0
bad() {
    printf '%s\n' "$*"
    wrong=$((wrong + 1))
}

finish() {
    [ "$wrong" = 0 ] || { printf '%d to mend\n' "$wrong" && exit 1; }
    exit 0
}

# The build directory of `check`, from which compile flags and programs are taken.
build=${TRACE_TEST_BUILD:-build-check}
cflags() { make -s -C "$build" print-cflags | tail -n 1; }

# compile_all DIRECTORY TARGET… -- ARGUMENT…: compiles out of tree, configured with these arguments; only what has changed.
compile_all() {
    local directory=$1 targets=()
    shift
    while [ "$1" != -- ]; do
        targets+=("$1")
        shift
    done
    shift
    mkdir -p "$directory"
    [ -f "$directory/config.status" ] || (cd "$directory" && ../configure -q "$@")
    # One after the other: `all` is a make of its own, which would compile the same objects at the same time.
    local target status=0
    for target in "${targets[@]}"; do
        make -k -s -C "$directory" -j 2 "$target" || status=1
    done
    return $status
}
