// SPDX-License-Identifier: Apache-2.0
#include "sse/head.h"

static bool is_token(struct str text)
{
    for (size_t i = 0; i < text.n; i++)
        if (!((text.p[i] >= 'A' && text.p[i] <= 'Z') || (text.p[i] >= 'a' && text.p[i] <= 'z') || text.p[i] == '-'))
            return false;
    return text.n > 0;
}

// Takes a line up to its end, CRLF or a bare LF; *ends is false if the end has not come yet.
static struct str take_line(struct str *rest, bool *ends)
{
    const char *lf = rest->n ? memchr(rest->p, '\n', rest->n) : NULL;
    *ends = lf != NULL;
    if (!lf)
        return *rest;
    struct str line = {rest->p, (size_t)(lf - rest->p)};
    *rest = str_skip(*rest, line.n + 1);
    if (line.n && line.p[line.n - 1] == '\r')
        line.n--;
    return line;
}

static bool has_control(struct str line)
{
    for (size_t i = 0; i < line.n; i++)
        if (((unsigned char)line.p[i] < 0x20 && line.p[i] != '\t') || line.p[i] == 0x7f)
            return true;
    return false;
}

static enum head_outcome request_line(struct str line, struct str *target)
{
    struct str method = str_cut(&line, ' ');
    *target = str_cut(&line, ' ');
    bool is_http = str_eq(line, STR("HTTP/1.1")) || str_eq(line, STR("HTTP/1.0"));
    if (!is_token(method) || target->n == 0 || target->p[0] != '/' || memchr(target->p, '\t', target->n) || !is_http)
        return HEAD_BAD;
    return str_eq(method, STR("GET")) ? HEAD_OK : HEAD_METHOD;
}

static int read_field(struct str line, struct head *head)
{
    if (line.p[0] == ':' || !memchr(line.p, ':', line.n))
        return -1;
    struct str name = str_cut(&line, ':');
    if (str_eq(name, STR("Trace-Address")))
        head->address = str_starts(line, STR(" ")) ? str_skip(line, 1) : line;
    return 0;
}

enum head_outcome head_parse(struct str bytes, struct head *head)
{
    *head = (struct head){0};
    struct str rest = bytes;
    enum head_outcome outcome = HEAD_MORE;
    for (bool first = true;; first = false) {
        bool ends;
        struct str line = take_line(&rest, &ends);
        if (!ends)
            return bytes.n >= HEAD_MAX ? HEAD_BAD : HEAD_MORE;
        if (has_control(line) || (size_t)(rest.p - bytes.p) > HEAD_MAX)
            return HEAD_BAD;
        if (!first && line.n == 0)
            return outcome;
        if (first)
            outcome = request_line(line, &head->target);
        else if (read_field(line, head))
            return HEAD_BAD;
        if (outcome == HEAD_BAD)
            return HEAD_BAD;
    }
}
