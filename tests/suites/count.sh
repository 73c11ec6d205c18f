# Counts what passed and failed, and shows the reason of what failed.
# shellcheck shell=bash disable=SC2154

passed=0 failed=0 skipped=0
suite_passed=0 suite_failed=0 suite_skipped=0 suite_started=0
failures=()

# The lines of a failure's report that are shown; all of it is among the artefacts.
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
    [ "$5" = 0 ] || { grep -iE '^ *(not )?ok .*# *(skip|todo)' "$2" || true; } | sed 's/^/        skipped: /'
}

# From the first "not ok" on, or the end of what was said.
count_show() {
    local from
    from=$(grep -nE '^ *not ok' "$1" | head -n 1 | cut -d: -f1 || true)
    if [ -n "$from" ]; then
        tail -n "+$from" "$1" | head -n $count_shown
    else
        tail -n $count_shown "$1"
    fi | sed 's/^/        | /'
}

# now_tenths: for durations that are printed.
now_tenths() { local now=${EPOCHREALTIME/[.,]/}; echo $((now / 100000)); }
lasted() { local n=$(($(now_tenths) - $1)); printf '%d.%d' $((n / 10)) $((n % 10)); }

count_report() {
    printf '\n'
    [ $skipped = 0 ] || printf '%d skipped; each is named above\n' $skipped
    [ ${#failures[@]} = 0 ] || printf 'failed: %s\n' "${failures[@]}"
    printf '%d passed, %d failed\n' $passed $failed
    [ $failed = 0 ]
}
