# What the linters share: each prints what is wrong, one place a line, and ends with `finish`.
# shellcheck shell=bash
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."

# Tracked files, and new ones that are not ignored; a file removed but not yet committed is neither.
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

# The build directory of `check`, for compile flags and programs.
build=${TRACE_TEST_BUILD:-build-check}
cflags() { make -s -C "$build" print-cflags | tail -n 1; }

# compile_all DIRECTORY TARGET… -- ARGUMENT_OF_CONFIGURE…: by another compiler, out of tree; again only what has changed.
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
    make -k -s -C "$directory" -j 2 "${targets[@]}"
}
