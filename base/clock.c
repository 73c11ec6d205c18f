// SPDX-License-Identifier: Apache-2.0
#include "base/clock.h"

#include <time.h>

// Reads the clock in units of `unit_ns` nanoseconds.
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

int64_t clock_mono_ms(void)
{
    return read_clock(CLOCK_MONOTONIC, 1000000);
}

// Converts days since 1970-01-01 to a date of the proleptic Gregorian calendar, by whole eras of 400 years and by years
// that begin in March.
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

// The fraction has three digits, or six.
static void print_time(struct buf *b, int64_t wall_us, bool is_fine)
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
    if (is_fine)
        at = digits(at, (int)((wall_us - days * day_us) % 1000), 3);
    *at++ = 'Z';
    buf_bytes(b, text, (size_t)(at - text));
}

void clock_print(struct buf *b, int64_t wall_us)
{
    print_time(b, wall_us, false);
}

void clock_print_us(struct buf *b, int64_t wall_us)
{
    print_time(b, wall_us, true);
}

// Its inverse for a day that exists.
static int64_t days_of(int year, int month, int day)
{
    int64_t shifted = year - (month <= 2);
    int64_t era = (shifted >= 0 ? shifted : shifted - 399) / 400;
    int64_t of_era = shifted - era * 400;
    int64_t of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

// Takes `width` digits from the front of *text: their value, or -1.
static int take_digits(struct str *text, size_t width)
{
    int value = 0;
    if (text->n < width)
        return -1;
    for (size_t i = 0; i < width; i++) {
        if (text->p[i] < '0' || text->p[i] > '9')
            return -1;
        value = value * 10 + text->p[i] - '0';
    }
    *text = str_skip(*text, width);
    return value;
}

static bool take_one_of(struct str *text, const char *characters)
{
    if (!text->n || !text->p[0] || !strchr(characters, text->p[0]))
        return false;
    *text = str_skip(*text, 1);
    return true;
}

// Microseconds of a fraction, whose further digits say nothing here; -1: there is no digit.
static int take_fraction(struct str *text)
{
    int us = 0, unit = 100000, n = 0;
    for (; text->n && text->p[0] >= '0' && text->p[0] <= '9'; n++, unit /= 10) {
        us += unit * (text->p[0] - '0');
        *text = str_skip(*text, 1);
    }
    return n ? us : -1;
}

// Seconds east of UTC.
static int take_offset(struct str *text, int *offset)
{
    *offset = 0;
    if (take_one_of(text, "Zz"))
        return 0;
    int sign = text->n && text->p[0] == '-' ? -1 : 1;
    if (!take_one_of(text, "+-"))
        return -1;
    int hours = take_digits(text, 2);
    int minutes = take_one_of(text, ":") ? take_digits(text, 2) : -1;
    if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59)
        return -1;
    *offset = sign * (hours * 3600 + minutes * 60);
    return 0;
}

static bool is_day(int year, int month, int day)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leaps = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return month >= 1 && month <= 12 && day >= 1 && day <= lengths[month - 1] + (leaps && month == 2);
}

int clock_parse(struct str text, int64_t *wall_us)
{
    int year = take_digits(&text, 4);
    int month = take_one_of(&text, "-") ? take_digits(&text, 2) : -1;
    int day = take_one_of(&text, "-") ? take_digits(&text, 2) : -1;
    int hour = take_one_of(&text, "Tt") ? take_digits(&text, 2) : -1;
    int minute = take_one_of(&text, ":") ? take_digits(&text, 2) : -1;
    int second = take_one_of(&text, ":") ? take_digits(&text, 2) : -1;
    int us = take_one_of(&text, ".") ? take_fraction(&text) : 0;
    int offset;
    if (year < 0 || !is_day(year, month, day) || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 ||
        second > 60 || us < 0 || take_offset(&text, &offset) || text.n)
        return -1;
    int64_t seconds = days_of(year, month, day) * 86400 + hour * 3600 + minute * 60 + (second == 60 ? 59 : second);
    *wall_us = (seconds - offset) * 1000000 + us;
    return 0;
}
