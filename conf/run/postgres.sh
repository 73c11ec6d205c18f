# SPDX-License-Identifier: Apache-2.0
# The private PostgreSQL of an instance. Sets postgres_bin and owner_url.
# shellcheck shell=bash disable=SC2034,SC2154

# It listens only on a socket in a directory of mode 0700. Whoever can open that socket owns its files anyway, hence `trust`.
postgres_settings() {
    cat <<SETTINGS
listen_addresses = ''
unix_socket_directories = '"${sock//\'/\'\'}"'
unix_socket_permissions = 0700
max_connections = 200
fsync = on
synchronous_commit = on
logging_collector = off
log_destination = stderr
# Neither statements nor values are logged, because they contain what people write.
log_min_error_statement = panic
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
SETTINGS
}

# Checks a server that is not ours; psql reports what is wrong with it.
postgres_reached() { as_service psql -X -q -A -t -d "$1" -c 'SELECT 1' >/dev/null; }

postgres_make() {
    postgres_bin=$(packages_postgres)
    owner_url="postgresql://trace_owner@/trace?host=$(percent "$sock")"
    if [ ! -f "$base/pg/PG_VERSION" ]; then
        say "making a private PostgreSQL"
        # Made under another name and then renamed, so that a directory called pg is always complete.
        rm -rf "$base/pg.new"
        mkdir -m 700 "$base/pg.new"
        [ -z "$service_user" ] || chown "$service_user:$service_user" "$base/pg.new"
        (cd / && as_service "$postgres_bin/initdb" -D "$base/pg.new" -U postgres --auth-local=trust --auth-host=reject \
            --locale=C.UTF-8 --encoding=UTF8 --no-sync --no-instructions >"$base/logs/initdb.log" 2>&1) ||
            { cat "$base/logs/initdb.log" >&2; die "initdb failed"; }
        mv "$base/pg.new" "$base/pg"
    fi
    [ "$(cat "$base/pg/PG_VERSION")" = "$(basename "$(dirname "$postgres_bin")")" ] ||
        die "$base/pg was made by PostgreSQL $(cat "$base/pg/PG_VERSION"), installed is $postgres_bin"
    postgres_settings >"$base/postgresql.conf"
    chmod 644 "$base/postgresql.conf"
}
