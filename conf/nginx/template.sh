#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# template.sh: prints conf/nginx.conf.in as a whole: where it says `# part: FILE`, what is in that file here.
set -eu
cd "$(dirname "$0")"
awk '
    function fail(file) { print "template.sh: cannot read " file >"/dev/stderr"; failed = 1; exit 1 }
    /^ *# part: / {
        indent = substr($0, 1, index($0, "#") - 1)
        for (n = 0; (got = (getline line <$3)) > 0; n++)
            if (line !~ /^# SPDX/) print (line == "" ? "" : indent line)
        if (got < 0 || n == 0) fail($3)
        next
    }
    { print }
    END { exit failed }' ../nginx.conf.in
