# SPDX-License-Identifier: Apache-2.0
# Where an instance keeps its files, and as which users it runs. Sets service_user, web_user, agent_user, relay_user, base,
# sock, relay_dir and lock_fd.
# shellcheck shell=bash disable=SC2034,SC2154

# With --machines, where one machine's files are: its folder in $base and the end of its names (conf/run/machines.sh).
folder='' suffix='' netns=''

# The longest name in the directory is .s.PGSQL.5432.lock, and the path of a Unix socket has at most 107 bytes.
place_sock_bytes=85

# Started by root, no server runs as root, and what is trusted with different things runs as different users: the programs
# with the database, nginx with their public sockets, the agent with neither (docs/threat-model.md).
place_users() {
    local name
    service_user='' web_user='' agent_user='' relay_user=''
    [ "$EUID" = 0 ] || return 0
    service_user=agent-trace web_user=agent-trace-web agent_user=agent-trace-agent relay_user=agent-trace-relay
    for name in "$service_user" "$web_user" "$agent_user" "$relay_user"; do
        id "$name" >/dev/null 2>&1 ||
            useradd --system --user-group --no-create-home --home-dir / --shell /usr/sbin/nologin "$name"
    done
}

# as_user USER COMMAND…: with '' as ourselves.
as_user() {
    if [ -n "$1" ]; then
        setpriv --reuid "$1" --regid "$1" --init-groups --inh-caps=-all "${@:2}"
    else
        "${@:2}"
    fi
}

as_service() { as_user "$service_user" "$@"; }

place_hash() { printf %s "$1" | sha256sum | cut -c 1-12; }

# Makes the directory if it is missing. Succeeds if all users of the instance can reach it.
place_reached() {
    local user
    [ -d "$1" ] || { mkdir -p "$1" && chmod 755 "$1"; }
    for user in "$service_user" "$web_user" "$agent_user"; do
        as_user "$user" test -x "$1" || return 1
    done
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
        for name in demo.env cluster.env logs pids sock; do
            [ ! -e "$state/$name" ] || [ -L "$state/$name" ] || die "$state/$name is in the way"
            ln -sfn "$base/$name" "$state/$name"
        done
    fi
}

place_lock() {
    exec {lock_fd}>>"$base/lock"
    flock -n "$lock_fd" || die "an instance is already running in $state (see $state/demo.env); stop that one first"
}

# Removes what a killed run left behind.
place_clear() {
    local supervise=${prefix:-$base/prefix}/libexec/trace-supervise
    [ ! -x "$supervise" ] || [ ! -e "$base/mark" ] || "$supervise" --clear "$base/mark"
}

place_port() {
    if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
        die "port $port is in use; choose another one with --port"
    fi
}

# The relay's sockets are in a directory of its own, because it is another user. It lets in whom it serves.
place_relay() {
    relay_dir=''
    [ -n "$nats_url" ] || return 0
    relay_dir=$sock-relay
    [ -d "$relay_dir" ] || mkdir "$relay_dir"
    chmod 711 "$relay_dir"
    [ -z "$relay_user" ] || chown "$relay_user:$relay_user" "$relay_dir"
    find "$relay_dir/" -type s -delete
}

# The sockets of what serves one machine, and the folder of its nginx; with --machines their names end with its number.
place_serving() {
    local tmp=$base/${folder}tmp
    mkdir -p "$tmp"
    [ "$sock" = "$base/sock$suffix" ] || ln -sfn "$sock" "$base/sock$suffix"
    [ -d "$sock" ] || mkdir -m 700 "$sock"
    [ -O "$sock" ] || [ "$EUID" = 0 ] || die "$sock belongs to somebody else"
    chmod 700 "$tmp" "$sock"
    # Sockets get nginx's group by the directory; it can pass through it and open those of mode 0660, and change nothing.
    if [ -n "$service_user" ]; then
        chown "$web_user:$web_user" "$tmp"
        chown "$service_user:$web_user" "$sock"
        chmod 2710 "$sock"
    fi
    find "$sock/" -type s -delete
    ln -sfn "$tmp/internal.sock" "$sock/internal.sock"
}

# Logs and pid files belong to the supervisor alone: a user who could rename them could make it write elsewhere.
place_folders() {
    mkdir -p "$base/logs" "$base/pids"
    sock=$base/sock
    if [ ${#sock} -gt $place_sock_bytes ]; then
        sock=/tmp/agent-trace-$EUID-$(place_hash "$base")
        [ "$EUID" != 0 ] || sock=/run/agent-trace-$(place_hash "$base")
    fi
    place_serving
    place_relay
    rm -f "$base/pids/"*
    ln -sfn "$prefix/share/agent-trace/static" "$base/static"
}
