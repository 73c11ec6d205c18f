#!/usr/bin/env bash
# Every configuration key is in the sample file and in the README, with its default; and no other.
# shellcheck source=tests/lint/lib/lint.sh
. "$(dirname "$0")/lib/lint.sh"

sample=conf/agent-trace.env
[ -f $sample ] || bad "$sample is not there"
# The table in lib/config.c prints itself.
while read -r key; do
    grep -qE "^#?$key=" $sample || bad "$key is not in $sample"
    grep -qF "\`$key\`" README.md || bad "$key is not in README.md"
done < <(grep -hoE '"TRACE_[A-Z_]+"' lib/config.c | tr -d '"' | sort -u)
while read -r key; do
    grep -rqF "\"$key\"" --include='*.c' lib agent || bad "$sample: no program reads $key"
done < <(grep -oE '^#?TRACE_[A-Z_]+=' $sample | tr -d '#=' | sort -u)
while read -r key; do
    grep -qF "\`$key\`" README.md || bad "$key is not in README.md"
done < <(grep -rhoE 'getenv\("TRACE_[A-Z_]+"\)' --include='*.c' agent | grep -oE 'TRACE_[A-Z_]+' | sort -u)
finish
