# SPDX-License-Identifier: Apache-2.0
# Paragraphs of the sample environment file as entries of a manual page.
function escaped(text) {
    gsub(/\\/, "\\e", text)
    gsub(/-/, "\\-", text)
    return text
}
NR == 1, /^$/ { next }
/^# / { help = substr($0, 3); next }
/^#?(TRACE|OTEL)_[A-Z_]+=/ {
    sub(/^#/, "")
    at = index($0, "=")
    value = substr($0, at + 1)
    printf ".TP\n.BR %s%s\n%s\n", substr($0, 1, at - 1), value == "" ? "" : " \" [" escaped(value) "]\"", escaped(help)
}
