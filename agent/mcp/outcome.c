// SPDX-License-Identifier: Apache-2.0
#include "agent/mcp/outcome.h"

#include <stdlib.h>
#include <string.h>

#include "agent/member.h"
#include "agent/sources.h"
#include "base/utf8.h"

#define BLOCKS_MAX 64
#define TEXT_MAX_BYTES 65536   // of one text …
#define TEXTS_MAX_BYTES 131072 // … and of all
#define OUTPUT_MAX_BYTES 65536 // the model is given less: a tool's output is cut again
#define PICTURES_MAX_BYTES (512u << 10)
#define PROGRESS_CHARACTERS 300
#define TYPE_MAX_BYTES 60 // of a media type

// What is written while a result is read.
struct reading {
    struct outcome *outcome;
    size_t picture_bytes; // so far, in base64
    size_t text_bytes;
};

static struct str cut(struct reading *reading, const char *text)
{
    size_t left = TEXTS_MAX_BYTES - reading->text_bytes;
    struct str first = utf8_prefix(str_from(text), left < TEXT_MAX_BYTES ? left : TEXT_MAX_BYTES);
    reading->text_bytes += first.n;
    return first;
}

static void tell_model(struct reading *reading, struct str text)
{
    struct buf *output = &reading->outcome->output;
    if (output->n > 0)
        buf_char(output, '\n');
    if (output->n < OUTPUT_MAX_BYTES)
        buf_str(output, utf8_prefix(text, OUTPUT_MAX_BYTES - output->n));
}

static void show_text(struct reading *reading, struct str text)
{
    json_array_append_new(reading->outcome->shown, json_pack("{s:s, s:s%}", "type", "text", "text", text.p, text.n));
}

static void add_note(struct reading *reading, struct buf *note)
{
    tell_model(reading, buf_view(note));
    show_text(reading, buf_view(note));
    buf_fini(note);
}

static void add_text(struct reading *reading, const char *text)
{
    struct str first = cut(reading, text);
    struct buf whole = {0};
    buf_str(&whole, first);
    if (first.n < strlen(text))
        buf_printf(&whole, "%s(%zu more bytes were left out.)", first.n > 0 ? "\n" : "", strlen(text) - first.n);
    add_note(reading, &whole);
}

static void take_text(struct reading *reading, const json_t *block)
{
    add_text(reading, member_text(block, "text"));
}

static void leave_out(struct reading *reading, const char *what, const char *type, size_t bytes)
{
    struct buf note = {0};
    struct str kind = utf8_prefix(str_from(*type != '\0' ? type : "untyped"), TYPE_MAX_BYTES);
    buf_printf(&note, "(%s of %zu bytes in base64, %.*s, was left out.)", what, bytes, (int)kind.n, kind.p);
    add_note(reading, &note);
}

static void take_image(struct reading *reading, const json_t *block)
{
    const char *data = member_text(block, "data"), *type = member_text(block, "mimeType");
    struct buf note = {0};
    size_t n = strlen(data);
    if (n == 0 || reading->picture_bytes + n > PICTURES_MAX_BYTES) {
        leave_out(reading, "A picture", type, n);
        return;
    }
    reading->picture_bytes += n;
    json_array_append_new(reading->outcome->shown,
                          json_pack("{s:s, s:s, s:s}", "type", "image", "data", data, "mimeType", type));
    struct str kind = utf8_prefix(str_from(type), TYPE_MAX_BYTES);
    buf_printf(&note, "(A picture, %.*s, is shown to the people who read the trace.)", (int)kind.n, kind.p);
    tell_model(reading, buf_view(&note));
    buf_fini(&note);
}

static void take_audio(struct reading *reading, const json_t *block)
{
    leave_out(reading, "A sound", member_text(block, "mimeType"), strlen(member_text(block, "data")));
}

static void add_source(struct reading *reading, const json_t *link)
{
    const char *name = *member_text(link, "title") != '\0' ? member_text(link, "title") : member_text(link, "name");
    json_t *source = sources_web(name, member_text(link, "uri"), member_text(link, "description"));
    if (source && json_array_size(reading->outcome->sources) < BLOCKS_MAX)
        json_array_append(reading->outcome->sources, source);
    json_decref(source);
}

