# SPDX-License-Identifier: Apache-2.0
# Writes the list that trace-supervise keeps running; conf/supervise/list.h describes its form.
# shellcheck shell=bash disable=SC2154

# user_of PROGRAM: whom it runs as.
user_of() {
    case $1 in
    nginx* | haproxy) printf '%s' "$web_user" ;;
    trace-agent* | demo-*) printf '%s' "$agent_user" ;;
    relay* | nats*) printf '%s' "$relay_user" ;;
    *) printf '%s' "$service_user" ;;
    esac
}

# item program|task NAME PATH [ARGUMENT…]
item() {
    printf '%s %s\nexec %s\n' "$1" "$2" "$3"
    [ $# -le 3 ] || printf 'arg %s\n' "${@:4}"
    [ "$1" = task ] || [ -z "$service_user" ] || printf 'user %s\n' "$(user_of "$2")"
    [ -z "$netns" ] || printf 'netns %s\n' "$netns"
}

env_of_programs() {
    printf 'env %s\n' "TRACE_DATABASE_URL=$app_url" "TRACE_SOCKET_DIR=$sock" "TRACE_BUILD=$ui_build" \
        "TRACE_RELAY_DIR=$relay_dir"
}

env_of_tasks() {
    printf 'env %s\n' "RUN_BASE=$base" "RUN_STATE=$state" "RUN_PREFIX=$prefix" "RUN_SOCK=$sock" "RUN_DEMO=$demo" \
        "RUN_SERVICE_USER=$service_user" "RUN_MACHINES=$machines" "RUN_MACHINE_URLS=$machine_urls" \
        "RUN_AGENT_USER=$agent_user" "RUN_PRIVATE=$private" "RUN_AGENT=$with_agent" "RUN_MODEL_URL=$model_url" \
        "RUN_MODEL_IS_DEMO=$([ -z "$demo_model_port" ] && echo 0 || echo 1)" \
        "TRACE_URL=http://127.0.0.1:$port" "TRACE_DATABASE_URL=$owner_url" "DATABASE_URL=$owner_url"
}

free_port() {
    local candidate
    while :; do
        candidate=$((20000 + RANDOM % 12000))
        (exec 3<>"/dev/tcp/127.0.0.1/$candidate") 2>/dev/null || break
    done
    printf '%s\n' "$candidate"
}

programs_database() {
    printf 'base %s\n' "$base"
    if [ "$private" = 1 ]; then
        item program postgres "$postgres_bin/postgres" -D "$base/pg" -c "config_file=$base/postgresql.conf" \
            -c "hba_file=$base/pg/pg_hba.conf" -c "ident_file=$base/pg/pg_ident.conf"
        printf 'stop INT 20\ndeath QUIT\n'
    fi
    item task prepare /bin/bash "$root/conf/run/prepare"
    env_of_tasks
}

# Only where there is a NATS is there another machine. The relay alone has NATS's password and the key of the bus.
programs_relay() {
    [ -n "$relay_dir" ] || return 0
    item program "relay$suffix" "$prefix/libexec/trace-relay"
    printf 'env %s\n' "TRACE_RELAY_DIR=$relay_dir" "TRACE_RELAY_USER=$service_user" "TRACE_NATS_URL=$nats_url" \
        "TRACE_BUS_KEY=$bus_key"
    [ -z "$nats_ca" ] || printf 'env TRACE_NATS_CA=%s\n' "$nats_ca"
    printf 'stop TERM 5\n'
}

programs_serving() {
    local n name
    for name in trace-api workspace-api ingest-api; do
        item program "$name$suffix" "$prefix/libexec/$name.fcgi"
        env_of_programs
        printf 'stop TERM 10\n'
    done
    item program "sweeper$suffix" "$prefix/bin/trace-admin" sweep --every "${TRACE_SWEEP_INTERVAL:-15}"
    env_of_programs
    # The path is relative, because nginx would take a '$' in it for a variable.
    item program "nginx$suffix" /usr/sbin/nginx -p ./ -c "${folder}nginx.conf" -e stderr
    # By then the pushers have ended their streams; a client that is still connected does not read.
    printf 'remove %s\nstop QUIT 2\ndeath TERM\n' "$base/${folder}tmp/internal.sock"
    for ((n = 1; n <= ${TRACE_PUSHERS:-1}; n++)); do
        name=trace-pusher
        [ "$n" = 1 ] || name=trace-pusher-$n
        item program "$name$suffix" "$prefix/libexec/trace-pusher" --number "$n"
        env_of_programs
        # The first write of an event wakes nginx. Were the pusher preempted then, it would wait for the next tick, 4 ms
        # later; under this policy it finishes its writes, about 2 ms for a thousand readers, before nginx runs.
        printf 'stop TERM %s\nrealtime 1\n' $((${TRACE_PUSHER_DRAIN:-3} + 5))
    done
}

programs_agent() {
    [ -z "$demo_model_port" ] || item program demo-model "$prefix/bin/demo-model" --port "$demo_model_port"
    agents_programs
    [ "$with_agent" = 1 ] || return 0
    # shellcheck disable=SC2016
    item program trace-agent /bin/sh -c 'set -a; . ./agent.env; exec "$1"' trace-agent "$prefix/bin/trace-agent"
    # After the drain it still fails its sessions and sends what its emitter holds.
    printf 'stop TERM %s\n' $((${TRACE_AGENT_DRAIN:-3} + 12))
    [ "$demo" = 1 ] || return 0
    item program demo-watch /bin/bash "$prefix/share/agent-trace/demo/watch.sh"
    printf 'stop TERM 10\n'
}

# Programs are stopped from the last to the first, so the agent can still reach the API, and nginx can still deliver the
# end of the streams.
programs_list() {
    programs_database
    programs_relay
    programs_serving
    programs_agent
    item task announce /bin/bash "$root/conf/run/announce"
    env_of_tasks
}

# programs_write FUNCTION: writes the list that the function prints.
programs_write() {
    local private=1 with_agent=0 demo_model_port='' model_url=$model ui_build
    if [ -n "$machines" ]; then
        private=0
    elif [ -n "$database" ]; then
        private=0
        owner_url=$database
        # The owner's connection, reduced to the rights that the programs need.
        app_url=$database$([[ $database == *\?* ]] && printf '&' || printf '?')options=-c%20role%3Dtrace_app
    else
        app_url="postgresql://trace_app@/trace?host=$(percent "$sock")"
    fi
    if [ "$demo" = 1 ] && [ -z "$model" ]; then
        demo_model_port=$(free_port)
        model_url=http://127.0.0.1:$demo_model_port/v1
    fi
    [ -z "$model_url" ] || with_agent=1
    ui_build=${TRACE_BUILD:-$(cat "$prefix/.installed")}
    (umask 077 && "$1" >"$base/programs")
}
