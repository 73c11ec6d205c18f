#!/usr/bin/env bash
# gcc's analyzer over the programs, with a bound for each file: it can take for ever on one. What it says wrongly is in
# analyzer.known with the reason; what is there and is no longer said is named, for whoever mends the list.
# shellcheck source=tests/lint/lib/lint.sh
. "$(dirname "$0")/lib/lint.sh"

log=tests/artefacts/analyzer.log
known=tests/lint/analyzer.known
mkdir -p tests/artefacts
# From the beginning: an object that is up to date would say nothing.
rm -rf build-analyzer
compile_all build-analyzer all -- CC='timeout 150 gcc -fanalyzer -Wno-analyzer-too-complex' >$log 2>&1 ||
    bad "not all of it compiles: $(grep -m 3 -E 'error:|Error ' $log)"

# FILE CHECK, of each complaint.
said() { sed -nE 's/^(\.\.\/)?([a-z]+\/[^:]+):[0-9]+:[0-9]+: warning: .*\[-Wanalyzer-([a-z-]+)\]$/\2 \3/p' $log | sort -u; }

while read -r file check; do
    bad "$file: $check; the whole story is in $log"
    grep -E "^(\.\./)?$file:[0-9]+:.*analyzer-$check" $log
done < <(comm -23 <(said) <(grep -oE '^[^ #]+ [a-z-]+' $known | sort -u))
while read -r line; do
    printf '%s: %s: it says so no longer\n' "$known" "$line"
done < <(comm -13 <(said) <(grep -oE '^[^ #]+ [a-z-]+' $known | sort -u))
finish
