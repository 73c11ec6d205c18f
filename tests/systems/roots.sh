# SPDX-License-Identifier: Apache-2.0
# Roots of whole systems: making them, running commands in them, and booting one. Sets init, the process that is its first.
# shellcheck shell=bash disable=SC2154

store=${TRACE_SYSTEMS:-/var/cache/agent-trace-systems}
init=''

in_root() { chroot "$1" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 bash -c "$2"; }
# In the booted system.
inside() { nsenter -t "$init" -a env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 bash -ec "$1"; }

# What debootstrap is told of Ubuntu, whose keys are in none of Debian's packages: theirs, known by its sum. All suites of
# Ubuntu are made by the same script.
ubuntu=http://archive.ubuntu.com/ubuntu
ubuntu_keys='ubuntu-keyring_2023.11.28.1_all.deb'
ubuntu_keys_sum=36de43b15853ccae0028e9a767613770c704833f82586f28eb262f0311adb8a8
fetch_ubuntu_keys() {
    [ ! -d "$store/ubuntu-keys" ] || return 0
    local fetched
    fetched=$(mktemp -d "$store/keys.XXXXXX")
    curl -sSf -o "$fetched/deb" "$ubuntu/pool/main/u/ubuntu-keyring/$ubuntu_keys"
    echo "$ubuntu_keys_sum  $fetched/deb" | sha256sum --quiet -c
    dpkg-deb -x "$fetched/deb" "$fetched/keys"
    mv "$fetched/keys" "$store/ubuntu-keys"
    rm -r "$fetched"
}

# bootstrap SUITE DIRECTORY
bootstrap() {
    local options=(--variant=minbase '--include=systemd,systemd-sysv,dbus,ca-certificates,libpam-systemd')
    case $1 in
    noble)
        fetch_ubuntu_keys
        debootstrap "${options[@]}" --components=main,universe --keyring="$store/ubuntu-keys/usr/share/keyrings/ubuntu-archive-keyring.gpg" \
            "$1" "$2" "$ubuntu" /usr/share/debootstrap/scripts/gutsy
        ;;
    *) debootstrap "${options[@]}" "$1" "$2" ;;
    esac
}

# A root with the packages that are given, made once.
make_root() {
    local name=$1 suite=$2
    shift 2
    [ ! -d "$store/$name" ] || return 0
    rm -rf "$store/$name.new"
    mkdir -p "$store"
    bootstrap "$suite" "$store/$name.new"
    rm -f "$store/$name.new/var/cache/apt/archives/"*.deb
    # Nothing is started while packages are installed.
    printf '#!/bin/sh\nexit 101\n' >"$store/$name.new/usr/sbin/policy-rc.d"
    chmod 755 "$store/$name.new/usr/sbin/policy-rc.d"
    cp /etc/resolv.conf "$store/$name.new/etc/resolv.conf"
    in_root "$store/$name.new" "apt-get update -qq && apt-get install -y -qq --no-install-recommends $* && apt-get clean"
    rm "$store/$name.new/usr/sbin/policy-rc.d"
    mv "$store/$name.new" "$store/$name"
}

# A system with a failed unit has booted, too: what is tried says what must not have failed. There is neither a console nor a
# kernel to load modules into.
boot() {
    ln -sf /dev/null "$1/etc/systemd/system/console-getty.service"
    ln -sf /dev/null "$1/etc/systemd/system/systemd-modules-load.service"
    unshare --mount --pid --fork --uts --ipc --net --cgroup --kill-child=SIGKILL bash "$root/tests/systems/boot.sh" "$1" \
        >"$2" 2>&1 </dev/null &
    local outer=$! until=$((SECONDS + 60))
    until init=$(pgrep -P "$outer" -x systemd) &&
        inside 'systemctl is-system-running --wait || true' 2>/dev/null | grep -qE 'running|degraded'; do
        [ $SECONDS -lt $until ] || die "$system did not boot"
        sleep 0.2
    done
}

halt() {
    [ -n "$init" ] && kill -s SIGRTMIN+3 "$init" 2>/dev/null || return 0
    timeout 60 tail --pid="$init" -f /dev/null || kill -KILL "$init" 2>/dev/null || true
    init=''
}
