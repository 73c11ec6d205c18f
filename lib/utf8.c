#include "lib/utf8.h"

// The range of the second byte after each lead byte, and how many bytes follow the lead.
static size_t following(unsigned char lead, unsigned char *low, unsigned char *high)
{
    *low = 0x80;
    *high = 0xBF;
    if (lead >= 0xC2 && lead <= 0xDF)
        return 1;
    if (lead >= 0xE0 && lead <= 0xEF) {
        if (lead == 0xE0)
            *low = 0xA0;
        if (lead == 0xED)
            *high = 0x9F;
        return 2;
    }
    if (lead >= 0xF0 && lead <= 0xF4) {
        if (lead == 0xF0)
            *low = 0x90;
        if (lead == 0xF4)
            *high = 0x8F;
        return 3;
    }
    return 0;
}

bool utf8_valid(struct str text)
{
    size_t at = 0;
    while (at < text.n) {
        unsigned char lead = (unsigned char)text.p[at];
        if (lead < 0x80) {
            at++;
            continue;
        }
        unsigned char low, high;
        size_t more = following(lead, &low, &high);
        if (more == 0 || text.n - at <= more)
            return false;
        for (size_t i = 1; i <= more; i++) {
            unsigned char byte = (unsigned char)text.p[at + i];
            if (byte < low || byte > high)
                return false;
            low = 0x80;
            high = 0xBF;
        }
        at += more + 1;
    }
    return true;
}

struct str utf8_prefix(struct str text, size_t most)
{
    if (text.n <= most)
        return text;
    size_t n = most;
    while (n > 0 && ((unsigned char)text.p[n] & 0xC0) == 0x80)
        n--;
    return (struct str){text.p, n};
}
