// SPDX-License-Identifier: Apache-2.0
#include "ingest/multipart.h"

#include <strings.h>

#define CRLF STR("\r\n")

enum { HEADERS_MAX = 8192 };

// The value of `name=` in a header, without its quotes. Names inside of quotes are no names.
static struct str parameter(struct str header, struct str name)
{
    bool is_quoted = false;
    for (size_t i = 0; i < header.n; i++) {
        struct str at = str_skip(header, i);
        if (header.p[i] == '"')
            is_quoted = !is_quoted;
        if (is_quoted || (i > 0 && !memchr("; \t", header.p[i - 1], 3)) || at.n <= name.n || at.p[name.n] != '=' ||
            strncasecmp(at.p, name.p, name.n) != 0)
            continue;
        struct str value = str_skip(at, name.n + 1);
        if (value.n && *value.p == '"') {
            value = str_skip(value, 1);
            return str_cut(&value, '"');
        }
        value = str_cut(&value, ';');
        while (value.n && (value.p[value.n - 1] == ' ' || value.p[value.n - 1] == '\t'))
            value.n--;
        return value;
    }
    return STR_NONE;
}

// Cuts `text` at the first `separator`: what stood before it. STR_NONE if there is none.
static struct str cut_at(struct str *text, const char *separator, size_t n)
{
    const char *found = text->n ? memmem(text->p, text->n, separator, n) : NULL;
    if (!found)
        return STR_NONE;
    struct str head = {text->p, (size_t)(found - text->p)};
    *text = str_skip(*text, head.n + n);
    return head;
}

// What stands behind a delimiter on its line: nothing but blanks, or the two hyphens of the last one. Anything else
// only begins as the delimiter does (RFC 2046, 5.1.1).
static bool ends_delimiter(struct str *rest)
{
    struct str after = *rest;
    if (str_starts(after, STR("--")))
        return true;
    while (after.n && (*after.p == ' ' || *after.p == '\t'))
        after = str_skip(after, 1);
    if (!str_starts(after, CRLF))
        return false;
    *rest = after;
    return true;
}

// Cuts `text` behind the next delimiter: what stood before it. STR_NONE if there is none.
static struct str cut_at_delimiter(const struct multipart *m, struct str *text)
{
    struct str rest = *text;
    for (;;) {
        if (!cut_at(&rest, m->delimiter, m->delimiter_n).p)
            return STR_NONE;
        const char *end = rest.p - m->delimiter_n;
        if (ends_delimiter(&rest)) {
            struct str content = {text->p, (size_t)(end - text->p)};
            *text = rest;
            return content;
        }
    }
}

bool multipart_open(struct multipart *m, struct str content_type, struct str body)
{
    static const struct str form = {"multipart/form-data", 19};
    struct str boundary = parameter(content_type, STR("boundary"));
    if (content_type.n < form.n || strncasecmp(content_type.p, form.p, form.n) != 0 || boundary.n == 0 ||
        boundary.n > MULTIPART_BOUNDARY_MAX)
        return false;
    *m = (struct multipart){.rest = body};
    memcpy(m->delimiter, "\r\n--", 4);
    memcpy(m->delimiter + 4, boundary.p, boundary.n);
    m->delimiter_n = boundary.n + 4;
    // At the beginning there is no line end in front of the boundary. A text may stand before it.
    struct str first = {m->delimiter + 2, m->delimiter_n - 2};
    if (str_starts(body, first)) {
        m->rest = str_skip(body, first.n);
        if (ends_delimiter(&m->rest))
            return true;
        m->rest = body;
    }
    return cut_at_delimiter(m, &m->rest).p != NULL;
}

// A header's value if it is the one called `name`.
static struct str header_value(struct str line, struct str name)
{
    if (line.n <= name.n || line.p[name.n] != ':' || strncasecmp(line.p, name.p, name.n) != 0)
        return STR_NONE;
    line = str_skip(line, name.n + 1);
    while (line.n && (*line.p == ' ' || *line.p == '\t'))
        line = str_skip(line, 1);
    return line;
}

static void read_headers(struct str headers, struct multipart_part *part)
{
    while (headers.n) {
        struct str line = cut_at(&headers, "\r\n", 2);
        if (!line.p) {
            line = headers;
            headers = STR_NONE;
        }
        struct str disposition = header_value(line, STR("Content-Disposition"));
        struct str type = header_value(line, STR("Content-Type"));
        if (disposition.p)
            part->name = parameter(disposition, STR("name"));
        if (type.p)
            part->type = type;
    }
}

bool multipart_next(struct multipart *m, struct multipart_part *part)
{
    *part = (struct multipart_part){0};
    if (m->is_broken || str_starts(m->rest, STR("--")))
        return false;
    if (!str_starts(m->rest, CRLF)) {
        m->is_broken = true;
        return false;
    }
    // The line end stays, so that a part without headers has the empty line that ends them.
    struct str headers_end = m->rest;
    struct str headers = cut_at(&headers_end, "\r\n\r\n", 4);
    struct str content = headers.p && headers.n <= HEADERS_MAX ? cut_at_delimiter(m, &headers_end) : STR_NONE;
    if (!content.p) {
        m->is_broken = true;
        return false;
    }
    m->rest = headers_end;
    part->content = content;
    if (headers.n > 2)
        read_headers(str_skip(headers, 2), part);
    m->is_broken = part->name.n == 0;
    return !m->is_broken;
}
