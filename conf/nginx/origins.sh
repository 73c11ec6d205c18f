#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# origins.sh LIST [lines]: makes of the value of TRACE_CORS_ORIGINS the lines of nginx.conf.in's map of them, whose keys are
# COOKIES;ORIGIN; or plain lines, an origin each, for conf/cluster/haproxy.cfg.in. What is in the list and why is for
# cgi/cors.c to say. As regular expressions they may have any length.
set -eu
origins() { printf '%s\n' "$1" | tr ',' '\n' | sed -E -e 's/^ +//; s#[ /]+$##' -e '/^[]A-Za-z0-9.:/_+[-]+$/!d'; }
if [ "${2:-}" = lines ]; then
    origins "${1:-}"
else
    # shellcheck disable=SC2016 # the variable is nginx's
    origins "${1:-}" | sed -E -e 's/[].+[]/\\&/g' -e 's/.*/"~*^;&$" $http_origin;/'
fi
