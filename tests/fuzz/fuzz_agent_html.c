/* A page: its text is UTF-8 without NUL, its title one line, and the name of its character set is short and lower case.
 */
#include <ctype.h>
#include <jansson.h>
#include <string.h>

#include "agent/html.h"
#include "tests/fuzz/fuzz.h"

static void check_text(const struct text *text)
{
    json_t *value = text->n > 0 ? json_stringn(text->p, text->n) : NULL;

    assert(text->n == 0 || (value != NULL && memchr(text->p, '\0', text->n) == NULL));
    json_decref(value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text page = {0}, title = {0}, body = {0};
    char charset[32];

    html_charset((const char *)data, size, charset, sizeof charset);
    assert(memchr(charset, '\0', sizeof charset) != NULL);
    for (const char *c = charset; *c != '\0'; c++)
        assert(!isupper((unsigned char)*c));

    text_add_utf8(&page, (const char *)data, size);
    html_to_text(text_string(&page), page.n, &title, &body);
    check_text(&title);
    check_text(&body);
    assert(title.n == 0 || memchr(title.p, '\n', title.n) == NULL);
    text_fini(&page);
    text_fini(&title);
    text_fini(&body);
    return 0;
}
