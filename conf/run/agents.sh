# SPDX-License-Identifier: Apache-2.0
# Further personas, each with an agent of its own: --agent NAME=WHERE, where WHERE is an API or a file of settings.
# shellcheck shell=bash disable=SC2154

# agents_check: sets agent_lines, "SLUG<tab>NAME<tab>WHERE" each.
agents_check() {
    local entry name where slug slugs=' ariadne '
    agent_lines=()
    for entry in ${agents[@]+"${agents[@]}"}; do
        name=${entry%%=*} where=${entry#*=}
        [[ $entry == *=?* && $name =~ ^[A-Za-z][A-Za-z0-9\ _-]{0,39}$ ]] ||
            die "--agent must be NAME=URL or NAME=FILE, with letters, digits and blanks in the name"
        slug=$(printf %s "$name" | tr 'A-Z _' 'a-z--')
        [[ $slugs != *" $slug "* ]] || die "--agent $name: there is one of that name already"
        slugs+="$slug "
        if ! [[ $where =~ ^https?://[^/] ]]; then
            [[ -f $where && -r $where ]] || die "--agent $name: cannot read the file $where"
            where=$(realpath "$where")
        fi
        [[ $where != *[$'\n\t']* ]] || die "--agent $name: a path with a line break or a tab"
        agent_lines+=("$slug"$'\t'"$name"$'\t'"$where")
    done
}

# agents_list: writes the list that the task prepare reads.
agents_list() {
    (umask 077 && mkdir -p "$base/agents" && printf '%s\n' ${agent_lines[@]+"${agent_lines[@]}"} >"$base/agents/list")
    # The agents read their own files there; each is its user's alone.
    chmod 711 "$base/agents"
}

# agents_programs: their part of the list of programs.
agents_programs() {
    local line slug
    for line in ${agent_lines[@]+"${agent_lines[@]}"}; do
        slug=${line%%$'\t'*}
        # shellcheck disable=SC2016
        item program "trace-agent-$slug" /bin/sh -c 'set -a; . "$2"; exec "$1"' trace-agent "$prefix/bin/trace-agent" \
            "./agents/$slug.env"
        printf 'stop TERM %s\n' $((${TRACE_AGENT_DRAIN:-3} + 12))
    done
}
