// SPDX-License-Identifier: Apache-2.0
// A page: what is made of its text can be sent as JSON, and the name of its character set is short and lower case.
#include <ctype.h>
#include <jansson.h>
#include <string.h>

#include "agent/html.h"
#include "tests/fuzz/fuzz.h"
#include "base/utf8.h"
#include "base/buf.h"

// Gumbo makes any number of an entity: the parent of page_text.c makes what it reads valid.
static void check_text(struct buf *text)
{
    struct buf sent = {0};
    utf8_mend(&sent, (struct str){buf_cstr(text), text->n});
    json_t *value = json_stringn(buf_cstr(&sent), sent.n);
    assert(value && !memchr(buf_cstr(&sent), '\0', sent.n));
    json_decref(value);
    buf_fini(&sent);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf page = {0}, title = {0}, body = {0};
    char charset[32];
    html_charset((const char *)data, size, charset, sizeof charset);
    assert(memchr(charset, '\0', sizeof charset));
    for (const char *c = charset; *c != '\0'; c++)
        assert(!isupper((unsigned char)*c));

    utf8_mend(&page, (struct str){(const char *)data, size});
    html_to_text(buf_cstr(&page), page.n, &title, &body);
    check_text(&title);
    check_text(&body);
    buf_fini(&page);
    buf_fini(&title);
    buf_fini(&body);
    return 0;
}
