#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The version stands in configure.ac. Every other place that states it agrees, and every program answers --version with it.
# shellcheck source=tests/lint/lib/lint.sh
. "$(dirname "$0")/lib/lint.sh"

version=$(sed -nE 's/^AC_INIT\(\[agent-trace\], \[([0-9]+\.[0-9]+\.[0-9]+)\]\)$/\1/p' configure.ac)
[ -n "$version" ] || bad "configure.ac: no version of three numbers"

# states FILE EXPRESSION: what the sed expression finds in the file is the version.
states() {
    local found
    found=$(sed -nE "$2" "$1" | head -n 1)
    [ "$found" = "$version" ] || bad "$1 states version ${found:-none}, configure.ac $version"
}
states package.json 's/^  "version": "([^"]*)",$/\1/p'
states package-lock.json 's/^  "version": "([^"]*)",$/\1/p'
states clients/js/package.json 's/^  "version": "([^"]*)",$/\1/p'
states clients/python/pyproject.toml 's/^version = "([^"]*)"$/\1/p'
states clients/python/agent_trace/__init__.py 's/^__version__ = "([^"]*)"$/\1/p'
states docs/openapi.yaml 's/^  version: ([^ ]*)$/\1/p'
states emitter/agenttrace.3 's/^\.TH .* "Agent Trace ([0-9.]+)".*$/\1/p'
states "$build/emitter/libagenttrace.pc" 's/^Version: (.*)$/\1/p'

# What is rebuilt first may print more; the last line is the answer.
programs=$(make -s -C "$build" print-programs | tail -n 1)
[ "$(wc -w <<<"$programs")" -ge 7 ] || bad "make print-programs names too few programs: $programs"
for program in $programs; do
    said=$("$build/$program" --version) || bad "$program --version fails"
    [[ $said =~ ^[a-z-]+\ ${version//./\\.}$ ]] || bad "$program --version says \"$said\""
done
finish
