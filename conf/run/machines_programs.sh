# SPDX-License-Identifier: Apache-2.0
# --machines: the programs of several machines, and what they read: NATS, etcd, PostgreSQL under Patroni, and HAProxy in front
# (conf/cluster/). Nothing of the database is kept after the end.
# shellcheck shell=bash disable=SC2034,SC2154

# fill TEMPLATE N [WORD VALUE]…: prints the file of conf/cluster/ with the words that are between at-signs.
fill() {
    local text i=$2
    text=$(cat "$root/conf/cluster/$1")
    text=${text//@N@/$i}
    text=${text//@IP@/$(machine_ip "$i")}
    text=${text//@NET@/$net}
    text=${text//@DATA@/$data/$i}
    shift 2
    while [ $# -gt 0 ]; do
        text=${text//"@$1@"/$2}
        shift 2
    done
    printf '%s\n' "$text"
}

# The authority that NATS and its clients trust, and a certificate of each server.
machines_tls() {
    local i tls=$data/tls
    mkdir -m 711 "$tls"
    (
        cd "$tls" && umask 077
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=agent-trace -keyout ca.key -out ca.pem
        for ((i = 1; i <= machines; i++)); do
            openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=nats-$i" -keyout "nats-$i.key" -out "nats-$i.csr"
            openssl x509 -req -in "nats-$i.csr" -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 -out "nats-$i.pem" \
                -extfile <(printf 'subjectAltName=IP:%s' "$(machine_ip "$i")")
        done
        chmod 644 -- *.pem
        chown "$relay_user" nats-*.key
    ) 2>"$base/logs/openssl.log" || die "openssl failed; see $base/logs/openssl.log"
}

# machines_file PATH OWNER: standard input, for that user alone.
machines_file() {
    (umask 077 && cat >"$1")
    chown "$2" "$1"
}

machines_database() {
    local i superuser replication
    superuser=$(new_secret) replication=$(new_secret) app_password=$(new_secret) owner_password=$(new_secret)
    printf 'APP_PASSWORD=%s\nOWNER_PASSWORD=%s\n' "$app_password" "$owner_password" |
        machines_file "$data/secrets" "$service_user"
    printf 'PGPASSWORD=%s\n' "$superuser" | machines_file "$data/superuser" "$service_user"
    for ((i = 1; i <= machines; i++)); do
        mkdir -m 700 "$data/$i" "$data/$i/etcd"
        mkdir -p "$data/$i/supervise/pids" "$base/logs/patroni-$i"
        ln -s "$base/logs/patroni-$i" "$data/$i/supervise/logs"
        chown "$service_user:$service_user" "$base/logs/patroni-$i"
        fill etcd.yml.in "$i" PEERS "$(each_machine , 'etcd-@N@=http://%s:2380')" >"$data/$i/etcd.yml"
        fill patroni.yml.in "$i" ETCD "$(each_machine ', ' '"%s:2379"')" BIN "$postgres_bin" SUPERUSER "$superuser" \
            REPLICATION "$replication" SCRIPTS "$root/conf/cluster" SECRETS "$data/secrets" NOTES "$data/notes" \
            >"$data/$i/patroni.yml"
        # A supervisor of its own takes in the PostgreSQL that Patroni starts, which is no child of it. Nothing of it is
        # kept, so nothing is asked to end.
        {
            printf 'base %s\n' "$data/$i/supervise"
            printf 'program patroni-%s\nexec /usr/bin/patroni\narg %s\n' "$i" "$data/$i/patroni.yml"
            printf 'env PATH=/usr/sbin:/usr/bin:/sbin:/bin\nstop KILL 5\n'
        } >"$data/$i/programs"
        chown -R "$service_user:$service_user" "$data/$i"
    done
    mkdir "$data/notes"
    chown "$service_user:$service_user" "$data/notes"
    chmod 755 "$data/notes"
    owner_url=postgresql://trace_owner:$owner_password@$(each_machine , %s)/trace
    owner_url+='?target_session_attrs=read-write&connect_timeout=2'
    app_url=postgresql://trace_app:$app_password@$(each_machine , %s)/trace
    app_url+='?target_session_attrs=read-write'
}

machines_nats() {
    local i password
    password=$(new_secret) bus_key=$(new_secret)$(new_secret)
    nats_url=$(each_machine , "tls://relay:$password@%s:4222") nats_ca=$data/tls/ca.pem
    for ((i = 1; i <= machines; i++)); do
        fill nats.conf.in "$i" TLS "$data/tls" PASSWORD "$password" ROUTES "$(each_machine ', ' '"nats://%s:6222"')" |
            machines_file "$data/nats-$i.conf" "$relay_user"
    done
}

machines_balancer() {
    sh "$root/conf/nginx/origins.sh" "${TRACE_CORS_ORIGINS:-}" lines >"$data/origins"
    fill haproxy.cfg.in 1 LISTEN "127.0.0.1:$port" ORIGINS "$data/origins" UNAVAILABLE "$root/conf/cluster/unavailable.http" \
        SERVERS "$(each_machine $'\n' '    server machine-@N@ %s:8080 check')" >"$data/haproxy.cfg"
    chmod 644 "$data/haproxy.cfg" "$data/origins"
}

# Everything that the machines read. They are the same in all but their number.
machines_write() {
    postgres_bin=$(packages_postgres)
    mkdir -m 711 "$data"
    machines_tls
    machines_nats
    machines_database
    machines_balancer
    machines_place
    machines_links
    machine_urls=$(each_machine ' ' 'http://%s:8080')
    # A machine's budgets are its own; so is its number of workers.
    export TRACE_WORKERS=${TRACE_WORKERS:-6}
}

# The names by which the processes are known: a file each, whoever writes it.
machines_links() {
    local i name
    for ((i = 1; i <= machines; i++)); do
        ln -sfn "$data/$i/supervise/pids/patroni-$i.pid" "$base/pids/patroni-$i"
        ln -sfn "$data/notes/postgres-$i" "$base/pids/postgres-$i"
        for name in database nats etcd relay trace-api workspace-api ingest-api sweeper nginx trace-pusher; do
            ln -sfn "$name-$i.pid" "$base/pids/$name-$i"
        done
    done
    ln -sfn haproxy.pid "$base/pids/haproxy"
    ln -sfn "$data/notes/primary" "$base/primary"
    [ "$base" = "$state" ] || ln -sfn "$base/primary" "$state/primary"
}

programs_of_cluster() {
    local i netns
    for ((i = 1; i <= machines; i++)); do
        netns=$(machine_netns "$i")
        item program "nats-$i" /usr/sbin/nats-server -c "$data/nats-$i.conf"
        item program "etcd-$i" /usr/bin/etcd --config-file "$data/$i/etcd.yml"
        item program "database-$i" "$prefix/libexec/trace-supervise" "$data/$i/programs"
        printf 'stop TERM 20\n'
    done
}

programs_machines() {
    local i
    printf 'base %s\n' "$base"
    programs_of_cluster
    item task prepare /bin/bash "$root/conf/run/prepare"
    env_of_tasks
    for ((i = 1; i <= machines; i++)); do
        machine_web "$i" programs_relay
        machine_web "$i" programs_serving
    done
    item program haproxy /usr/sbin/haproxy -db -f "$data/haproxy.cfg"
    programs_agent
    item task announce /bin/bash "$root/conf/run/announce"
    env_of_tasks
}
