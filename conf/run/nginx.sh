# Writes nginx.conf from its template. Paths in it are relative: nginx is started in $base.
# shellcheck shell=bash disable=SC2154

# Two descriptors a stream, for the 16,000 of a pusher, as far as the system allows.
nginx_wanted_files=65536

nginx_write() {
    local text files n upstreams='' locations=''
    ulimit -n $nginx_wanted_files 2>/dev/null || ulimit -n "$(ulimit -Hn)"
    files=$(ulimit -n)
    for ((n = 1; n <= ${TRACE_PUSHERS:-1}; n++)); do
        upstreams+="    upstream pusher_$n {
        server unix:@SOCK@/pusher-$n.http max_fails=0;
    }
"
        locations+="
            location = /internal/pusher/$n {
                proxy_pass http://pusher_$n/events;
            }"
    done
    text=$(cat "$root/conf/nginx.conf.in")
    text=${text//@PUSHER_UPSTREAMS@/"$upstreams"}
    text=${text//@PUSHER_LOCATIONS@/"$locations"}
    # Its send buffer hides a slow reader as well.
    text=${text//@LISTEN@/"        listen 127.0.0.1:$port backlog=4096 sndbuf=64k;"}
    text=${text//@WORKERS@/auto}
    text=${text//@FILES@/"$files"}
    text=${text//@CONNECTIONS@/$((files > 1024 ? files - 256 : files))}
    text=${text//@MIME_TYPES@//etc/nginx/mime.types}
    text=${text//@TMP@/tmp}
    text=${text//@SOCK@/sock}
    text=${text//@STATIC@/static}
    printf '%s\n' "$text" >"$base/nginx.conf"
    chmod 644 "$base/nginx.conf"
}
