// SPDX-License-Identifier: Apache-2.0
// The child of page_text.h: reads a page, prints its title in one line and its text, and exits.
#include "agent/page_text.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "agent/charsets.h"
#include "agent/html.h"
#include "agent/jail.h"
#include "base/buf.h"
#include "base/utf8.h"

#define INPUT_MAX (4u << 20)
#define MEMORY_MAX (512u << 20)
#define CPU_S 5

static char output[65536]; // standard output's buffer

static int limit(void)
{
    struct rlimit cpu = {CPU_S, CPU_S}, none = {0, 0};
    struct rlimit memory = {MEMORY_MAX, MEMORY_MAX};
    // A sanitizer reserves terabytes of addresses.
    if (!JAIL_IS_OPEN && setrlimit(RLIMIT_AS, &memory) != 0)
        return -1;
    return setrlimit(RLIMIT_CPU, &cpu) == 0 && setrlimit(RLIMIT_FSIZE, &none) == 0 &&
                   setrlimit(RLIMIT_CORE, &none) == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
               ? 0
               : -1;
}

static int read_all(struct buf *input)
{
    char buffer[65536];
    ssize_t n;
    while ((n = read(STDIN_FILENO, buffer, sizeof buffer)) != 0) {
        if (n < 0 && errno != EINTR)
            return -1;
        if (n > 0)
            buf_bytes(input, buffer, (size_t)n);
        if (input->n > INPUT_MAX)
            return -1;
    }
    return 0;
}

// Leaves out bytes that are not text in that character set. Returns -1 if the set is unknown.
static int convert(const char *charset, struct buf *input, struct buf *out)
{
    iconv_t converter = charsets_find(charset);
    char *from = input->p;
    size_t left = input->n;
    if (converter == (iconv_t)-1)
        return -1;
    char buffer[65536];
    while (left > 0) {
        char *to = buffer;
        size_t room = sizeof buffer;
        if (iconv(converter, &from, &left, &to, &room) == (size_t)-1 && errno != E2BIG) {
            from += left > 0;
            left -= left > 0;
        }
        buf_bytes(out, buffer, (size_t)(to - buffer));
    }
    return 0;
}

// The character set of the header takes precedence over that of the page; if neither names one it is UTF-8.
static void to_utf8(const char *content_type, struct buf *input, struct buf *out)
{
    char charset[64];
    html_charset(content_type, strlen(content_type), charset, sizeof charset);
    if (charset[0] == '\0')
        html_charset(buf_cstr(input), input->n, charset, sizeof charset);
    if (charset[0] == '\0' || strcmp(charset, "utf-8") == 0 || strcmp(charset, "utf8") == 0 ||
        convert(charset, input, out) != 0)
        utf8_mend(out, (struct str){buf_cstr(input), input->n});
}

static bool is_html(const char *content_type)
{
    return *content_type == '\0' || strncasecmp(content_type, "text/html", 9) == 0 ||
           strncasecmp(content_type, "application/xhtml", 17) == 0;
}

int page_text_child(const char *content_type)
{
    struct buf input = {0}, utf8 = {0}, title = {0}, body = {0};
    charsets_open();
    (void)setvbuf(stdout, output, _IOFBF, sizeof output);
    // The page's bytes are read after everything else has been given up.
    if (limit() != 0 || jail_enter() != 0 || read_all(&input) != 0)
        return 1;
    to_utf8(content_type, &input, &utf8);
    if (is_html(content_type))
        html_to_text(buf_cstr(&utf8), utf8.n, &title, &body);
    else
        buf_bytes(&body, buf_cstr(&utf8), utf8.n);
    for (size_t i = 0; i < title.n; i++)
        if (iscntrl((unsigned char)title.p[i]))
            title.p[i] = ' ';
    (void)fwrite(buf_cstr(&title), 1, title.n, stdout);
    (void)fputc('\n', stdout);
    (void)fwrite(buf_cstr(&body), 1, body.n, stdout);
    (void)fflush(stdout);
    buf_fini(&input);
    buf_fini(&utf8);
    buf_fini(&title);
    buf_fini(&body);
    return ferror(stdout) != 0;
}
