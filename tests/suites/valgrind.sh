# SPDX-License-Identifier: Apache-2.0
# Runs the pusher and the agent in valgrind, by replacing the installed programs with scripts that start them there.
# Valgrind's findings are collected by program, because the tests see only that everything is slow.
# shellcheck shell=bash disable=SC2034,SC2154

valgrind_programs=(libexec/trace-pusher bin/trace-agent)
# The factor by which tests wait longer.
valgrind_patience=6
valgrind_tests='integration/(sse_|door|ordering|agent|instances)'
valgrind_options=(--quiet --leak-check=full --show-leak-kinds=all --errors-for-leak-kinds=all --error-exitcode=99
    --num-callers=30)

# Wraps the programs in $prefix; needed after every installation.
valgrind_wrap() {
    local program name
    valgrind_logs=$prefix/valgrind
    rm -rf "$valgrind_logs"
    mkdir -m 1777 "$valgrind_logs"
    for program in "${valgrind_programs[@]}"; do
        name=$(basename "$program")
        [ "$(head -c 2 "$prefix/$program")" = '#!' ] || mv "$prefix/$program" "$prefix/libexec/$name.bare"
        {
            printf '#!/bin/sh\nexec valgrind'
            printf " '%s'" "${valgrind_options[@]}" "--log-file=$valgrind_logs/$name.%p" "$prefix/libexec/$name.bare"
            printf ' "$@"\n'
        } >"$prefix/$program"
        chmod 755 "$prefix/$program"
    done
}

suite_valgrind() {
    local program name out runs
    file_seconds=$((file_seconds * 3))
    suite_integration
    count_begin valgrind
    for program in "${valgrind_programs[@]}"; do
        name=$(basename "$program") out=$(report "valgrind/$(basename "$program")")
        runs=$(find "$valgrind_logs" -name "$name.*" | wc -l)
        find "$valgrind_logs" -name "$name.*" -size +0 -exec cat {} + >"$out"
        if [ -s "$out" ]; then
            count_file "valgrind/$name" "$out" 0 1 0 0
        elif [ "$runs" != 0 ]; then
            count_file "valgrind/$name, $runs runs" "$out" 1 0 0 0
        fi
    done
    count_end valgrind
}
