// SPDX-License-Identifier: Apache-2.0
// SQL for the bound of an answer that lists messages: it ends before the message with which it would have more than
// 4 MiB, but has at least one. The sizes are those of what is stored, as far as lists show it (brief_bytes() in SQL),
// so that nothing is printed only to be counted.
#ifndef STORE_BOUNDS_H
#define STORE_BOUNDS_H

#define BOUNDS_ANSWER "4194304"

// Of a row `m` of messages, which may be absent: no more than what is printed around it.
#define BOUNDS_MESSAGE                                                                                                 \
    "(400 + coalesce(least(octet_length(m.content), 16384) + octet_length(m.mentions)\n"                               \
    "        + least(coalesce(octet_length(m.sources), 0), 16384), 0))"

#endif
