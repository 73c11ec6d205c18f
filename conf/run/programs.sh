# Writes the list that trace-supervise keeps running; admin/supervise/list.h describes its form.
# shellcheck shell=bash disable=SC2154

# item program|task NAME PATH [ARGUMENT…]
item() {
    printf '%s %s\nexec %s\n' "$1" "$2" "$3"
    [ $# -le 3 ] || printf 'arg %s\n' "${@:4}"
    [ "$1" = task ] || [ -z "$service_user" ] || printf 'user %s\n' "$service_user"
}

env_of_programs() {
    printf 'env %s\n' "TRACE_DATABASE_URL=$app_url" "TRACE_SOCKET_DIR=$sock" "TRACE_BUILD=$ui_build"
}

env_of_tasks() {
    printf 'env %s\n' "RUN_BASE=$base" "RUN_STATE=$state" "RUN_PREFIX=$prefix" "RUN_SOCK=$sock" "RUN_DEMO=$demo" \
        "RUN_SERVICE_USER=$service_user" "RUN_PRIVATE=$private" "RUN_AGENT=$with_agent" "RUN_MODEL_URL=$model_url" \
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

programs_serving() {
    local n name
    for name in trace-api workspace-api; do
        item program "$name" "$prefix/libexec/$name.fcgi"
        env_of_programs
        printf 'stop TERM 10\n'
    done
    item program sweeper "$prefix/bin/trace-admin" sweep --every "${TRACE_SWEEP_INTERVAL:-15}"
    env_of_programs
    # Relative, for a '$' in its own path would be a variable to nginx.
    item program nginx /usr/sbin/nginx -p ./ -c nginx.conf -e stderr
    # The pushers have ended their streams by then: who is still connected does not read.
    printf 'remove %s\nstop QUIT 2\ndeath TERM\n' "$base/sock/internal.sock"
    for ((n = 1; n <= ${TRACE_PUSHERS:-1}; n++)); do
        name=trace-pusher
        [ "$n" = 1 ] || name=trace-pusher-$n
        item program "$name" "$prefix/libexec/trace-pusher" --number "$n"
        env_of_programs
        # Each event wakes nginx with its first write. Who loses the processor then has it back a tick later, 4 ms: the
        # pusher goes on to the last write, some 2 ms behind for a thousand readers, before nginx has its turn.
        printf 'stop TERM %s\nrealtime 1\n' $((${TRACE_PUSHER_DRAIN:-3} + 5))
    done
}

programs_agent() {
    [ -z "$demo_model_port" ] || item program demo-model "$prefix/bin/demo-model" --port "$demo_model_port"
    [ "$with_agent" = 1 ] || return 0
    # shellcheck disable=SC2016
    item program trace-agent /bin/sh -c 'set -a; . ./agent.env; exec "$1"' trace-agent "$prefix/bin/trace-agent"
    # Behind the drain come the sessions that it fails, and what its emitter still holds.
    printf 'stop TERM %s\n' $((${TRACE_AGENT_DRAIN:-3} + 12))
}

# From the last to the first they are ended: the agent still finds the API, the streams end while nginx can say so.
programs_list() {
    programs_database
    programs_serving
    programs_agent
    item task announce /bin/bash "$root/conf/run/announce"
    env_of_tasks
}

# programs_write FUNCTION: the list that it prints.
programs_write() {
    local private=1 with_agent=0 demo_model_port='' model_url=$model app_url ui_build
    if [ -n "$database" ]; then
        private=0
        owner_url=$database
        # The owner's connection, with no more rights than the programs need.
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
