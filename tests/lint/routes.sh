#!/usr/bin/env bash
# Every route of the FastCGI programs is in the README's table.
# shellcheck source=tests/lint/lib/lint.sh
. "$(dirname "$0")/lib/lint.sh"

while read -r method path; do
    grep -qF "$method $path" README.md || bad "$method $path is not in README.md"
done < <(grep -rhoE '\{ *"?(GET|POST|PATCH|DELETE)"?, *"/[^"]*"' --include='*.c' cgi | sed -E 's/^\{ *"?([A-Z]+)"?, *"(.*)"$/\1 \2/' | sort -u)
finish
