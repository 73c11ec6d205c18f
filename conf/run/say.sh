# SPDX-License-Identifier: Apache-2.0
# Messages at the terminal and quoting, shared by `run`, `check` and their parts; say and die are defined only here.
# shellcheck shell=bash

say() { printf '%s\n' "$*" >&2; }

die() {
    say "$(basename "$0"): $*"
    exit 1
}

# quoted TEXT: as a word for a shell, such as 'it'\''s'.
quoted() { printf "'%s'" "${1//\'/\'\\\'\'}"; }

# percent TEXT: escaped as part of a URL.
percent() {
    local LC_ALL=C text=$1 i char
    for ((i = 0; i < ${#text}; i++)); do
        char=${text:i:1}
        case $char in
        [a-zA-Z0-9.~_/-]) printf %s "$char" ;;
        *) printf '%%%02X' "'$char" ;;
        esac
    done
}
