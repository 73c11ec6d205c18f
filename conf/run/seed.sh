# SPDX-License-Identifier: Apache-2.0
# The demo workspace. It is made once and recorded in seed.env; people and programs find it in demo.env and agent.env.
# shellcheck shell=bash disable=SC2153,SC2154

# field NAME: prints the first value of that name in the JSON on standard input.
field() { grep -o "\"$1\": *\"[^\"]*\"" | head -n 1 | sed 's/.*: *"//; s/"$//'; }

remember() {
    [ -n "$2" ] || die "no $1 came back"
    printf '%s=%s\n' "$1" "$(quoted "$2")" >>"$memory/seed.env"
}

new_secret() { od -An -N12 -tx1 /dev/urandom | tr -d ' \n'; }

# In a shared database the usual address may already be taken.
free_email() {
    local taken
    taken=$(sql "$DATABASE_URL" "SELECT 1 FROM users WHERE email = 'ada@example.com'")
    [ -z "$taken" ] && printf 'ada@example.com\n' || printf 'ada-%s@example.com\n' "$(new_secret | cut -c 1-6)"
}

# So may the name of the workspace, by the state directory of another machine.
free_workspace() {
    local taken
    taken=$(sql "$DATABASE_URL" "SELECT 1 FROM workspaces WHERE name = 'Demo'")
    [ -z "$taken" ] && printf 'Demo\n' || printf 'Demo %s\n' "$(new_secret | cut -c 1-6)"
}

seed_workspace() {
    local workspace persona password token agent_token email stream scope=read,sessions:write,messages:write
    say "making the demo workspace"
    (umask 077 && : >"$memory/seed.env")
    workspace=$(admin create-workspace "$(free_workspace)" --json | field id)
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

# What demo_sessions (conf/run/demo.sh) needs, until it has left its mark.
seed_sessions() {
    local file=$base/demo-sessions.env
    rm -f "$file"
    if [ "$RUN_DEMO" = 0 ] || [ -f "$memory/seeded.sessions" ]; then return 0; fi
    # shellcheck source=/dev/null
    . "$memory/seed.env"
    {
        printf 'DEMO_MARK=%s\n' "$(quoted "$memory/seeded.sessions")"
        sql "$DATABASE_URL" "SELECT concat('DEMO_', upper(name), '=', id) FROM streams WHERE type = 'channel'
            AND workspace_id = '$TRACE_WORKSPACE' AND name IN ('launch', 'engineering', 'customers')"
    } | env_file "$file" ''
}

# The persona's card says whether the demo model speaks.
seed_model() {
    local demo=false
    [ "$RUN_MODEL_IS_DEMO" = 0 ] || demo=true
    sql "$DATABASE_URL" "UPDATE personas SET demo = $demo WHERE id = '$TRACE_PERSONA' AND demo <> $demo"
}

# seed_agent SLUG NAME: makes the persona and its token, once.
seed_agent() {
    local scope=read,sessions:write,messages:write persona token
    [ ! -f "$memory/agent-$1.seed" ] || return 0
    # shellcheck source=/dev/null
    . "$memory/seed.env"
    say "making the persona $2"
    persona=$(admin create-persona "$2" --workspace "$TRACE_WORKSPACE" --json | field id)
    token=$(admin create-token --workspace "$TRACE_WORKSPACE" --persona "$persona" --scope $scope --json | field secret)
    [[ -n $persona && -n $token ]] || die "the persona $2 could not be made"
    printf 'TRACE_PERSONA=%s\nTRACE_TOKEN=%s\n' "$(quoted "$persona")" "$(quoted "$token")" |
        env_file "$memory/agent-$1.seed" ''
}

# agent_settings WHERE: for a shell. A file has the form of systemd's: a value is not a word of a shell.
agent_settings() {
    local line value
    if [[ $1 =~ ^https?:// ]]; then
        printf 'TRACE_MODEL_URL=%s\n' "$(quoted "$1")"
        return
    fi
    while IFS= read -r line || [ -n "$line" ]; do
        [[ $line =~ ^(TRACE_[A-Z_]+)=(.*)$ ]] || continue
        value=${BASH_REMATCH[2]}
        if [[ $value =~ ^\"(.*)\"$ || $value =~ ^\'(.*)\'$ ]]; then value=${BASH_REMATCH[1]}; fi
        printf '%s=%s\n' "${line%%=*}" "$(quoted "$value")"
    done <"$1"
}

# The settings of the first agent, which all programs inherit, are not those of the others: a key goes to its own server.
seed_agents() {
    local slug name where
    [ -f "$base/agents/list" ] || return 0
    while IFS=$'\t' read -r slug name where; do
        [ -n "$slug" ] || continue
        seed_agent "$slug" "$name"
        {
            printf 'unset TRACE_MODEL TRACE_MODEL_KEY TRACE_MODEL_KEY_FILE TRACE_MODEL_HEADERS TRACE_MODEL_BODY\n'
            printf 'unset TRACE_MODEL_CA TRACE_INSTRUCTIONS TRACE_CONTEXT_TOKENS TRACE_MCP_SERVERS TRACE_SEARCH_URL\n'
            agent_settings "$where"
            # shellcheck source=/dev/null
            (. "$memory/seed.env" && printf 'TRACE_URL=%s\nTRACE_WORKSPACE=%s\n' "$(quoted "$TRACE_URL")" \
                "$(quoted "$TRACE_WORKSPACE")")
            cat "$memory/agent-$slug.seed"
        } | env_file "$base/agents/$slug.env" "$RUN_AGENT_USER"
    done <"$base/agents/list"
}

# env_file PATH OWNER: writes standard input to a file that only its owner can read, completely or not at all.
env_file() {
    (umask 077 && cat >"$1.new")
    [ -z "$2" ] || chown "$2" "$1.new"
    mv "$1.new" "$1"
}

# cluster.env: what demo.env has, and the address of each machine.
seed_cluster() {
    local url n=0
    {
        cat "$base/demo.env"
        for url in $RUN_MACHINE_URLS; do
            n=$((n + 1))
            printf 'TRACE_URL_%s=%s\n' $n "$(quoted "$url")"
        done
    } | env_file "$base/cluster.env" ''
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
    } | env_file "$base/agent.env" "$RUN_AGENT_USER"
}
