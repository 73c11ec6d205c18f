#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# docs/openapi.yaml is valid, and has exactly the routes of the FastCGI programs, but for those below /ingest/ and /mcp: they
# speak the protocols of others, whose bodies are described there (docs/agents.md).
# shellcheck source=tests/lint/lib/lint.sh
. "$(dirname "$0")/lib/lint.sh"

node tests/lint/openapi.mjs || bad "docs/openapi.yaml"

# shellcheck disable=SC2016
in_api() { grep -oE '^\| `(GET|POST|PUT|PATCH|DELETE) /[^` ]*`' docs/api.md | cut -c 3- | tr -d '`' | grep -vE ' /(ingest/|mcp$)' | sort -u; }
in_openapi() {
    awk '/^paths:/ {on = 1} /^components:/ {on = 0}
        on && /^  \/.*:$/ {path = substr($1, 1, length($1) - 1)}
        on && /^    (get|post|put|patch|delete):$/ {print toupper(substr($1, 1, length($1) - 1)), path}' docs/openapi.yaml | sort -u
}
while read -r route; do bad "$route is not in docs/openapi.yaml"; done < <(comm -23 <(in_api) <(in_openapi))
while read -r route; do bad "docs/openapi.yaml: docs/api.md has no $route"; done < <(comm -13 <(in_api) <(in_openapi))
[ "$(in_openapi | wc -l)" -gt 20 ] || bad "no routes found: has their form changed?"
finish
