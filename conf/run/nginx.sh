# SPDX-License-Identifier: Apache-2.0
# Writes nginx.conf from its template. Its paths are relative, because nginx is started in $base.
# shellcheck shell=bash disable=SC2154

# A stream needs two descriptors. There are enough for a pusher's 16,000 streams, as far as the system allows.
nginx_wanted_files=65536

# nginx_write LISTEN: LISTEN are the lines of its server that say where it listens.
nginx_write() {
    local text files n origins upstreams='' locations='' modules='' handoff
    local nginx_module=$prefix/lib/agent-trace/ngx_http_trace_handoff_module.so
    ulimit -n $nginx_wanted_files 2>/dev/null || ulimit -n "$(ulimit -Hn)"
    files=$(ulimit -n)
    # With the module streams get to the pusher without a copy through nginx; TRACE_HANDOFF=0 proxies them all the same.
    if [ "${TRACE_HANDOFF:-1}" != 0 ] && [ -e "$nginx_module" ]; then
        modules="load_module $nginx_module;"
    fi
    for ((n = 1; n <= ${TRACE_PUSHERS:-1}; n++)); do
        handoff=''
        [ -z "$modules" ] || handoff="
                trace_handoff unix:@SOCK@/pusher-$n.handoff;"
        upstreams+="    upstream pusher_$n {
        server unix:@SOCK@/pusher-$n.http max_fails=0;
    }
"
        locations+="
            location = /internal/pusher/$n {$handoff
                proxy_pass http://pusher_$n/events;
            }"
    done
    origins=$(sh "$root/conf/nginx/origins.sh" "${TRACE_CORS_ORIGINS:-}")
    text=$(sh "$root/conf/nginx/template.sh")
    text=${text//@MODULES@/"$modules"}
    text=${text//@ORIGINS@/"$origins"}
    text=${text//@PUSHER_UPSTREAMS@/"$upstreams"}
    text=${text//@PUSHER_LOCATIONS@/"$locations"}
    text=${text//@LISTEN@/"$1"}
    text=${text//@WORKERS@/auto}
    text=${text//@FILES@/"$files"}
    text=${text//@CONNECTIONS@/$((files > 1024 ? files - 256 : files))}
    text=${text//@MIME_TYPES@//etc/nginx/mime.types}
    text=${text//@TMP@/${folder}tmp}
    text=${text//@INTERNAL@/${folder}tmp/internal.sock}
    text=${text//@SOCK@/sock$suffix}
    text=${text//@STATIC@/static}
    printf '%s\n' "$text" >"$base/${folder}nginx.conf"
    chmod 644 "$base/${folder}nginx.conf"
}
