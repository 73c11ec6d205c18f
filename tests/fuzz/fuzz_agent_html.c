/* A page: what is made of its text can be sent as JSON, and the name of its character set is short and lower case. */
#include <ctype.h>
#include <jansson.h>
#include <string.h>

#include "agent/html.h"
#include "tests/fuzz/fuzz.h"

/* Gumbo makes any number of an entity: the parent of page_text.c makes what it reads valid. */
static void check_text(const struct text *text)
{
    struct text sent = {0};
    json_t *value;

    text_add_utf8(&sent, text_string(text), text->n);
    value = json_stringn(text_string(&sent), sent.n);
    assert(value != NULL && memchr(text_string(&sent), '\0', sent.n) == NULL);
    json_decref(value);
    text_fini(&sent);
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
    text_fini(&page);
    text_fini(&title);
    text_fini(&body);
    return 0;
}
