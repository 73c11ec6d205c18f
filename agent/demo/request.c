// SPDX-License-Identifier: Apache-2.0
#include "agent/demo/request.h"
#include "base/buf.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define CHUNK_LINE_MAX 256

struct head {
    const char *p;
    size_t n; // up to and with the empty line
};

static bool find_head_end(const char *p, size_t n, struct head *head)
{
    const char *end = memmem(p, n, "\r\n\r\n", 4);
    if (!end)
        return false;
    *head = (struct head){.p = p, .n = (size_t)(end - p) + 4};
    return true;
}

// Finds the value of a field, without white space around it. Returns false if it is missing; of a field that is given
// twice the first counts.
static bool find_field(const struct head *head, const char *name, const char **value, size_t *len)
{
    const char *line = head->p, *end = head->p + head->n;
    size_t n = strlen(name);
    const char *stop;
    while ((stop = memmem(line, (size_t)(end - line), "\r\n", 2)) && stop > line) {
        if ((size_t)(stop - line) > n && strncasecmp(line, name, n) == 0 && line[n] == ':') {
            *value = line + n + 1;
            while (*value < stop && (**value == ' ' || **value == '\t'))
                (*value)++;
            *len = (size_t)(stop - *value);
            return true;
        }
        line = stop + 2;
    }
    return false;
}

static bool field_is(const struct head *head, const char *name, const char *expected)
{
    const char *value;
    size_t len;
    return find_field(head, name, &value, &len) && len == strlen(expected) && strncasecmp(value, expected, len) == 0;
}

static int copy_word(const char **at, const char *end, char *out, size_t room)
{
    const char *stop = memchr(*at, ' ', (size_t)(end - *at));
    size_t n = stop ? (size_t)(stop - *at) : 0;
    if (n == 0 || n >= room)
        return -1;
    memcpy(out, *at, n);
    out[n] = '\0';
    *at = stop + 1;
    return 0;
}

static int parse_request_line(const struct head *head, struct request *request)
{
    const char *at = head->p, *end = memmem(head->p, head->n, "\r\n", 2);
    if (copy_word(&at, end, request->method, sizeof request->method) != 0 ||
        copy_word(&at, end, request->path, sizeof request->path) != 0 || end - at != 8 || memcmp(at, "HTTP/1.", 7) != 0)
        return -1;
    request->path[strcspn(request->path, "?")] = '\0';
    request->keep_alive = at[7] == '1' && !field_is(head, "Connection", "close");
    request->expects_continue = field_is(head, "Expect", "100-continue");
    return 0;
}

// Reads a number of `len` digits in `base`. Anything else, or more than a body may have, is -1.
static int64_t parse_number(const char *p, size_t len, int base)
{
    int64_t number = 0;
    for (size_t i = 0; i < len; i++) {
        const char *digits = "0123456789abcdef";
        char c = p[i] >= 'A' && p[i] <= 'F' ? (char)(p[i] - 'A' + 'a') : p[i];
        const char *digit = c != '\0' ? memchr(digits, c, (size_t)base) : NULL;
        if (!digit)
            return -1;
        number = number * base + (digit - digits);
        if (number > INT32_MAX)
            return INT32_MAX;
    }
    return len > 0 ? number : -1;
}

static enum request_result take_counted(const char *p, size_t n, int64_t length, struct request *request)
{
    if (length < 0)
        return REQUEST_BAD;
    if (length > (int64_t)REQUEST_BODY_MAX)
        return REQUEST_TOO_LARGE;
    if (n < (size_t)length)
        return REQUEST_MORE;
    buf_bytes(&request->body, p, (size_t)length);
    request->used += (size_t)length;
    return REQUEST_WHOLE;
}

// Reads the size on the line that `stop` ends, and skips extensions. Returns -1 if there is none.
static int64_t chunk_size(const char *at, const char *stop)
{
    const char *extension = memchr(at, ';', (size_t)(stop - at));
    size_t digits = (size_t)((extension ? extension : stop) - at);
    return stop - at > CHUNK_LINE_MAX ? -1 : parse_number(at, digits, 16);
}

// Skips trailer fields, up to the empty line.
static enum request_result take_trailer(const char *p, const char *trailer, const char *end, struct request *request)
{
    const char *at = trailer;
    const char *stop;
    while ((stop = memmem(at, (size_t)(end - at), "\r\n", 2))) {
        bool is_last = stop == at;
        at = stop + 2;
        if (at - trailer > REQUEST_HEAD_MAX)
            return REQUEST_BAD;
        if (is_last) {
            request->used += (size_t)(at - p);
            return REQUEST_WHOLE;
        }
    }
    return end - trailer > REQUEST_HEAD_MAX ? REQUEST_BAD : REQUEST_MORE;
}

static enum request_result take_chunked(const char *p, size_t n, struct request *request)
{
    const char *at = p, *end = p + n;
    const char *stop;
    for (;;) {
        stop = memmem(at, (size_t)(end - at), "\r\n", 2);
        if (!stop)
            return end - at > CHUNK_LINE_MAX + 1 ? REQUEST_BAD : REQUEST_MORE; // the CR may be there
        int64_t size = chunk_size(at, stop);
        if (size < 0)
            return REQUEST_BAD;
        at = stop + 2;
        if (size == 0)
            return take_trailer(p, at, end, request);
        if (request->body.n + (size_t)size > REQUEST_BODY_MAX)
            return REQUEST_TOO_LARGE;
        if (end - at < size + 2)
            return REQUEST_MORE;
        if (memcmp(at + size, "\r\n", 2) != 0)
            return REQUEST_BAD;
        buf_bytes(&request->body, at, (size_t)size);
        at += size + 2;
    }
}

enum request_result request_parse(const char *p, size_t n, struct request *request)
{
    *request = (struct request){0};
    struct head head;
    if (!find_head_end(p, n, &head))
        return n > REQUEST_HEAD_MAX ? REQUEST_TOO_LARGE : REQUEST_MORE;
    if (head.n > REQUEST_HEAD_MAX)
        return REQUEST_TOO_LARGE;
    if (parse_request_line(&head, request) != 0)
        return REQUEST_BAD;
    request->used = head.n;
    const char *value;
    size_t len;
    if (find_field(&head, "Transfer-Encoding", &value, &len)) {
        // Both lengths at once is how requests are smuggled (RFC 9112, 6.1).
        if (!field_is(&head, "Transfer-Encoding", "chunked") || find_field(&head, "Content-Length", &value, &len))
            return REQUEST_BAD;
        return take_chunked(p + head.n, n - head.n, request);
    }
    if (find_field(&head, "Content-Length", &value, &len))
        return take_counted(p + head.n, n - head.n, parse_number(value, len, 10), request);
    return REQUEST_WHOLE;
}

void request_fini(struct request *request)
{
    buf_fini(&request->body);
}
