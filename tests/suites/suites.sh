# The suites: what is in each, and how its files are run. A file's whole output is kept among the artefacts.
# shellcheck shell=bash disable=SC2034,SC2154

# No file takes longer than this, or it hangs.
file_seconds=600

# What sanitizers say. It fails the file in whose output it is, though every test passed.
complaint='(Address|Leak|Thread)Sanitizer|runtime error:'

# Where threads are.
threads_tests='emitter|agent|/instances'

wanted() { [ -z "$only" ] || [[ $1 =~ $only ]]; }

# report NAME: where the output of that file goes.
report() { printf '%s/%s.txt' "$artefacts" "${1//\//-}"; }

# run_tap NAME COMMAND…: a program that prints TAP.
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
    # A program that died, or stopped before its plan was through, has not passed.
    if [ $status != 0 ] && [ "$bad" = 0 ]; then
        bad=1
        printf 'the program ended with status %d\n' $status >>"$out"
    elif [ $((good + bad + skip)) != "$plan" ]; then
        bad=$((bad + 1))
        printf 'planned %d, done %d\n' "$plan" $((good + bad + skip - 1)) >>"$out"
    fi
    count_file "$name" "$out" "$good" "$bad" "$skip" "$(lasted "$started")"
}

# run_node FILE: one file of node's test runner, whose summary is counted.
run_node() {
    local out started status=0 good bad skip
    wanted "$1" || return 0
    out=$(report "$1") started=$(now_tenths)
    (cd "$root" && timeout -k 10 $file_seconds node --test --test-reporter=tap "$1") >"$out" 2>&1 </dev/null || status=$?
    good=$(summary pass "$out")
    bad=$(($(summary fail "$out") + $(summary cancelled "$out")))
    skip=$(($(summary skipped "$out") + $(summary todo "$out")))
    [ $status = 0 ] || [ "$bad" != 0 ] || bad=1
    ! grep -qE "$complaint" "$out" || [ "$bad" != 0 ] || bad=1
    [ $((good + bad + skip)) != 0 ] || bad=1
    count_file "$1" "$out" "$good" "$bad" "$skip" "$(lasted "$started")"
}

summary() { sed -n "s/^# $1 \([0-9]*\)$/\1/p" "$2" | tail -n 1 | grep . || echo 0; }

# run_script FILE: one test, passed if it exits with 0.
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

# run_files DIRECTORY…: every test in them, by kind.
run_files() {
    local file
    while read -r file; do
        case $file in
        *.test.mjs) run_node "$file" ;;
        *.test.sh) run_script "$file" ;;
        esac
    done < <(cd "$root" && find "$@" -type f 2>/dev/null | sort)
}

# What instances said while they were tested: a program that crashed or a sanitizer that complained is a failure, though
# every test passed.
run_instances() {
    local out
    out=$(report "$1/instances")
    wanted "$1/instances" || return 0
    [ -d "$artefacts/instances" ] || return 0
    if grep -rnE "$complaint|ended by signal (4|6|7|8|11)\$" "$artefacts/instances" >"$out"; then
        count_file "$1/instances" "$out" 0 1 0 0
    else
        count_file "$1/instances" "$out" 1 0 0 0
    fi
    mv "$artefacts/instances" "$artefacts/$1/instances"
}

suite_unit() {
    local program
    count_begin unit
    build_make check-programs
    while read -r program; do
        [ -z "$program" ] || run_tap "unit/$(basename "$program")" "$build_dir/$program"
    done < <(make -s -C "$build_dir" print-unit-tests)
    run_files tests/unit
    count_end unit
}

suite_of_instances() {
    count_begin "$1"
    "$root/run" --prefix "$prefix" --template >"$artefacts/template.txt" 2>&1 ||
        { cat "$artefacts/template.txt"; die "no instance can be made"; }
    run_files "tests/$1"
    run_instances "$1"
    count_end "$1"
}

suite_integration() { suite_of_instances integration; }
suite_browser() { suite_of_instances browser; }
suite_fault() { suite_of_instances fault; }

suite_lint() {
    local file
    count_begin lint
    for file in "$root"/tests/lint/*.sh; do
        run_script "${file#"$root/"}"
    done
    count_end lint
}
