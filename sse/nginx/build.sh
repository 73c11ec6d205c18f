#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# build.sh NGINX_SOURCE ROOT OUTPUT: the module by nginx's own configure, with the options of the packaged nginx, as a
# module must have them.
set -euo pipefail

source=$1 output=$3
export TRACE_SOURCE=$2
folder=$(dirname "$output")/nginx-build
rm -rf "$folder"
mkdir -p "$(dirname "$folder")"
cp -r "$source" "$folder"
cd "$folder"
# shellcheck source=/dev/null
. ./conf_flags
{
    ./configure "${NGX_CONF_FLAGS[@]}" --with-cc-opt='-std=gnu11 -g -O2 -D_FORTIFY_SOURCE=2 -fstack-protector-strong' \
        --with-ld-opt='-Wl,-z,relro,-z,now' --add-dynamic-module="$TRACE_SOURCE/sse/nginx"
    make -f objs/Makefile modules
} >build.log 2>&1 || {
    tail -n 40 build.log >&2
    exit 1
}
install -m 644 objs/ngx_http_trace_handoff_module.so "$output"
