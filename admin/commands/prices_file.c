// SPDX-License-Identifier: Apache-2.0
#include "admin/commands/prices_file.h"

#include <ctype.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include "base/clock.h"
#include "base/jw.h"

struct reading {
    struct admin *admin;
    const char *path;
    const char *as_of;
    json_t *sources;
    json_t *models; // the place of each that was read, by its name in lower case
    struct buf *out;
};

static bool is_price(const json_t *value)
{
    return json_is_number(value) && json_number_value(value) >= 0;
}

static void member_usd(struct buf *out, const char *key, const json_t *value)
{
    char digits[40];
    if (!value)
        return;
    (void)snprintf(digits, sizeof digits, "%.12g", json_number_value(value) + 0.0);
    jw_member_raw(out, key, str_from(digits));
}

// The database compares names in lower case. 0: the model is new. Otherwise the place at which it stands already.
static int64_t note_model(const struct reading *in, const char *model, int64_t place)
{
    struct buf name = {0};
    for (const char *c = model; *c; c++)
        buf_char(&name, (char)tolower((unsigned char)*c));
    int64_t first = json_integer_value(json_object_get(in->models, buf_cstr(&name)));
    if (first == 0 && json_object_set_new(in->models, buf_cstr(&name), json_integer(place)))
        abort(); // out of memory
    buf_fini(&name);
    return first;
}

static int read_one(const struct reading *in, json_t *price, int64_t place)
{
    const char *model = NULL, *source = NULL;
    json_t *input = NULL, *output = NULL, *read = NULL, *write = NULL;
    if (json_unpack(price, "{s:s, s:s, s:o, s:o, s?o, s?o !}", "model", &model, "source", &source, "input", &input,
                    "output", &output, "cacheRead", &read, "cacheWrite", &write) ||
        !is_price(input) || !is_price(output) || (read && !is_price(read)) || (write && !is_price(write)))
        return admin_wrong(in->admin,
                           "%s: price %lld: it has model, source, input, output, cacheRead? and cacheWrite?, in US "
                           "dollars for a million tokens",
                           in->path, (long long)place);
    const char *published = json_string_value(json_object_get(in->sources, source));
    if (!published || !*model)
        return admin_wrong(in->admin, "%s: price %lld: its source is none of the sources", in->path, (long long)place);
    int64_t first = note_model(in, model, place);
    if (first)
        return admin_wrong(in->admin, "%s: price %lld: %s has a price already, price %lld", in->path, (long long)place,
                           model, (long long)first);
    jw_open(in->out, '{');
    jw_member(in->out, "model", str_from(model));
    member_usd(in->out, "input_usd", input);
    member_usd(in->out, "output_usd", output);
    member_usd(in->out, "cache_read_usd", read);
    member_usd(in->out, "cache_write_usd", write);
    jw_member(in->out, "source", str_from(published));
    jw_member(in->out, "as_of", str_from(in->as_of));
    jw_close(in->out, '}');
    return ADMIN_OK;
}

// The clock knows how many days each month has.
static bool is_date(const char *text)
{
    struct buf midnight = {0};
    int64_t us;
    buf_str(&midnight, str_from(text));
    buf_lit(&midnight, "T00:00:00Z");
    bool is_time = clock_parse(buf_view(&midnight), &us) == 0;
    buf_fini(&midnight);
    return is_time;
}

int prices_file_read(struct admin *admin, const char *path, struct buf *out, int64_t *count)
{
    json_error_t error;
    json_t *prices = NULL, *price;
    struct reading in = {.admin = admin, .path = path, .out = out};
    int status = ADMIN_OK;
    size_t i;
    *count = 0;
    json_t *root = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
    if (!root)
        return admin_wrong(admin, "%s: %s", path, error.text);
    in.models = json_object();
    if (json_unpack(root, "{s:s, s:o, s:o !}", "asOf", &in.as_of, "sources", &in.sources, "prices", &prices) ||
        !json_is_object(in.sources) || !json_is_array(prices))
        status = admin_wrong(admin, "%s: a file of prices has asOf (a date), sources and prices", path);
    else if (!is_date(in.as_of))
        status = admin_wrong(admin, "%s: asOf is no date of the calendar: %s", path, in.as_of);
    jw_open(out, '[');
    json_array_foreach(prices, i, price)
    {
        if (status == ADMIN_OK)
            status = read_one(&in, price, ++*count);
    }
    jw_close(out, ']');
    json_decref(in.models);
    json_decref(root);
    return status;
}
