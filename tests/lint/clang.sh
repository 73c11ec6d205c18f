#!/usr/bin/env bash
# clang has nothing to say either.
# shellcheck source=tests/lint/lib/lint.sh
. "$(dirname "$0")/lib/lint.sh"

# shellcheck disable=SC2001
flags=$(cflags | sed 's/-ftrivial-auto-var-init=zero//; s/-D_FORTIFY_SOURCE=[0-9]//')
export flags
# shellcheck disable=SC2317 # xargs calls it
compile() {
    # shellcheck disable=SC2086
    clang $flags -Werror -O1 -c -o /dev/null "$1"
}
export -f compile
files '*.c' | xargs -P 2 -I {} bash -c 'compile {}' || bad "clang complains"
finish
