#include "lib/clock.h"

#include <time.h>

static int64_t read_clock(clockid_t id, int64_t unit_ns)
{
    struct timespec t;
    (void)clock_gettime(id, &t);
    return (int64_t)t.tv_sec * (1000000000 / unit_ns) + t.tv_nsec / unit_ns;
}

int64_t clock_wall_us(void)
{
    return read_clock(CLOCK_REALTIME, 1000);
}

int64_t clock_mono_ns(void)
{
    return read_clock(CLOCK_MONOTONIC, 1);
}

// Days since 1970-01-01 to a civil date of the proleptic Gregorian calendar: whole 400-year eras, years that begin in
// March.
static void civil(int64_t days, int *year, int *month, int *day)
{
    int64_t shifted = days + 719468;
    int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
    int64_t of_era = shifted - era * 146097;
    int64_t year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t from_march = (5 * of_year + 2) / 153;
    *day = (int)(of_year - (153 * from_march + 2) / 5 + 1);
    *month = (int)(from_march < 10 ? from_march + 3 : from_march - 9);
    *year = (int)(year_of_era + era * 400 + (*month <= 2));
}

static char *digits(char *at, int value, int width)
{
    for (int i = width - 1; i >= 0; i--, value /= 10)
        at[i] = (char)('0' + value % 10);
    return at + width;
}

void clock_print(struct buf *b, int64_t wall_us)
{
    int64_t day_us = INT64_C(86400000000);
    int64_t days = wall_us / day_us - (wall_us % day_us < 0);
    int ms = (int)((wall_us - days * day_us) / 1000);
    int year, month, day;
    civil(days, &year, &month, &day);

    char text[CLOCK_TIME_SIZE];
    char *at = digits(text, year, 4);
    *at++ = '-';
    at = digits(at, month, 2);
    *at++ = '-';
    at = digits(at, day, 2);
    *at++ = 'T';
    at = digits(at, ms / 3600000, 2);
    *at++ = ':';
    at = digits(at, ms / 60000 % 60, 2);
    *at++ = ':';
    at = digits(at, ms / 1000 % 60, 2);
    *at++ = '.';
    at = digits(at, ms % 1000, 3);
    *at++ = 'Z';
    buf_bytes(b, text, (size_t)(at - text));
}
