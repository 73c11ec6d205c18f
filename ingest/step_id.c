// SPDX-License-Identifier: Apache-2.0
#include "ingest/step_id.h"

#include "base/hash.h"

enum { ID_BYTES = 16, HEX_DIGITS_MIN = 16, HEX_DIGITS_MAX = 32 };

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

// The digits as a number of 128 bits, hyphens aside. False if there are others, or too few or too many of them.
static bool read_hex(struct str text, uint8_t bytes[static ID_BYTES])
{
    size_t digits = 0;
    memset(bytes, 0, ID_BYTES);
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '-')
            continue;
        int digit = hex_digit(text.p[i]);
        if (digit < 0 || ++digits > HEX_DIGITS_MAX)
            return false;
        for (size_t b = 0; b + 1 < ID_BYTES; b++)
            bytes[b] = (uint8_t)(bytes[b] << 4 | bytes[b + 1] >> 4);
        bytes[ID_BYTES - 1] = (uint8_t)(bytes[ID_BYTES - 1] << 4 | digit);
    }
    return digits >= HEX_DIGITS_MIN;
}

static void hash(struct str text, uint8_t bytes[static ID_BYTES])
{
    for (uint32_t part = 0; part < ID_BYTES / 4; part++) {
        uint32_t sum = hash_32_seeded(part + 1, text);
        for (uint32_t b = 0; b < 4; b++)
            bytes[part * 4 + b] = (uint8_t)(sum >> (24 - 8 * b));
    }
}

static struct str without_prefix(struct str text)
{
    struct str rest = text;
    (void)str_cut(&rest, '_');
    return rest.p ? rest : text;
}

void step_id(char id[static ID_SIZE], struct str external)
{
    static const char crockford[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    uint8_t bytes[ID_BYTES];
    if (!read_hex(external, bytes) && !read_hex(without_prefix(external), bytes))
        hash(external, bytes);
    memcpy(id, "stp_", 4);
    // From the right: five bits a digit, the first digit has three.
    unsigned bits = 0, have = 0;
    size_t next = ID_BYTES;
    for (size_t digit = ID_ULID; digit-- > 0;) {
        if (have < 5 && next > 0) {
            bits |= (unsigned)bytes[--next] << have;
            have += 8;
        }
        id[4 + digit] = crockford[bits & 31];
        bits >>= 5;
        have = have > 5 ? have - 5 : 0;
    }
    id[ID_SIZE - 1] = '\0';
}
