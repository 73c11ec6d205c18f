# SPDX-License-Identifier: Apache-2.0
# --machines: the network of several machines on this one. Each has a network namespace with an address on a bridge, on which
# this machine is the first. Sets net (three bytes of the addresses), bridge and data (a directory in memory).
# shellcheck shell=bash disable=SC2034,SC2154

# Linux allows 15 bytes to the name of an interface.
machines_names() {
    local hash
    hash=$(place_hash "$base" | cut -c 1-8)
    bridge=trace-$hash machine_prefix=agent-trace-$hash link_prefix=tr-$hash
    data=/dev/shm/agent-trace-$hash
}

machine_netns() { printf '/run/netns/%s-%s' "$machine_prefix" "$1"; }
machine_ip() { printf '%s.%s' "$net" $((10 + $1)); }

# each_machine SEPARATOR FORMAT: the format for each machine, with %s for its address or @N@ for its number.
each_machine() {
    local i line lines=''
    for ((i = 1; i <= machines; i++)); do
        line=${2//%s/$(machine_ip "$i")}
        lines+=${lines:+$1}${line//@N@/$i}
    done
    printf '%s' "$lines"
}

machines_check() {
    [ "$machines" = 3 ] || die "--machines can be 3"
    [ "$EUID" = 0 ] || die "--machines needs root, because it makes network namespaces, a bridge and users"
    [ -z "$database" ] || die "--machines has a database of its own, so --database cannot be given"
    packages_need machines
    local name=agent-trace-try-$$
    ip netns add "$name" || die "--machines: this system does not let root make network namespaces"
    ip netns delete "$name"
}

# Ends what is left of an earlier run of this state.
machines_clear() {
    local i name
    for ((i = 1; i <= 9; i++)); do
        name=$machine_prefix-$i
        [ -e "/run/netns/$name" ] || continue
        ip netns pids "$name" | xargs -r kill -9
        ip netns delete "$name"
    done
    [ ! -e "/sys/class/net/$bridge" ] || ip link delete "$bridge"
    rm -rf "$data"
}

# The first network from the hash on that nobody has here.
free_net() {
    local n=$((16#$(place_hash "$base" | cut -c 1-4)))
    while :; do
        net=10.$((n / 256 % 256)).$((n % 256))
        ip -4 route show match "$net.0/24" | grep -qv '^default' || return 0
        n=$((n + 1))
    done
}

machines_network() {
    local i netns
    free_net
    ip link add "$bridge" type bridge
    ip address add "$net.1/24" dev "$bridge"
    ip link set "$bridge" up
    for ((i = 1; i <= machines; i++)); do
        netns=$machine_prefix-$i
        ip netns add "$netns"
        ip link add "$link_prefix-$i" type veth peer name eth0 netns "$netns"
        ip link set "$link_prefix-$i" master "$bridge" up
        ip -n "$netns" address add "$(machine_ip "$i")/24" dev eth0
        ip -n "$netns" link set eth0 up
        ip -n "$netns" link set lo up
    done
}

# What each web machine has: sockets, nginx.conf and the folder of its files, named by its number.
machines_place() {
    local i
    for ((i = 1; i <= machines; i++)); do
        machine_web "$i" place_serving
        # The balancer is trusted to say where a request comes from.
        machine_web "$i" nginx_write "        listen 8080 backlog=4096 sndbuf=64k so_keepalive=30s:10s:3;
        set_real_ip_from $net.1;
        real_ip_header X-Forwarded-For;"
    done
}

# machine_web N COMMAND…: what is said of the one machine, said of this one.
machine_web() {
    local suffix=-$1 folder=machine-$1/ netns
    local sock=$sock$suffix relay_dir=''
    netns=$(machine_netns "$1")
    mkdir -p "$base/$folder"
    place_relay
    "${@:2}"
}

# Runs the supervisor and takes the network down when it has ended. A terminal's Ctrl-C reaches it through us alone, as a
# background process of a script ignores it; and it ends when we are killed.
machines_run() {
    local supervisor status=0
    setpriv --pdeathsig TERM "$@" <&0 &
    supervisor=$!
    trap 'kill -TERM $supervisor 2>/dev/null || true' INT TERM HUP
    while :; do
        status=0
        wait $supervisor || status=$?
        kill -0 $supervisor 2>/dev/null || break
    done
    machines_clear
    exit $status
}
