#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every event has its row in wire/event.c: what the page hears is exactly what is there, and SQL tells of nothing else.
# shellcheck source=tests/lint/lib/lint.sh
. "$(dirname "$0")/lib/lint.sh"

in_c() { sed -nE 's/^ *\[EVENT_[A-Z_]+\] = \{"([a-z_:]+)",.*/\1/p' wire/event.c | sort; }
in_page() {
    {
        sed -n '/^const handlers = {/,/^};/p' static/store/apply.js static/share/feed.js | grep -oE "^  '[a-z_:]+'"
        grep -oE "of \[('[a-z]+', )+\.\.\.names\]" static/events.js | grep -oE "'[a-z]+'"
    } | tr -d " '" | sort
}
in_sql() {
    cat migrations/*.sql migrations/*/*.sql store/*.c 2>/dev/null |
        grep -ohE "'(agent_session|session|message|thread|stream|workspace):[a-z_:]*[a-z]'" | tr -d "'" | sort -u
}

while read -r name; do bad "the page does not hear $name"; done < <(comm -23 <(in_c) <(in_page))
while read -r name; do bad "wire/event.c has no $name, which the page hears"; done < <(comm -13 <(in_c) <(in_page))
while read -r name; do bad "wire/event.c has no $name, which SQL tells of"; done < <(comm -13 <(in_c) <(in_sql))
[ "$(in_c | wc -l)" -gt 20 ] || bad "wire/event.c: only $(in_c | wc -l) rows were read: has their form changed?"
[ "$(in_sql | wc -l)" -gt 10 ] || bad "only $(in_sql | wc -l) events were found in SQL: has their form changed?"
finish
