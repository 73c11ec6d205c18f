// SPDX-License-Identifier: Apache-2.0
#include "agent/sources.h"
#include "base/buf.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct sources {
    json_t *list;
    json_t *keys; // an object used as a set
};

struct sources *sources_new(void)
{
    struct sources *sources = mem_zero(sizeof *sources);
    sources->list = json_array();
    sources->keys = json_object();
    return sources;
}

void sources_free(struct sources *sources)
{
    if (!sources)
        return;
    json_decref(sources->list);
    json_decref(sources->keys);
    free(sources);
}

// Writes the identity of a source; returns false if it has none. A URL's fragment names a place in the same page, so it
// does not count.
static bool source_key(const json_t *source, struct buf *key)
{
    const char *message = json_string_value(json_object_get(source, "messageId"));
    const char *url = json_string_value(json_object_get(source, "url"));
    if (message)
        buf_printf(key, "message %s", message);
    else if (url)
        buf_printf(key, "url %.*s", (int)strcspn(url, "#"), url);
    return key->n > 0;
}

void sources_add(struct sources *sources, const json_t *list)
{
    size_t i;
    json_t *source;
    json_array_foreach(list, i, source)
    {
        struct buf key = {0};
        if (source_key(source, &key) && !json_object_get(sources->keys, buf_cstr(&key)) &&
            json_array_size(sources->list) < SOURCES_MAX) {
            json_object_set_new(sources->keys, buf_cstr(&key), json_true());
            json_array_append(sources->list, source);
        }
        buf_fini(&key);
    }
}

json_t *sources_list(const struct sources *sources)
{
    return sources->list;
}

json_t *sources_web(const char *title, const char *url, const char *snippet)
{
    const char *host = strstr(url, "://");
    struct buf domain = {0};
    size_t n;
    json_t *source;

    if (!host || (strncmp(url, "https:", 6) != 0 && strncmp(url, "http:", 5) != 0))
        return NULL;
    host += 3;
    n = strcspn(host, "/?#");
    for (size_t i = 0; i < n; i++) // user information is no part of the name
        if (host[i] == '@') {
            host += i + 1;
            n -= i + 1;
            i = 0;
        }
    buf_bytes(&domain, host, host[0] == '[' && memchr(host, ']', n) ? strcspn(host, "]") + 1 : strcspn(host, ":/?#"));
    source = json_pack("{s:s, s:s, s:s, s:s}", "type", "web", "title", title && *title != '\0' ? title : url, "url",
                       url, "domain", buf_cstr(&domain));
    if (source && snippet && *snippet != '\0')
        json_object_set_new(source, "snippet", json_string(snippet));
    buf_fini(&domain);
    return source;
}
