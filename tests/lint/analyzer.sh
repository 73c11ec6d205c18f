#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs gcc's analyzer over the programs, with a time limit for each file, as it may not terminate. False reports are listed in
# analyzer.known with the reason; entries that are no longer reported are printed, so that they can be removed.
# shellcheck source=tests/lint/lib/lint.sh
. "$(dirname "$0")/lib/lint.sh"

log=tests/artefacts/analyzer.log
known=tests/lint/analyzer.known
mkdir -p tests/artefacts
# Builds from scratch, because an object that is up to date would not be analysed.
rm -rf build-analyzer
compile_all build-analyzer all -- CC='timeout 150 gcc -fanalyzer -Wno-analyzer-too-complex' >$log 2>&1 ||
    bad "not all of it compiles: $(grep -m 3 -E 'error:|Error ' $log)"

# Prints FILE CHECK for each report.
said() { sed -nE 's/^(\.\.\/)?([a-z]+\/[^:]+):[0-9]+:[0-9]+: warning: .*\[-Wanalyzer-([a-z-]+)\]$/\2 \3/p' $log | sort -u; }

while read -r file check; do
    bad "$file: $check; see $log"
    grep -E "^(\.\./)?$file:[0-9]+:.*analyzer-$check" $log
done < <(comm -23 <(said) <(grep -oE '^[^ #]+ [a-z-]+' $known | sort -u))
while read -r line; do
    printf '%s: %s: is no longer reported\n' "$known" "$line"
done < <(comm -13 <(said) <(grep -oE '^[^ #]+ [a-z-]+' $known | sort -u))
finish
