// SPDX-License-Identifier: Apache-2.0
#include "wire/handoff.h"

// Both ends are on one machine: native byte order, a fixed layout, and a version that refuses a stale program.
enum { REQUEST_MAGIC = 0x31514854, ANSWER_MAGIC = 0x31414854 }; // "THQ1", "THA1"

struct request_header {
    uint32_t magic;
    uint16_t query_bytes;
    uint16_t address_bytes;
    uint64_t number;
    int64_t deadline_ns;
};

struct answer_message {
    uint32_t magic;
    uint32_t verdict;
    uint64_t number;
};

_Static_assert(sizeof(struct request_header) == 24, "no padding that would be sent uninitialised");
_Static_assert(sizeof(struct answer_message) == HANDOFF_ANSWER_BYTES, "no padding that would be sent uninitialised");

size_t handoff_request_print(const struct handoff_request *request, char *out)
{
    size_t bytes = sizeof(struct request_header) + request->query.n + request->address.n;
    if (request->query.n == 0 || request->address.n > HANDOFF_ADDRESS_MAX || bytes > HANDOFF_BYTES_MAX)
        return 0;
    struct request_header header = {
        .magic = REQUEST_MAGIC,
        .query_bytes = (uint16_t)request->query.n,
        .address_bytes = (uint16_t)request->address.n,
        .number = request->number,
        .deadline_ns = request->deadline_ns,
    };
    memcpy(out, &header, sizeof header);
    memcpy(out + sizeof header, request->query.p, request->query.n);
    if (request->address.n)
        memcpy(out + sizeof header + request->query.n, request->address.p, request->address.n);
    return bytes;
}

int handoff_request_parse(struct handoff_request *request, struct str message)
{
    struct request_header header;
    if (message.n < sizeof header || message.n > HANDOFF_BYTES_MAX)
        return -1;
    memcpy(&header, message.p, sizeof header);
    struct str rest = str_skip(message, sizeof header);
    if (header.magic != REQUEST_MAGIC || header.query_bytes == 0 || header.address_bytes > HANDOFF_ADDRESS_MAX ||
        (size_t)header.query_bytes + header.address_bytes != rest.n)
        return -1;
    *request = (struct handoff_request){
        .number = header.number,
        .deadline_ns = header.deadline_ns,
        .query = {rest.p, header.query_bytes},
        .address = {rest.p + header.query_bytes, header.address_bytes},
    };
    return 0;
}

void handoff_answer_print(const struct handoff_answer *answer, char *out)
{
    struct answer_message message = {ANSWER_MAGIC, (uint32_t)answer->verdict, answer->number};
    memcpy(out, &message, sizeof message);
}

int handoff_answer_parse(struct handoff_answer *answer, struct str message)
{
    struct answer_message read;
    if (message.n != sizeof read)
        return -1;
    memcpy(&read, message.p, sizeof read);
    if (read.magic != ANSWER_MAGIC || read.verdict >= HANDOFF_VERDICT__MAX)
        return -1;
    *answer = (struct handoff_answer){read.number, (enum handoff_verdict)read.verdict};
    return 0;
}
