# SPDX-License-Identifier: Apache-2.0
# A database that has been created, migrated and given a bare workspace, so that a test's instance starts quickly.
# shellcheck shell=bash disable=SC2030,SC2031,SC2034,SC2154

template_key() {
    {
        sha256sum <"$prefix/bin/trace-admin"
        cat "$prefix/share/agent-trace/migrations/"{,*/}*.sql "$prefix/share/agent-trace/prices/prices.json" "$root/conf/run/"{prepare,postgres.sh,seed.sh}
        packages_postgres
    } | sha256sum
}

# Makes $prefix/template, again when anything that it is made from has changed.
template_make() {
    local key
    [ -x "$prefix/bin/trace-admin" ] || die "--template: no programs in $prefix"
    build_locked
    key=$(template_key)
    if [ "$key" != "$(cat "$prefix/template/key" 2>/dev/null)" ]; then
        (
            state=$prefix/template.new base=$prefix/template.new demo=0 model='' database=''
            rm -rf "$base"
            place_state
            place_folders
            postgres_make
            programs_write programs_database
            "$prefix/libexec/trace-supervise" --once "$base/programs" || die "the template could not be made"
            cd "$base" || exit
            rm -rf logs pids sock tmp static programs mark demo.env postgresql.conf pg/log
            printf '%s\n' "$key" >key
            rm -rf "$prefix/template"
            mv "$base" "$prefix/template"
        ) >&2
    fi
    build_unlocked
}

# Copies the template into a new base directory, if these programs have one.
template_copy() {
    if [ -e "$base/pg" ] || [ ! -f "$prefix/template/key" ]; then return 0; fi
    cp -a "$prefix/template/." "$base/"
    rm "$base/key"
}
