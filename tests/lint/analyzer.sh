#!/usr/bin/env bash
# gcc's analyzer, two files at a time, each with a bound: it can take for ever on one.
# shellcheck source=tests/lint/lib/lint.sh
. "$(dirname "$0")/lib/lint.sh"

flags=$(cflags)
export flags
# shellcheck disable=SC2317 # xargs calls it
analyse() {
    # shellcheck disable=SC2086
    timeout 120 gcc $flags -fanalyzer -Wno-analyzer-too-complex -Werror -c -o /dev/null "$1" || {
        status=$?
        [ $status = 124 ] && printf '%s: not through in 120 s\n' "$1"
        return $status
    }
}
export -f analyse
files '*.c' | grep -v '^tests/' | xargs -P 2 -I {} bash -c 'analyse {}' || bad "the analyzer complains"
finish
