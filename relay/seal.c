// SPDX-License-Identifier: Apache-2.0
#include "relay/seal.h"

#include <assert.h>
#include "base/mac.h"

// All machines have the same byte order and the same build, as hints have it; the version refuses another build.
enum { SEAL_VERSION = 1 };

struct header {
    uint32_t version;
    uint32_t kind;
    uint64_t from;
    uint64_t to;
    int64_t number;
    int64_t sent_us;
    int64_t ahead_ns;
    unsigned char mac[MAC_BYTES];
};

static_assert(sizeof(struct header) == 80, "the header has no hidden padding");

// The mac is over the subject with its NUL, the header without its mac, and the body.
static void compute(unsigned char mac[MAC_BYTES], struct str key, struct str subject, struct header header,
                    struct str body)
{
    struct buf whole = {0};
    memset(header.mac, 0, MAC_BYTES);
    buf_str(&whole, subject);
    buf_char(&whole, '\0');
    buf_bytes(&whole, &header, sizeof header);
    buf_str(&whole, body);
    mac_compute(mac, key, buf_view(&whole));
    buf_fini(&whole);
}

void seal_pack(struct buf *out, struct str key, struct str subject, const struct seal_message *message)
{
    struct header header = {
        .version = SEAL_VERSION,
        .kind = message->kind,
        .from = message->from,
        .to = message->to,
        .number = message->number,
        .sent_us = message->sent_us,
        .ahead_ns = message->ahead_ns,
    };
    compute(header.mac, key, subject, header, message->body);
    buf_bytes(out, &header, sizeof header);
    buf_str(out, message->body);
}

enum seal_outcome seal_parse(struct seal_message *message, struct str bytes)
{
    struct header header;
    if (bytes.n < sizeof header || bytes.n > SEAL_SIZE_MAX)
        return SEAL_MALFORMED;
    memcpy(&header, bytes.p, sizeof header);
    if (header.version != SEAL_VERSION)
        return SEAL_OTHER_VERSION;
    if (header.kind >= SEAL_KIND__MAX)
        return SEAL_MALFORMED;
    *message = (struct seal_message){
        .kind = (enum seal_kind)header.kind,
        .from = header.from,
        .to = header.to,
        .number = header.number,
        .sent_us = header.sent_us,
        .ahead_ns = header.ahead_ns,
        .body = str_skip(bytes, sizeof header),
    };
    return SEAL_OK;
}

enum seal_outcome seal_open(struct seal_message *message, struct str key, struct str subject, int64_t now_us,
                            struct str bytes)
{
    enum seal_outcome outcome = seal_parse(message, bytes);
    if (outcome != SEAL_OK)
        return outcome;
    struct header header;
    unsigned char mac[MAC_BYTES];
    memcpy(&header, bytes.p, sizeof header);
    compute(mac, key, subject, header, message->body);
    if (!mac_is_equal(mac, header.mac))
        return SEAL_FORGED;
    const int64_t lasts_us = SEAL_LASTS_S * INT64_C(1000000);
    return header.sent_us < now_us - lasts_us || header.sent_us > now_us + lasts_us ? SEAL_OLD : SEAL_OK;
}
