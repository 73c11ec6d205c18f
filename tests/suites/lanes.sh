# SPDX-License-Identifier: Apache-2.0
# Runs the suites in two lanes beside each other: tests wait more than they compute, and one lane leaves half of two
# processors idle. What the second lane prints comes after the first one, whole.
# shellcheck shell=bash disable=SC2154

# The suites of the second lane, which take about as long as all others. A browser gives up all its requests when the
# network of the machine changes, as each cluster of `run --machines` changes it: these two stand in one lane.
second_lane=' browser cluster lint '

lanes_run() {
    local suite first=() second=() lane
    for suite in "${suites[@]}"; do
        if [[ $second_lane = *" $suite "* ]]; then second+=("$suite"); else first+=("$suite"); fi
    done
    if [ ${#first[@]} = 0 ] || [ ${#second[@]} = 0 ]; then
        lane_run "${suites[@]}"
        return
    fi
    printf '\nbeside these, and shown after them:%s\n' "$(printf ' %s' "${second[@]}")"
    (
        lane_run "${second[@]}"
        count_save "$artefacts/second.counts"
    ) >"$artefacts/second.out" 2>&1 </dev/null &
    lane=$! # `$!` will be that of what the first lane reads from
    # A lane that is told to end does so after the file that it is running.
    trap 'kill '$lane' 2>/dev/null || true' EXIT
    lane_run "${first[@]}"
    wait "$lane" || true
    trap - EXIT
    cat "$artefacts/second.out"
    [ -f "$artefacts/second.counts" ] || die "the second lane ended before its time"
    # shellcheck source=/dev/null
    . "$artefacts/second.counts"
}

lane_run() {
    local suite
    for suite in "$@"; do
        "suite_$suite"
    done
}
