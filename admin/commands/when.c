// SPDX-License-Identifier: Apache-2.0
#include "admin/commands/when.h"

#include "base/clock.h"

enum { DAYS_MOST = 36500, DATE_SIZE = 10 };
static const int64_t DAY_US = INT64_C(86400000000);

int when_print(struct buf *out, int64_t now_us, int64_t day, struct str time)
{
    int64_t h, m;
    struct str minute = time, hour = str_cut(&minute, ':');
    if (str_to_i64(hour, &h) || str_to_i64(minute, &m) || h > 23 || m > 59 || day > 0 || day < -DAYS_MOST)
        return -1;
    clock_print(out, now_us - now_us % DAY_US + day * DAY_US + (h * 60 + m) * INT64_C(60000000));
    return 0;
}

// Returns the length of the "{day+N}" that `text` begins with, and N in *day; 0 if it begins with none.
static size_t read_day(struct str text, int64_t *day)
{
    struct str number = text;
    if (!str_starts(text, STR("{day+")) && !str_starts(text, STR("{day-")))
        return 0;
    number = str_cut(&number, '}');
    size_t n = number.n + 1;
    if (n > text.n || str_to_i64(str_skip(number, 5), day) || *day > DAYS_MOST)
        return 0;
    *day = text.p[4] == '-' ? -*day : *day;
    return n;
}

void when_expand(struct buf *out, int64_t now_us, struct str text)
{
    while (text.n) {
        int64_t day;
        size_t n = read_day(text, &day);
        if (n) {
            size_t began = out->n;
            clock_print(out, now_us + day * DAY_US);
            out->n = began + DATE_SIZE;
        } else {
            buf_char(out, text.p[0]);
            n = 1;
        }
        text = str_skip(text, n);
    }
}

static const int64_t AGE_MOST_S = INT64_C(100) * 365 * 86400;

int when_age(const char *text, int64_t *seconds)
{
    static const struct unit {
        char letter;
        int64_t seconds;
    } units[] = {{'d', 86400}, {'h', 3600}, {'m', 60}, {'s', 1}};
    size_t n = strlen(text);
    int64_t number;
    if (n < 2 || str_to_i64((struct str){text, n - 1}, &number))
        return -1;
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        if (units[i].letter == text[n - 1]) {
            *seconds = number > AGE_MOST_S / units[i].seconds ? AGE_MOST_S : number * units[i].seconds;
            return 0;
        }
    return -1;
}
