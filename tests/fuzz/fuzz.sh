#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# fuzz.sh SECONDS [PATTERN]: each target whose name matches, one after the other, by clang's libFuzzer with
# AddressSanitizer and UndefinedBehaviorSanitizer. What is found is left in build-fuzz/; a finding ends in failure. Inputs
# that reach something new are kept in build-fuzz/corpus/, where the next run begins.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
seconds=${1:-60} pattern=${2:-.}

command -v clang >/dev/null || { echo "clang is missing: apt-get install clang libclang-rt-14-dev" >&2 && exit 1; }
[ -x configure ] || autoreconf -fi
mkdir -p build-fuzz
cd build-fuzz
[ -f config.status ] || ../configure -q CC=clang CXX=clang++ --enable-sanitizers=fuzzer-no-link,address,undefined
make -s -j "$(nproc)" FUZZ_LINK=-fsanitize=fuzzer fuzz-targets

targets=$(make -s print-fuzz-targets | grep "fuzz_")
failed=()
while read -r target; do
    name=${target##*/fuzz_}
    [[ $name =~ $pattern ]] || continue
    mkdir -p "corpus/$name"
    printf '%-16s ' "$name"
    if "$target" -max_total_time="$seconds" -max_len=16384 -timeout=10 -rss_limit_mb=1024 -print_final_stats=1 \
        -artifact_prefix="finding-$name-" "corpus/$name" "../tests/fuzz/corpus/$name" >"$name.log" 2>&1; then
        awk '/^#.*cov:/ {for (i = 1; i < NF; i++) if ($i == "cov:") cov = $(i + 1)}
             /number_of_executed_units/ {runs = $2} /new_units_added/ {new = $2}
             END {printf "%d runs, %d edges, %d new inputs\n", runs, cov, new}' "$name.log"
    else
        failed+=("$name")
        printf 'FAILED, see build-fuzz/%s.log\n' "$name"
        tail -n 40 "$name.log"
    fi
done < <(printf "%s\n" "$targets")
[ ${#failed[@]} = 0 ] || { printf 'findings in: %s\n' "${failed[*]}" && exit 1; }
