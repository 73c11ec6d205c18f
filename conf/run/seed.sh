# The demo workspace: made once, remembered in seed.env, told to people and programs in demo.env and agent.env.
# shellcheck shell=bash disable=SC2153,SC2154

# field NAME: the first value of that name in the JSON on standard input.
field() { grep -o "\"$1\": *\"[^\"]*\"" | head -n 1 | sed 's/.*: *"//; s/"$//'; }

remember() {
    [ -n "$2" ] || die "no $1 came back"
    printf '%s=%s\n' "$1" "$(quoted "$2")" >>"$memory/seed.env"
}

new_secret() { od -An -N12 -tx1 /dev/urandom | tr -d ' \n'; }

# In a database that others use too the first name may be somebody's.
free_email() {
    local taken
    taken=$(sql "$DATABASE_URL" "SELECT 1 FROM users WHERE email = 'ada@example.com'")
    [ -z "$taken" ] && printf 'ada@example.com\n' || printf 'ada-%s@example.com\n' "$(new_secret | cut -c 1-6)"
}

seed_workspace() {
    local workspace persona password token agent_token email stream scope=read,sessions:write,messages:write
    say "making the demo workspace"
    (umask 077 && : >"$memory/seed.env")
    workspace=$(admin create-workspace Demo --json | field id)
    password=$(new_secret)
    email=$(free_email)
    printf '%s\n' "$password" | admin create-user "$email" --workspace "$workspace" --name Ada --admin --json >/dev/null
    persona=$(admin create-persona Ariadne --workspace "$workspace" --json | field id)
    token=$(admin create-token --workspace "$workspace" --persona "$persona" --scope $scope --json | field secret)
    agent_token=$(admin create-token --workspace "$workspace" --persona "$persona" --scope $scope --json | field secret)
    stream=$(sql "$DATABASE_URL" "SELECT id FROM streams WHERE workspace_id = '$workspace' AND type = 'channel'
        AND name = 'general'")
    remember TRACE_WORKSPACE "$workspace"
    remember TRACE_STREAM "$stream"
    remember TRACE_PERSONA "$persona"
    remember TRACE_TOKEN "$token"
    remember AGENT_TOKEN "$agent_token"
    remember TRACE_EMAIL "$email"
    remember TRACE_PASSWORD "$password"
    : >"$memory/seeded"
}

seed_conversation() {
    local file=$RUN_PREFIX/share/agent-trace/demo/conversation.ndjson
    # shellcheck source=/dev/null
    (. "$memory/seed.env" && admin import --workspace "$TRACE_WORKSPACE" "$file" >/dev/null) ||
        die "the demo conversation could not be imported"
    : >"$memory/seeded.demo"
}

# Her card says whether it is the demo model that speaks.
seed_model() {
    local demo=false
    [ "$RUN_MODEL_IS_DEMO" = 0 ] || demo=true
    sql "$DATABASE_URL" "UPDATE personas SET demo = $demo WHERE id = '$TRACE_PERSONA' AND demo <> $demo"
}

# env_file PATH OWNER: standard input becomes a file that only its owner reads, whole or not at all.
env_file() {
    (umask 077 && cat >"$1.new")
    [ -z "$2" ] || chown "$2" "$1.new"
    mv "$1.new" "$1"
}

seed_environment() {
    # shellcheck source=/dev/null
    . "$memory/seed.env"
    local name
    seed_model
    for name in TRACE_URL TRACE_WORKSPACE TRACE_STREAM TRACE_PERSONA TRACE_TOKEN TRACE_EMAIL TRACE_PASSWORD \
        DATABASE_URL; do
        printf '%s=%s\n' "$name" "$(quoted "${!name}")"
    done | env_file "$base/demo.env" ''
    [ "$RUN_AGENT" = 1 ] || return 0
    {
        for name in TRACE_URL TRACE_WORKSPACE TRACE_PERSONA; do
            printf '%s=%s\n' "$name" "$(quoted "${!name}")"
        done
        printf 'TRACE_TOKEN=%s\nTRACE_MODEL_URL=%s\nTRACE_MODEL=%s\n' "$(quoted "$AGENT_TOKEN")" \
            "$(quoted "$RUN_MODEL_URL")" "$(quoted "${TRACE_MODEL:-$([ "$RUN_MODEL_IS_DEMO" = 0 ] || echo demo)}")"
    } | env_file "$base/agent.env" "$service_user"
}
