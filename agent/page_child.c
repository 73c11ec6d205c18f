/* The child of page_text.h: reads a page, prints its title in one line and its text, and exits. */
#include "agent/page_text.h"

#include <ctype.h>
#include <errno.h>
#include <iconv.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "agent/html.h"

#define INPUT_MAX (4u << 20)
#define MEMORY_MAX (512u << 20)
#define CPU_S 5

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define RESERVES_MEMORY 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define RESERVES_MEMORY 1
#endif
#endif

static int limit(void)
{
    struct rlimit cpu = {CPU_S, CPU_S}, none = {0, 0};

#ifndef RESERVES_MEMORY /* a sanitizer reserves terabytes of addresses */
    struct rlimit memory = {MEMORY_MAX, MEMORY_MAX};

    if (setrlimit(RLIMIT_AS, &memory) != 0)
        return -1;
#endif
    return setrlimit(RLIMIT_CPU, &cpu) == 0 && setrlimit(RLIMIT_FSIZE, &none) == 0 &&
                   setrlimit(RLIMIT_CORE, &none) == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
               ? 0
               : -1;
}

static int read_all(struct text *input)
{
    char buffer[65536];
    ssize_t n;

    while ((n = read(STDIN_FILENO, buffer, sizeof buffer)) != 0) {
        if (n < 0 && errno != EINTR)
            return -1;
        if (n > 0)
            text_add(input, buffer, (size_t)n);
        if (input->n > INPUT_MAX)
            return -1;
    }
    return 0;
}

/* Bytes that are no text in that set are left out. -1 if the set is unknown. */
static int convert(const char *charset, const struct text *input, struct text *out)
{
    iconv_t converter = iconv_open("UTF-8", charset);
    char *from = input->p, buffer[65536];
    size_t left = input->n;

    if (converter == (iconv_t)-1)
        return -1;
    while (left > 0) {
        char *to = buffer;
        size_t room = sizeof buffer;

        if (iconv(converter, &from, &left, &to, &room) == (size_t)-1 && errno != E2BIG) {
            from += left > 0;
            left -= left > 0;
        }
        text_add(out, buffer, (size_t)(to - buffer));
    }
    iconv_close(converter);
    return 0;
}

/* The header's character set counts before the page's own; UTF-8 if neither says. */
static void to_utf8(const char *content_type, const struct text *input, struct text *out)
{
    char charset[64];

    html_charset(content_type, strlen(content_type), charset, sizeof charset);
    if (charset[0] == '\0')
        html_charset(text_string(input), input->n, charset, sizeof charset);
    if (charset[0] == '\0' || strcmp(charset, "utf-8") == 0 || strcmp(charset, "utf8") == 0 ||
        convert(strcmp(charset, "iso-8859-1") == 0 ? "windows-1252" : charset, input, out) != 0)
        text_add_utf8(out, text_string(input), input->n);
}

static bool is_html(const char *content_type)
{
    return *content_type == '\0' || strncasecmp(content_type, "text/html", 9) == 0 ||
           strncasecmp(content_type, "application/xhtml", 17) == 0;
}

int page_text_child(const char *content_type)
{
    struct text input = {0}, utf8 = {0}, title = {0}, body = {0};

    if (limit() != 0 || read_all(&input) != 0)
        return 1;
    to_utf8(content_type, &input, &utf8);
    if (is_html(content_type))
        html_to_text(text_string(&utf8), utf8.n, &title, &body);
    else
        text_add(&body, text_string(&utf8), utf8.n);
    for (size_t i = 0; i < title.n; i++)
        if (iscntrl((unsigned char)title.p[i]))
            title.p[i] = ' ';
    (void)fwrite(text_string(&title), 1, title.n, stdout);
    (void)fputc('\n', stdout);
    (void)fwrite(text_string(&body), 1, body.n, stdout);
    (void)fflush(stdout);
    text_fini(&input);
    text_fini(&utf8);
    text_fini(&title);
    text_fini(&body);
    return ferror(stdout) != 0;
}
