#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The short form of tests/systems/run: the files of the packages agree with the tree, and the tools that read them take them.
# shellcheck source=tests/lint/lib/lint.sh
. "$(dirname "$0")/lib/lint.sh"

version=$(sed -nE 's/^AC_INIT\(\[agent-trace\], \[([^]]*)\]\)$/\1/p' configure.ac)
[ "$(sed -nE '1s/^agent-trace \(([^)]*)\).*/\1/p' debian/changelog)" = "$version" ] || bad "debian/changelog: another version than $version"
for page in docs/man/*.[0-9] docs/man/*.head; do
    [ "$(head -c 4 "$page")" != '.so ' ] || continue
    grep -q "^\.TH .* \"Agent Trace $version\"" "$page" || bad "$page: another version than $version"
done

# Every file that a package takes from the tree is there.
while read -r file; do
    [ -e "$file" ] || bad "debian/*.install: $file is missing"
done < <(cat debian/*.install debian/*.docs debian/*.examples debian/*.manpages | cut -d' ' -f1 | grep -E '^(admin|conf|docs|emitter)/' | grep -v '[*?]')

# Every unit is in a package, and every command has its place in the manual.
for unit in conf/systemd/*.service conf/systemd/*.socket; do
    name=${unit##*/}
    cat debian/*.install | sed 's/\.\*/./' | grep -qF "units/${name%.*}" || bad "$name is in no package"
done
make -s -C "$build" docs/man/trace-admin.8 docs/man/agent-trace.env.5 >/dev/null || bad "the manual cannot be made"
while read -r command; do
    grep -qF "${command//-/\\-}" "$build/docs/man/trace-admin.8" || bad "trace-admin.8 has no $command"
done < <("$build/admin/trace-admin" --help | sed -nE 's/^  ([a-z-]+) .*/\1/p')
for page in docs/man/*.[0-9] "$build"/docs/man/*.[0-9]; do
    # A page that stands for another one is found where both are installed.
    [ "$(head -c 4 "$page")" != '.so ' ] || continue
    said=$(groff -man -Tutf8 -ww -z "$page" 2>&1) || true
    [ -z "$said" ] || bad "$page: $said"
done

# Every program that is installed has a page, here and in a package; trace-supervise is ./run's own.
while read -r program; do
    page=docs/man/$program.8
    [ -e "$page" ] || [ -e "$build/$page" ] || bad "$program has no manual page"
    grep -qF "$page" conf/local.mk || bad "$page is not installed"
    grep -qE "(^|/)$page\$" debian/*.manpages || bad "$page is in no package"
done < <(
    printf 'agent-trace-setup\n'
    sed -nE 's/^(bin|libexec)_PROGRAMS \+= //p' -- */local.mk | tr ' ' '\n' | sed 's#.*/##; s#\.fcgi$##' | grep -vx trace-supervise
)

directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT

# The site that lives beside others is made of nginx.conf.in, and nginx reads it.
sh conf/nginx/site.sh "$directory/site" "$directory" "$directory" "$directory/site" || bad "conf/nginx/site.sh"
for template in site site-tls metrics; do
    openssl req -x509 -newkey rsa:2048 -nodes -keyout "$directory/key" -out "$directory/pem" -days 2 -subj /CN=x 2>/dev/null
    {
        printf 'pid %s/pid; error_log stderr; events {}\nhttp { access_log off;\n' "$directory"
        sed -e "s|@NGINX@|$directory/site|; s|@DEFAULT@||; s|@NAME@|trace.example.org|; s|@CERTIFICATE@|$directory/pem|; s|@KEY@|$directory/key|; s|@LISTEN@|127.0.0.1:20180|; s|@TOKEN@|x|" \
            -e 's/listen 80/listen 127.0.0.1:20080/; s/listen \[::\]:80/listen [::1]:20080/; s/listen 443/listen 127.0.0.1:20443/; s/listen \[::\]:443/listen [::1]:20443/' \
            "$directory/site/$template.conf"
        printf 'server { listen 127.0.0.1:20080 default_server; return 404; }\n}\n'
    } >"$directory/$template.conf"
    /usr/sbin/nginx -t -q -p "$directory" -c "$directory/$template.conf" >"$directory/said" 2>&1 || bad "$template.conf: $(cat "$directory/said")"
done
finish
