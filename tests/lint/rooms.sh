#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The programs (wire/room_name.c) and the page (static/store/rooms.js) have the same table of room kinds.
# shellcheck source=tests/lint/lib/lint.sh
. "$(dirname "$0")/lib/lint.sh"

# A line for each kind: word, prefix of its ids, whether it is counted, what clients say instead of an id.
in_c() {
    sed -nE 's/^ *\[ROOM_[A-Z]+\] = \{"([a-z]+)", "([a-z]+)", SIDE_[A-Z]+, (true|false), (true|false), (true|false), (NULL|"[a-z]+")\},$/\1 \2 \4 \6/p' \
        wire/room_name.c | sed -E 's/NULL$/-/; s/"//g' | sort
}
in_page() {
    sed -nE "s/^  ([a-z]+): \\{ prefix: '([a-z]+)', isCounted: (true|false), publicId: (null|'[a-z]+') \\},\$/\\1 \\2 \\3 \\4/p" \
        static/store/rooms.js | sed -E "s/null\$/-/; s/'//g" | sort
}

while read -r line; do bad "static/store/rooms.js lacks: $line"; done < <(comm -23 <(in_c) <(in_page))
while read -r line; do bad "wire/room_name.c lacks: $line"; done < <(comm -13 <(in_c) <(in_page))
kinds=$(sed -nE 's/^enum room_kind \{ (.*), ROOM_KIND__MAX \};$/\1/p' wire/room_name.h | tr ',' '\n' | wc -l)
[ "$(in_c | wc -l)" = "$kinds" ] || bad "wire/room_name.c: $(in_c | wc -l) rows were read for $kinds kinds"
finish
