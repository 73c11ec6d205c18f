#!/usr/bin/env bash
# The systemd units are what systemd takes, and no more exposed than 2.0.
# shellcheck source=tests/lint/lib/lint.sh
. "$(dirname "$0")/lib/lint.sh"

command -v systemd-analyze >/dev/null || { printf 'systemd-analyze is not there\n' && exit 1; }
for unit in conf/systemd/*.service; do
    level=$(systemd-analyze security --no-pager --offline=true "$unit" | sed -nE 's/.*Overall exposure level[^:]*: ([0-9.]+).*/\1/p')
    [ -n "$level" ] || bad "$unit: systemd-analyze gives no level"
    awk -v level="${level:-10}" 'BEGIN {exit !(level < 2.0)}' || bad "$unit: exposure ${level:-unknown}"
done
finish
