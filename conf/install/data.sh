#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# data.sh SOURCE TARGET VERSION: installs the page, the migrations, the demo conversation and the prices into a directory of TARGET that
# is named after the version and the contents, then switches the link `current` to it. Whoever reads through the links
# sees the old files or the new ones, never a mixture and never nothing. The release before stays beside it, as `previous`.
# data.sh --remove TARGET: removes all of that again.
set -eu

die() {
    echo "install: $*" >&2
    exit 1
}

# What data.sh itself has made in TARGET.
made() { find "$1" -mindepth 1 -maxdepth 1 \( -name '[0-9]*.[0-9]*.[0-9]*-????????' -o -name '.new.*' -o -name current -o -name previous \
    -o -name static -o -name migrations -o -name demo -o -name prices \); }

if [ "${1:-}" = --remove ]; then
    [ -d "$2" ] || exit 0
    made "$2" | while IFS= read -r path; do rm -rf "$path"; done
    rmdir "$2" 2>/dev/null || true
    exit 0
fi
[ $# = 3 ] || die "usage: data.sh SOURCE TARGET VERSION"
source=$1 target=$2 version=$3
[ -f "$source/static/vendor/preact.js" ] ||
    die "$source/static/vendor is missing: run npm ci --ignore-scripts && npm run vendor"

# link TO NAME: at no moment is there no link.
link() {
    if [ -e "$target/$2" ] && [ ! -L "$target/$2" ]; then rm -rf "${target:?}/$2"; fi
    ln -sfn "$1" "$target/.new.link"
    mv -fT "$target/.new.link" "$target/$2"
}

mkdir -p "$target"
fresh=$target/.new.$$
trap 'rm -rf "$fresh"' EXIT
rm -rf "$target"/.new.*
mkdir "$fresh"
cp -pR "$source/static" "$source/migrations" "$fresh"
cp -pR "$source/admin/demo" "$fresh/demo"
mkdir "$fresh/prices" && cp -p "$source/conf/prices.json" "$fresh/prices"
(cd "$fresh/static" && rm -rf build types tsconfig.json vendor/*.d.ts vendor.new)
chmod -R u=rwX,go=rX "$fresh"
[ "$(id -u)" != 0 ] || chown -R 0:0 "$fresh"
contents=$(cd "$fresh" && find . -type f -exec sha256sum {} + | LC_ALL=C sort | sha256sum | cut -c 1-8)
name=$version-$contents

before=$(readlink "$target/current" 2>/dev/null || true)
[ -d "$target/$name" ] || mv -T "$fresh" "$target/$name"
if [ -n "$before" ] && [ "$before" != "$name" ] && [ -d "$target/$before" ]; then link "$before" previous; fi
link "$name" current
for folder in static migrations demo prices; do link "current/$folder" $folder; done
kept=$(readlink "$target/previous" 2>/dev/null || true)
find "$target" -mindepth 1 -maxdepth 1 -type d -name '[0-9]*.[0-9]*.[0-9]*-????????' ! -name "$name" ! -name "${kept:-$name}" \
    -exec rm -rf {} +
