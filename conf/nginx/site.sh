#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# site.sh TARGET SOCKETS STATIC INSTALLED: makes of conf/nginx.conf.in what a site beside other sites needs: TARGET/http.conf
# for the level of http (maps, limits and upstreams, whose names begin with agent_trace), and TARGET/server.conf for a server
# that listens, names itself and has its certificate. What nginx.conf.in says for all sites is said in the servers instead:
# TARGET/common.conf. TARGET/metrics.conf is a server of its own for the metrics. INSTALLED is where these files will be. Which
# pages of other origins may read answers is /etc/agent-trace/origins.conf, if agent-trace-setup has made one.
set -eu
source=$(sh "$(dirname "$0")/template.sh")
target=$1 sockets=$2 static=$3 installed=$4
pushers=8
mkdir -p "$target"

# between NAME: the lines from "# site: NAME" to "# site: end", without their indent.
between() { printf '%s\n' "$source" | sed -n "/^ *# site: $1\$/,/^ *# site: end\$/p" | sed -e '/^ *# site: /d'; }

# names INDENT: names of upstreams and zones are this site's, and the words between at-signs are filled in.
names() {
    sed -E -e "s/^ {0,$1}//" -e 's/(upstream |fastcgi_pass |proxy_pass http:\/\/)(trace_api|workspace_api|sign_in|ingest_api)/\1agent_trace_\2/' \
        -e 's/zone=sign_in/zone=agent_trace_sign_in/' -e "s#@SOCK@#$sockets#g; s#@STATIC@#$static#g; s#@INTERNAL@#$sockets/internal.sock#g" \
        -e 's#@ORIGINS@#include /etc/agent-trace/origins*.conf;#'
}

each_pusher() {
    n=1
    while [ $n -le $pushers ]; do
        # shellcheck disable=SC2059 # the pattern is the caller's
        printf "$1" $n $n
        n=$((n + 1))
    done
}

{
    echo "# Agent Trace, at the level of http. Made of conf/nginx.conf.in."
    between http | grep -v '^@PUSHER_UPSTREAMS@' | names 4
    each_pusher "upstream agent_trace_pusher_%d {
    server unix:$sockets/pusher-%d.http max_fails=0;
}
"
    between internal | names 4 | sed "/listen unix:/a\\    include $installed/common.conf;"
} >"$target/http.conf"
{
    echo "# Agent Trace, in each of its servers. Made of conf/nginx.conf.in."
    between everywhere | names 4
} >"$target/common.conf"
{
    echo "# Agent Trace, in a server. Made of conf/nginx.conf.in."
    echo "include $installed/common.conf;"
    between server | sed -n '/@PUSHER_LOCATIONS@/q;p' | names 8
    each_pusher '    location = /internal/pusher/%d {
        proxy_pass http://agent_trace_pusher_%d/events;
    }
'
    between server | sed '1,/@PUSHER_LOCATIONS@/d' | names 8
} >"$target/server.conf"
cp "$(dirname "$0")/site.conf" "$(dirname "$0")/site-tls.conf" "$(dirname "$0")/origins.sh" "$target"
names 0 <"$(dirname "$0")/metrics.conf" >"$target/metrics.conf"
