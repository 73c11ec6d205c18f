# SPDX-License-Identifier: Apache-2.0
# Counts tests that passed and failed, and shows why they failed.
# shellcheck shell=bash disable=SC2154

passed=0 failed=0 skipped=0 slow=0
suite_passed=0 suite_failed=0 suite_skipped=0 suite_started=0
failures=()

# How many lines of a failed test's report are shown. The whole report is among the artefacts.
count_shown=60

count_begin() {
    suite_passed=0 suite_failed=0 suite_skipped=0 suite_started=$SECONDS
    mkdir -p "$artefacts/$1"
    printf '\n== %s\n' "$1"
}

count_end() {
    local more=''
    [ $suite_skipped = 0 ] || more=", $suite_skipped skipped"
    printf -- '-- %s: %d passed, %d failed%s, %d s\n' "$1" $suite_passed $suite_failed "$more" \
        $((SECONDS - suite_started))
    passed=$((passed + suite_passed)) failed=$((failed + suite_failed)) skipped=$((skipped + suite_skipped))
}

# count_file NAME REPORT PASSED FAILED SKIPPED SECONDS
count_file() {
    suite_passed=$((suite_passed + $3)) suite_failed=$((suite_failed + $4)) suite_skipped=$((suite_skipped + $5))
    if [ "$4" = 0 ]; then
        printf 'ok      %s (%d, %s s)\n' "$1" "$3" "$6"
    else
        printf 'FAILED  %s (%d of %d, %s s)\n' "$1" "$4" $(($3 + $4)) "$6"
        failures+=("$1")
        count_show "$2"
    fi
    count_slow "$2"
    [ "$5" = 0 ] || { grep -iE '^ *(not )?ok .*# *(skip|todo)' "$2" || true; } | sed 's/^/        skipped: /'
}

# Shows the report from its first "not ok" on, or its end if there is none.
count_show() {
    local from
    from=$(grep -nE '^ *not ok' "$1" | head -n 1 | cut -d: -f1 || true)
    if [ -n "$from" ]; then
        sed -n "$from,$((from + count_shown - 1))p" "$1" # reads to the end: a closed pipe would end all the suites
    else
        tail -n $count_shown "$1"
    fi | sed 's/^/        | /'
}

# A wait that took longer than it does on an idle machine (tests/lib/patience.mjs) is no failure: it is counted and shown.
count_slow() {
    local waits
    waits=$(grep -cE '^ *# slow: ' "$1" || true)
    [ "$waits" != 0 ] || return 0
    slow=$((slow + waits))
    grep -E '^ *# slow: ' "$1" | cut -c 1-160 | sed -E 's/^ *# /        /'
}

# count_save FILE: writes what has been counted, for a shell that reads it in and adds it to its own.
# shellcheck disable=SC2016 # the reader computes
count_save() {
    printf 'passed=$((passed + %d)) failed=$((failed + %d)) skipped=$((skipped + %d)) slow=$((slow + %d))\n' \
        $passed $failed $skipped $slow
    [ ${#failures[@]} = 0 ] || printf 'failures+=(%s)\n' "$(printf ' %q' "${failures[@]}")"
} >"$1"

# now_tenths: tenths of a second, for durations that are printed.
now_tenths() { local now=${EPOCHREALTIME/[.,]/}; echo $((now / 100000)); }
lasted() { local n=$(($(now_tenths) - $1)); printf '%d.%d' $((n / 10)) $((n % 10)); }

count_report() {
    printf '\n'
    [ $slow = 0 ] || printf '%d waits were slow: the machine was busy, or a program has become slower\n' $slow
    [ $skipped = 0 ] || printf '%d skipped; each is named above\n' $skipped
    [ ${#failures[@]} = 0 ] || printf 'failed: %s\n' "${failures[@]}"
    printf '%d passed, %d failed\n' $passed $failed
    [ $failed = 0 ]
}
