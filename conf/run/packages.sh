# SPDX-License-Identifier: Apache-2.0
# Debian's packages: installs the missing ones as root, and names them otherwise.
# shellcheck shell=bash

packages_of_run=(autoconf automake libtool pkg-config gcc make libc6-dev libpq-dev libjansson-dev libcurl4-openssl-dev
    libcmocka-dev libargon2-dev libgumbo-dev libseccomp-dev libfcgi-dev libjson-c-dev libprotobuf-c-dev protobuf-c-compiler zlib1g-dev
    libssl-dev libnats-dev libre2-dev g++ libcjose-dev
    postgresql nginx nodejs npm curl ca-certificates)
# The hand-over module needs nginx-dev; `run` uses it where it is, since it brings many packages along.
packages_of_check=(nginx-dev nats-server haproxy groff-base openssl clang clang-format cppcheck shellcheck systemd chromium fonts-liberation valgrind libfaketime
    python3 python3-setuptools python3-wheel)

# For ./run --machines.
packages_of_machines=(nats-server etcd-server patroni python3-etcd haproxy nftables iproute2 openssl)

# For tests/systems/run, which makes whole systems of Debian's archive.
packages_of_systems=(debootstrap)

# A program that was installed in another way is as good as Debian's.
packages_have() {
    local tool
    case $1 in
    nodejs) command -v node >/dev/null && [ "$(node -p 'process.versions.node.split(".")[0]')" -ge 18 ] && return ;;
    postgresql) [ -n "$(packages_postgres)" ] && return ;;
    nginx) [ -x /usr/sbin/nginx ] && return ;;
    fonts-liberation | libfaketime) ;;
    *-dev | ca-certificates | libtool) ;;
    *)
        tool=$1
        [ "$tool" != autoconf ] || tool=autoreconf
        [ "$tool" != protobuf-c-compiler ] || tool=protoc-c
        command -v "$tool" >/dev/null && return
        ;;
    esac
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# Prints the directory of the newest PostgreSQL's programs, version 15 or later.
packages_postgres() {
    local bin
    for bin in $(printf '%s\n' /usr/lib/postgresql/*/bin | sort -t/ -k5 -rn); do
        [ -x "$bin/postgres" ] && [ "${bin//[^0-9]/}" -ge 15 ] && printf '%s\n' "$bin" && return
    done
}

# Installing must not create a database cluster or start a service of the distribution.
packages_install() {
    local policy=/usr/sbin/policy-rc.d cluster=/etc/postgresql-common/createcluster.d/agent-trace.conf status=0
    local made_policy=0
    if [ ! -e $policy ]; then
        printf '#!/bin/sh\nexit 101\n' >$policy
        chmod 755 $policy
        made_policy=1
    fi
    mkdir -p "${cluster%/*}"
    printf 'create_main_cluster = false\n' >$cluster
    export DEBIAN_FRONTEND=noninteractive
    apt-get install -y -qq -o Dpkg::Use-Pty=0 --no-install-recommends "$@" >&2 ||
        { apt-get update -qq >&2 && apt-get install -y -qq -o Dpkg::Use-Pty=0 --no-install-recommends "$@" >&2; } || status=$?
    [ $made_policy = 0 ] || rm -f $policy
    rm -f $cluster
    return $status
}

# packages_need run | check | machines | systems
packages_need() {
    local wanted=("${packages_of_run[@]}") missing=() name
    [ "$1" != check ] || wanted+=("${packages_of_check[@]}")
    [ "$1" != machines ] || wanted+=("${packages_of_machines[@]}")
    [ "$1" != systems ] || wanted+=("${packages_of_systems[@]}")
    for name in "${wanted[@]}"; do
        packages_have "$name" || missing+=("$name")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    [ "$EUID" = 0 ] || die "these packages are missing; install them with
    sudo apt-get install --no-install-recommends ${missing[*]}"
    say "installing ${missing[*]}"
    packages_install "${missing[@]}" || die "apt-get could not install ${missing[*]}"
}
