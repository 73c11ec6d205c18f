// SPDX-License-Identifier: Apache-2.0
#include "cgi/fcgi_ask.h"

#include "cgi/local.h"

// FastCGI Specification 1.0, section 8.
enum record { BEGIN_REQUEST = 1, END_REQUEST = 3, PARAMS = 4, STDIN = 5, STDOUT = 6 };
enum { VERSION_1 = 1, RESPONDER = 1, REQUEST_ID = 1, HEADER = 8, REPLY_MAX = 4 << 20 };

static void put_record(struct buf *out, enum record type, struct str content)
{
    const unsigned char header[HEADER] = {
        VERSION_1, (unsigned char)type, 0, REQUEST_ID, (unsigned char)(content.n >> 8), (unsigned char)content.n, 0, 0};
    buf_bytes(out, header, sizeof header);
    buf_str(out, content);
}

// Names and values shorter than 128 bytes have one byte of length.
static void put_param(struct buf *out, struct str name, struct str value)
{
    buf_char(out, (char)name.n);
    buf_char(out, (char)value.n);
    buf_str(out, name);
    buf_str(out, value);
}

static void put_request(struct buf *out, struct str target)
{
    struct buf params = {0};
    static const char begin[8] = {0, RESPONDER}; // no FCGI_KEEP_CONN: the other side closes
    put_record(out, BEGIN_REQUEST, (struct str){begin, sizeof begin});
    put_param(&params, STR("REQUEST_METHOD"), STR("GET"));
    put_param(&params, STR("REQUEST_URI"), target);
    put_record(out, PARAMS, buf_view(&params));
    put_record(out, PARAMS, STR(""));
    put_record(out, STDIN, STR(""));
    buf_fini(&params);
}

// Joins the contents of the STDOUT records. Returns 0, or -1 if the end is missing.
static int read_records(struct str bytes, struct buf *cgi)
{
    while (bytes.n >= HEADER) {
        const unsigned char *header = (const unsigned char *)bytes.p;
        size_t n = (size_t)header[4] << 8 | header[5];
        if (bytes.n - HEADER < n + header[6])
            return -1;
        if (header[1] == STDOUT)
            buf_bytes(cgi, bytes.p + HEADER, n);
        if (header[1] == END_REQUEST)
            return 0;
        bytes = str_skip(bytes, HEADER + n + header[6]);
    }
    return -1;
}

// "Status: 200 OK\r\n…\r\n\r\nBODY"
static int parse_reply(struct str cgi, struct buf *body)
{
    int64_t status;
    struct str head = STR("Status: ");
    const char *end = cgi.n ? memmem(cgi.p, cgi.n, "\r\n\r\n", 4) : NULL;
    if (!end || !str_starts(cgi, head) || cgi.n < head.n + 3 || str_to_i64((struct str){cgi.p + head.n, 3}, &status))
        return -1;
    buf_str(body, str_skip(cgi, (size_t)(end + 4 - cgi.p)));
    return (int)status;
}

int fcgi_ask(const char *path, const char *target, int64_t deadline_ns, struct buf *body)
{
    struct buf bytes = {0}, cgi = {0};
    int status = -1;
    int fd = local_connect(path, deadline_ns);
    if (fd < 0)
        return -1;
    put_request(&bytes, str_from(target));
    if (local_write(fd, buf_view(&bytes), deadline_ns))
        goto out;
    buf_clear(&bytes);
    if (local_read(fd, &bytes, REPLY_MAX, deadline_ns) || read_records(buf_view(&bytes), &cgi))
        goto out;
    status = parse_reply(buf_view(&cgi), body);
out:
    local_close(fd, deadline_ns);
    buf_fini(&bytes);
    buf_fini(&cgi);
    return status;
}
