# SPDX-License-Identifier: Apache-2.0
# The suites: which files belong to each, and how they are run. The whole output of a file is kept among the artefacts.
# shellcheck shell=bash disable=SC2034,SC2154

# A file that takes longer than this is considered to hang.
file_seconds=600

# How sanitizers report errors. A file whose output contains this has failed, even if every test passed.
complaint='(Address|Leak|Thread)Sanitizer|runtime error:'

# The tests of programs that have threads.
threads_tests='emitter|agent|relay|/instances'

wanted() { [ -z "$only" ] || [[ $1 =~ $only ]]; }

# report NAME: prints the path of that test's report.
report() { printf '%s/%s.txt' "$artefacts" "${1//\//-}"; }

# run_tap NAME COMMAND…: runs a program that prints TAP.
run_tap() {
    local name=$1 out started status=0 plan good bad skip
    wanted "$name" || return 0
    shift
    out=$(report "$name") started=$(now_tenths)
    timeout -k 10 $file_seconds "$@" >"$out" 2>&1 </dev/null || status=$?
    plan=$(sed -n 's/^1\.\.\([0-9]*\).*/\1/p' "$out" | awk '{n += $1} END {print n + 0}')
    skip=$(grep -ciE '^(not )?ok .*# *skip' "$out" || true)
    bad=$(grep -vi '# *skip' "$out" | grep -cE '^not ok' || true)
    good=$(grep -vi '# *skip' "$out" | grep -cE '^ok' || true)
    # A program that died, or ended before its plan was complete, has not passed.
    if [ $status != 0 ] && [ "$bad" = 0 ]; then
        bad=1
        printf 'the program ended with status %d\n' $status >>"$out"
    elif [ "$plan" = 0 ]; then
        bad=$((bad + 1))
        printf 'no test was reported\n' >>"$out"
    elif [ $((good + bad + skip)) != "$plan" ]; then
        bad=$((bad + 1))
        printf 'planned %d, done %d\n' "$plan" $((good + bad + skip - 1)) >>"$out"
    fi
    count_file "$name" "$out" "$good" "$bad" "$skip" "$(lasted "$started")"
}

# Standard output has the TAP, and between its lines what has begun.
node_reporters=(--test-reporter=tap --test-reporter-destination=stdout
    --test-reporter=./tests/suites/begun.mjs --test-reporter-destination=stdout)

# run_node FILE: runs one file with node's test runner and counts by its summary.
run_node() {
    local out started status=0 good bad skip
    wanted "$1" || return 0
    out=$(report "$1") started=$(now_tenths)
    (cd "$root" && timeout -k 10 $file_seconds node --test "${node_reporters[@]}" "$1") \
        >"$out" 2>&1 </dev/null || status=$?
    # timeout's own status, and that of what it had to kill
    [[ $status != @(124|137) ]] ||
        printf 'not ok - killed after %d s; the last that began: %s\n' $file_seconds \
            "$(sed -n 's/^# began: //p' "$out" | tail -n 1)" >>"$out"
    good=$(summary pass "$out")
    bad=$(($(summary fail "$out") + $(summary cancelled "$out")))
    skip=$(($(summary skipped "$out") + $(summary todo "$out")))
    [ $status = 0 ] || [ "$bad" != 0 ] || bad=1
    ! grep -qE "$complaint" "$out" || [ "$bad" != 0 ] || bad=1
    [ $((good + bad + skip)) != 0 ] || bad=1
    count_file "$1" "$out" "$good" "$bad" "$skip" "$(lasted "$started")"
}

summary() { sed -n "s/^# $1 \([0-9]*\)$/\1/p" "$2" | tail -n 1 | grep . || echo 0; }

# run_script FILE: runs one script, a single test that passes if it exits with 0.
run_script() {
    local out started
    wanted "$1" || return 0
    out=$(report "$1") started=$(now_tenths)
    if (cd "$root" && timeout -k 10 $file_seconds "./$1") >"$out" 2>&1 </dev/null; then
        count_file "$1" "$out" 1 0 0 "$(lasted "$started")"
    else
        count_file "$1" "$out" 0 1 0 "$(lasted "$started")"
    fi
}

# suites_have SUITE FILE…: that suite is to run, and one of these files in it.
suites_have() {
    local file
    [[ " ${suites[*]} " = *" $1 "* ]] || return 1
    shift
    for file in "$@"; do
        ! wanted "$file" || return 0
    done
    return 1
}

# run_files DIRECTORY…: runs every test in them by its kind; what is below node_modules is not ours.
run_files() {
    local file
    while read -r file; do
        case $file in
        *.test.mjs) run_node "$file" ;;
        *.test.sh) run_script "$file" ;;
        esac
    done < <(cd "$root" && find "$@" -name node_modules -prune -o -type f -print 2>/dev/null | sort)
}

# Searches the logs of the tested instances: a program that crashed or a sanitizer's report is a failure, even if every
# test passed.
run_instances() {
    local out
    out=$(report "$1/instances")
    wanted "$1/instances" || return 0
    [ -d "$TRACE_TEST_INSTANCES" ] || return 0
    if grep -rnE "$complaint|ended by signal (4|6|7|8|11)\$" "$TRACE_TEST_INSTANCES" >"$out"; then
        count_file "$1/instances" "$out" 0 1 0 0
    else
        count_file "$1/instances" "$out" 1 0 0 0
    fi
}

suite_unit() {
    local program
    count_begin unit
    while read -r program; do
        [ -z "$program" ] || run_tap "unit/$(basename "$program")" "$build_dir/$program"
    done < <(make -s -C "$build_dir" print-unit-tests)
    run_files tests/unit
    count_end unit
}

# Makes the database that the instances of all suites start from.
suites_template() {
    [[ " ${suites[*]} " =~ ' '(integration|attack|browser|fault|cluster|valgrind)' ' ]] || return 0
    "$root/run" --prefix "$prefix" --template >"$artefacts/template.txt" 2>&1 ||
        { cat "$artefacts/template.txt"; die "no instance can be made"; }
}

# suite_of_instances NAME [FOLDER…]: the tests of that folder, and of others that belong to the suite.
suite_of_instances() {
    count_begin "$1"
    export TRACE_TEST_INSTANCES=$artefacts/$1/instances
    run_files "${@/#/tests/}"
    run_instances "$1"
    count_end "$1"
}

suite_integration() { suite_of_instances integration clients; }
suite_attack() { suite_of_instances attack; }
suite_browser() { suite_of_instances browser; }
suite_fault() { suite_of_instances fault; }
suite_cluster() { suite_of_instances cluster; }

suite_lint() {
    local file
    count_begin lint
    for file in "$root"/tests/lint/*.sh; do
        run_script "${file#"$root/"}"
    done
    count_end lint
}