static void take_link(struct reading *reading, const json_t *block)
{
    struct buf note = {0};
    add_source(reading, block);
    buf_printf(&note, "%.300s: %.2000s", member_text(block, "name"), member_text(block, "uri"));
    if (*member_text(block, "description") != '\0')
        buf_printf(&note, " (%.600s)", member_text(block, "description"));
    struct buf mended = {0};
    utf8_mend(&mended, buf_view(&note));
    buf_fini(&note);
    add_note(reading, &mended);
}

static void take_resource(struct reading *reading, const json_t *block)
{
    const json_t *resource = json_object_get(block, "resource");
    add_source(reading, resource);
    if (json_is_string(json_object_get(resource, "text")))
        add_text(reading, member_text(resource, "text"));
    else
        leave_out(reading, "A file", member_text(resource, "mimeType"), strlen(member_text(resource, "blob")));
}

static const struct {
    const char *type;
    void (*take)(struct reading *reading, const json_t *block);
} kinds[] = {{"text", take_text},
             {"image", take_image},
             {"audio", take_audio},
             {"resource_link", take_link},
             {"resource", take_resource}};

static void take_block(struct reading *reading, const json_t *block)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(member_text(block, "type"), kinds[i].type) == 0) {
            kinds[i].take(reading, block);
            return;
        }
    add_text(reading, "(Something of an unknown kind was left out.)");
}

// For people as it is; for the model only where the tool did not say the same as text, as it should.
static void take_structured(struct reading *reading, const json_t *value)
{
    size_t n = value ? json_dumpb(value, NULL, 0, JSON_COMPACT) : 0;
    if (!json_is_object(value))
        return;
    if (n > TEXT_MAX_BYTES) {
        leave_out(reading, "A structure", "application/json", n);
        return;
    }
    char *printed = json_dumps(value, JSON_COMPACT);
    if (reading->outcome->output.n == 0 && printed)
        tell_model(reading, str_from(printed));
    free(printed);
    json_array_append_new(reading->outcome->shown, json_pack("{s:s, s:O}", "type", "json", "value", value));
}

// One text is shown as a text, and a structure that was also written as text only as a structure.
static void simplify(struct outcome *outcome)
{
    const json_t *first = json_array_get(outcome->shown, 0), *second = json_array_get(outcome->shown, 1);
    size_t n = json_array_size(outcome->shown);
    const json_t *value = json_object_get(n == 1 ? first : second, "value");
    json_t *said = n == 2 && value ? json_loads(member_text(first, "text"), 0, NULL) : NULL, *shown = outcome->shown;
    if (n == 0)
        outcome->shown = NULL;
    else if (n == 1 && strcmp(member_text(first, "type"), "text") == 0)
        outcome->shown = json_incref(json_object_get(first, "text"));
    else if (value && (n == 1 || json_equal(said, value)))
        outcome->shown = json_incref((json_t *)(uintptr_t)value);
    else
        json_incref(shown);
    json_decref(shown);
    json_decref(said);
}

void outcome_read(struct outcome *outcome, const json_t *result)
{
    const json_t *blocks = json_object_get(result, "content"), *block;
    struct reading reading = {.outcome = outcome};
    size_t i;
    outcome->shown = json_array();
    outcome->sources = json_array();
    outcome->is_error = json_is_true(json_object_get(result, "isError"));
    json_array_foreach(blocks, i, block)
    {
        if (i < BLOCKS_MAX)
            take_block(&reading, block);
    }
    if (json_array_size(blocks) > BLOCKS_MAX)
        add_text(&reading, "(The rest was left out.)");
    take_structured(&reading, json_object_get(result, "structuredContent"));
    if (outcome->output.n == 0)
        tell_model(&reading, STR("(The tool gave no output.)"));
    simplify(outcome);
}

void outcome_fini(struct outcome *outcome)
{
    buf_fini(&outcome->output);
    json_decref(outcome->shown);
    json_decref(outcome->sources);
    *outcome = (struct outcome){0};
}

bool outcome_progress(const json_t *params, int64_t token, struct buf *text)
{
    const json_t *given = json_object_get(params, "progressToken"), *done = json_object_get(params, "progress"),
                 *total = json_object_get(params, "total");
    struct str words = utf8_first(str_from(member_text(params, "message")), PROGRESS_CHARACTERS);
    if (!json_is_integer(given) || json_integer_value(given) != token || !json_is_number(done))
        return false;
    buf_printf(text, "%.6g", json_number_value(done));
    if (json_number_value(total) > 0)
        buf_printf(text, " of %.6g", json_number_value(total));
    if (words.n > 0)
        buf_lit(text, ": ");
    buf_str(text, words);
    return true;
}
