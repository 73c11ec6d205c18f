#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Packages that are copied to static/vendor have an acceptable licence, and their licence texts are copied too.
# shellcheck source=tests/lint/lib/lint.sh
. "$(dirname "$0")/lib/lint.sh"

[ -d static/vendor ] || bad "static/vendor is not there: run npm run vendor"
while read -r name; do
    licence=$(node -p "require('./node_modules/$name/package.json').license")
    [[ $licence =~ MIT|BSD|ISC|Apache-2.0|MPL-2.0 ]] || bad "$name: licence $licence"
    short=${name##*/}
    find static/vendor -iname "*$short*licen[sc]e*" -o -iname 'licen[sc]e*' | grep -q . || bad "$name: no licence in static/vendor"
done < <(node -p "Object.keys(require('./package.json').dependencies).join('\n')")
git ls-files static/vendor node_modules | grep . && bad "vendored files are committed"
finish
