#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# origins.sh LIST: makes of the value of TRACE_CORS_ORIGINS the lines of nginx.conf.in's map of them, whose keys are
# COOKIES;ORIGIN. What is in the list and why is for cgi/cors.c to say. As regular expressions they may have any length.
set -eu
# shellcheck disable=SC2016 # the variable is nginx's
printf '%s\n' "${1:-}" | tr ',' '\n' | sed -E -e 's/^ +//; s#[ /]+$##' -e '/^[]A-Za-z0-9.:/_+[-]+$/!d' -e 's/[].+[]/\\&/g' -e 's/.*/"~*^;&$" $http_origin;/'
