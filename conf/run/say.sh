# Words to the person at the terminal: what `run` and `check` share.
# shellcheck shell=bash

say() { printf '%s\n' "$*" >&2; }

die() {
    say "$(basename "$0"): $*"
    exit 1
}

# For a file that a shell reads: 'it'\''s'.
quoted() { printf "'%s'" "${1//\'/\'\\\'\'}"; }

# For a part of a URL.
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
