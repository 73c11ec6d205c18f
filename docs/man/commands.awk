# SPDX-License-Identifier: Apache-2.0
# Rows of the first table as entries of a manual page: "| `command` | what it does |".
/^\| `/ {
    gsub(/\\\|/, "\001")
    split($0, cell, " \\| ")
    name = cell[1]
    text = cell[2]
    sub(/^\| /, "", name)
    sub(/ ?\|$/, "", text)
    gsub(/`/, "", name)
    gsub(/`/, "", text)
    gsub(/\001/, "|", name)
    gsub(/\001/, "|", text)
    gsub(/ · /, ", ", name)
    gsub(/…/, "...", text)
    gsub(/\\/, "\\e", name)
    gsub(/-/, "\\-", name)
    gsub(/\\/, "\\e", text)
    gsub(/-/, "\\-", text)
    printf ".TP\n.B %s\n%s\n", name, text == "" ? "as the name says" : text
}
