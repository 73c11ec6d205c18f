// SPDX-License-Identifier: Apache-2.0
#include "agent/model/events.h"

#include <ctype.h>
#include <stdlib.h>

struct events {
    struct events_sink sink;
    size_t max_bytes;
    struct buf line;
    struct buf data;
    struct buf name;
    // How far the data has been looked at, and where that is: inside brackets and strings.
    size_t scanned;
    int depth;
    bool in_string;
    bool after_cr; // a LF that follows belongs to the line end already seen
};

struct events *events_new(const struct events_sink *sink, size_t max_bytes)
{
    struct events *events = mem_zero(sizeof *events);
    events->sink = *sink;
    events->max_bytes = max_bytes;
    return events;
}

void events_free(struct events *events)
{
    if (!events)
        return;
    buf_fini(&events->line);
    buf_fini(&events->data);
    buf_fini(&events->name);
    free(events);
}

static struct str trimmed(struct str text)
{
    while (text.n > 0 && isspace((unsigned char)text.p[0]))
        text = str_skip(text, 1);
    while (text.n > 0 && isspace((unsigned char)text.p[text.n - 1]))
        text.n--;
    return text;
}

static int dispatch(struct events *events)
{
    struct str data = trimmed(buf_view(&events->data));
    int result = 0;
    if (data.n > 0)
        result = events->sink.on_event(events->sink.arg, buf_cstr(&events->name), data);
    buf_clear(&events->data);
    buf_clear(&events->name);
    events->scanned = 0;
    events->depth = 0;
    events->in_string = false;
    return result;
}

// True if the data so far is a whole document, so that a further line belongs to the next event. Each byte is looked at
// once, however many lines an event has.
static bool is_whole(struct events *events)
{
    struct str data = trimmed(buf_view(&events->data));
    if (data.n == 0 || (data.p[0] != '{' && data.p[0] != '['))
        return data.n > 0;
    for (; events->scanned < events->data.n; events->scanned++) {
        char c = events->data.p[events->scanned];
        if (events->in_string && c == '\\')
            events->scanned++;
        else if (c == '"')
            events->in_string = !events->in_string;
        else if (!events->in_string)
            events->depth += (c == '{' || c == '[') - (c == '}' || c == ']');
    }
    return events->depth <= 0 && !events->in_string;
}

// True for a line that no document goes on with: the one before it was cut.
static bool begins_anew(struct str value)
{
    value = trimmed(value);
    return str_eq(value, STR("[DONE]")) || (str_starts(value, STR("{")) && memmem(value.p, value.n, "\"choices\"", 9));
}

static int add_data(struct events *events, struct str value)
{
    int result = is_whole(events) || (events->data.n > 0 && begins_anew(value)) ? dispatch(events) : 0;
    if (events->data.n > 0)
        buf_char(&events->data, '\n');
    buf_str(&events->data, value);
    return result;
}

static int take_field(struct events *events, struct str field, struct str value)
{
    if (str_starts(value, STR(" ")))
        value = str_skip(value, 1);
    if (str_eq(field, STR("data"))) {
        while (str_starts(trimmed(value), STR("data:"))) // a gateway has put another field around it
            value = str_skip(trimmed(value), 5);
        return add_data(events, value);
    }
    // llama.cpp has sent errors as a field of their own.
    if (str_eq(field, STR("error"))) {
        int result = is_whole(events) ? dispatch(events) : 0;
        buf_clear(&events->name);
        buf_lit(&events->name, "error");
        return result != 0 ? result : add_data(events, value);
    }
    if (str_eq(field, STR("event"))) {
        int result = is_whole(events) ? dispatch(events) : 0;
        buf_clear(&events->name);
        buf_str(&events->name, value);
        return result;
    }
    return 0;
}

// What a line of a stream may begin with. The last is llama.cpp's.
static const struct str fields[] = {{":", 1}, {"data:", 5}, {"event:", 6}, {"id:", 3}, {"retry:", 6}, {"error:", 6}};

static bool has_field(struct str line)
{
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        if (str_starts(line, fields[i]))
            return true;
    return false;
}

enum events_kind events_kind(struct str beginning)
{
    while (beginning.n > 0 && (isspace((unsigned char)beginning.p[0]) || memchr("\xEF\xBB\xBF", beginning.p[0], 3)))
        beginning = str_skip(beginning, 1);
    if (has_field(beginning))
        return EVENTS_STREAM;
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        if (str_starts(fields[i], beginning))
            return EVENTS_UNDECIDED;
    return EVENTS_NONE;
}

// True for a line without a field that belongs to a document: it begins one, or one that is not whole goes on with it.
static bool is_document(struct events *events, struct str line)
{
    if (line.p[0] == '{' || line.p[0] == '[')
        return true;
    return events->data.n > 0 && !is_whole(events) && !has_field(line);
}

static int take_line(struct events *events)
{
    struct str line = buf_view(&events->line);
    int result = 0;
    if (str_starts(line, STR("\xEF\xBB\xBF")))
        line = str_skip(line, 3);
    if (line.n == 0) {
        result = dispatch(events);
    } else if (is_document(events, line)) {
        result = add_data(events, line);
    } else {
        struct str value = line, field = str_cut(&value, ':');
        result = take_field(events, field, value.p ? value : STR(""));
    }
    buf_clear(&events->line);
    return result != 0 ? result : events->data.n > events->max_bytes ? EVENTS_TOO_LONG : 0;
}

int events_feed(struct events *events, struct str bytes)
{
    int result = 0;
    while (bytes.n > 0 && result == 0) {
        if (events->after_cr && bytes.p[0] == '\n')
            bytes = str_skip(bytes, 1);
        events->after_cr = false;
        size_t n = 0;
        while (n < bytes.n && bytes.p[n] != '\n' && bytes.p[n] != '\r')
            n++;
        buf_bytes(&events->line, bytes.p, n);
        if (events->line.n > events->max_bytes)
            return EVENTS_TOO_LONG;
        if (n < bytes.n) {
            events->after_cr = bytes.p[n] == '\r';
            n++;
            result = take_line(events);
        }
        bytes = str_skip(bytes, n);
    }
    return result;
}

int events_finish(struct events *events)
{
    int result = events->line.n > 0 ? take_line(events) : 0;
    return result != 0 ? result : dispatch(events);
}
