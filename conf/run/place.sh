# Where an instance lives and whom it runs as. Sets service_user, base, sock and lock_fd.
# shellcheck shell=bash disable=SC2154

# The longest name in it is .s.PGSQL.5432.lock, and a Unix socket's path has 107 bytes.
place_sock_bytes=85

# As root nothing that serves runs as root.
place_service_user() {
    service_user=''
    [ "$EUID" = 0 ] || return 0
    service_user=agent-trace
    id "$service_user" >/dev/null 2>&1 ||
        useradd --system --user-group --no-create-home --home-dir / --shell /usr/sbin/nologin "$service_user"
}

as_service() {
    if [ -n "$service_user" ]; then
        setpriv --reuid "$service_user" --regid "$service_user" --init-groups --inh-caps=-all "$@"
    else
        "$@"
    fi
}

place_hash() { printf %s "$1" | sha256sum | cut -c 1-12; }

# Makes the directory if need be; says whether the service's user can reach it.
place_reached() {
    [ -d "$1" ] || { mkdir -p "$1" && chmod 755 "$1"; }
    as_service test -x "$1"
}

place_tests_prefix() {
    prefix=$build_dir/prefix
    place_reached "$prefix" || prefix=/var/lib/agent-trace/$(place_hash "$build_dir")/prefix
    mkdir -p "$prefix"
}

place_state() {
    [ "$state" = "${state%$'\n'*}" ] || die "--state: a path with a line break"
    mkdir -p "$state"
    state=$(cd "$state" && pwd -P)
    base=$state
    if ! place_reached "$state"; then
        base=/var/lib/agent-trace/$(place_hash "$state")
        place_reached "$base" || die "the user $service_user cannot reach $base"
        say "$service_user cannot reach $state, so what is kept is in $base, with links from there"
        local name
        for name in demo.env logs pids sock; do
            [ ! -e "$state/$name" ] || [ -L "$state/$name" ] || die "$state/$name is in the way"
            ln -sfn "$base/$name" "$state/$name"
        done
    fi
}

place_lock() {
    exec {lock_fd}>>"$base/lock"
    flock -n "$lock_fd" || die "an instance is already running in $state (see $state/demo.env); stop that one first"
}

# What a killed run left.
place_clear() {
    local supervise=${prefix:-$base/prefix}/libexec/trace-supervise
    [ ! -x "$supervise" ] || [ ! -e "$base/mark" ] || "$supervise" --clear "$base/mark"
}

place_port() {
    if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
        die "port $port is in use; choose another one with --port"
    fi
}

# Logs and process numbers are the supervisor's alone: whoever could rename them could make it write elsewhere.
place_folders() {
    mkdir -p "$base/logs" "$base/pids" "$base/tmp"
    sock=$base/sock
    if [ ${#sock} -gt $place_sock_bytes ]; then
        sock=/tmp/agent-trace-$EUID-$(place_hash "$base")
        [ "$EUID" != 0 ] || sock=/run/agent-trace-$(place_hash "$base")
        ln -sfn "$sock" "$base/sock"
    fi
    [ -d "$sock" ] || mkdir -m 700 "$sock"
    [ -O "$sock" ] || [ "$EUID" = 0 ] || die "$sock belongs to somebody else"
    chmod 700 "$base/tmp" "$sock"
    [ -z "$service_user" ] || chown "$service_user:$service_user" "$base/tmp" "$sock"
    find "$sock/" -type s -delete
    rm -f "$base/pids/"*
    ln -sfn "$prefix/share/agent-trace/static" "$base/static"
}
