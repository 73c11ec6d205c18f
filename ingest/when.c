// SPDX-License-Identifier: Apache-2.0
#include "ingest/when.h"

enum { SECOND_US = 1000000, YEAR_MAX = 9999 };

// Exactly `n` digits; false if there is anything else.
static bool take_digits(struct str *text, size_t n, int *value)
{
    *value = 0;
    if (text->n < n)
        return false;
    for (size_t i = 0; i < n; i++) {
        char c = text->p[i];
        if (c < '0' || c > '9')
            return false;
        *value = *value * 10 + (c - '0');
    }
    *text = str_skip(*text, n);
    return true;
}

static bool take_any(struct str *text, const char *characters)
{
    if (text->n == 0 || *text->p == '\0' || !strchr(characters, *text->p))
        return false;
    *text = str_skip(*text, 1);
    return true;
}

static int take_fraction_us(struct str *text)
{
    int us = 0, scale = SECOND_US / 10;
    if (!take_any(text, ".,"))
        return 0;
    for (; text->n && *text->p >= '0' && *text->p <= '9'; *text = str_skip(*text, 1), scale /= 10)
        us += (*text->p - '0') * scale;
    return us;
}

// Minutes east of UTC.
static bool take_zone(struct str *text, int *minutes)
{
    int hour, minute;
    *minutes = 0;
    if (text->n == 0 || take_any(text, "Zz"))
        return true;
    int sign = *text->p == '-' ? -1 : 1;
    if (!take_any(text, "+-") || !take_digits(text, 2, &hour))
        return false;
    (void)take_any(text, ":");
    if (!take_digits(text, 2, &minute) || hour > 23 || minute > 59)
        return false;
    *minutes = sign * (hour * 60 + minute);
    return true;
}

// Days since 1970-01-01 in the Gregorian calendar.
static int64_t days_from_civil(int year, int month, int day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t of_era = y - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static int days_of_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return month == 2 && is_leap ? 29 : days[month - 1];
}

int64_t when_text(struct str text)
{
    int year, month, day, hour, minute, second, zone;
    if (!take_digits(&text, 4, &year) || !take_any(&text, "-") || !take_digits(&text, 2, &month) ||
        !take_any(&text, "-") || !take_digits(&text, 2, &day) || !take_any(&text, "Tt ") ||
        !take_digits(&text, 2, &hour) || !take_any(&text, ":") || !take_digits(&text, 2, &minute) ||
        !take_any(&text, ":") || !take_digits(&text, 2, &second))
        return 0;
    int us = take_fraction_us(&text);
    if (!take_zone(&text, &zone) || text.n || month < 1 || month > 12 || day < 1 || day > days_of_month(year, month) ||
        hour > 23 || minute > 59 || second > 60)
        return 0;
    // A leap second reads as the last one before it.
    int64_t seconds =
        days_from_civil(year, month, day) * 86400 + hour * 3600 + minute * 60 + (second > 59 ? 59 : second);
    return (seconds - zone * 60) * SECOND_US + us;
}

int64_t when_value(struct json_object *value)
{
    if (value_kind(value) == VALUE_TEXT)
        return when_text(value_text(value));
    double ms = value_double(value, 0);
    // Up to the year 9999.
    return ms > 0 && ms < 253402300800000.0 ? (int64_t)(ms * 1000 + 0.5) : 0;
}

int64_t when_ns(uint64_t ns)
{
    return (int64_t)(ns / 1000);
}
