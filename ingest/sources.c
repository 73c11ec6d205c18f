// SPDX-License-Identifier: Apache-2.0
#include "ingest/sources.h"

#include <strings.h>
#include "base/jw.h"
#include "base/utf8.h"
#include "ingest/redact.h"
#include "ingest/rules.h"
#include "ingest/step.h"

enum { TITLE_BYTES_MAX = 1000, URL_MAX = 4096, SNIPPET_MAX = 4000 };

// Where documents keep what a source shows: LangChain's, OpenInference's, the semantic conventions', results of search.
static const char *const url_paths[] = {"url", "link", "metadata/source", "metadata/url", "source"};
static const char *const title_paths[] = {"title", "metadata/title", "name", "id"};
static const char *const text_paths[] = {"snippet", "page_content", "pageContent", "content", "text"};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct str first_text(struct span *s, struct json_object *document, const char *const *paths, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct str text = value_text(span_path(s, document, paths[i]));
        if (text.n)
            return text;
    }
    return STR_NONE;
}

static bool is_url(struct str url)
{
    bool is_http =
        (url.n > 7 && strncasecmp(url.p, "http://", 7) == 0) || (url.n > 8 && strncasecmp(url.p, "https://", 8) == 0);
    for (size_t i = 0; i < url.n; i++)
        if ((unsigned char)url.p[i] <= 0x20 || url.p[i] == 0x7f || strchr("\"<>\\^`{|}", url.p[i]))
            return false;
    return is_http && url.n <= URL_MAX && !strchr("/?#:@", url.p[url.p[4] == ':' ? 7 : 8]);
}

static void print_text(struct buf *out, const char *key, struct str text, size_t most)
{
    struct buf clean = {0};
    redact_text(&clean, utf8_prefix(text, most));
    jw_member(out, key, utf8_prefix(buf_view(&clean), most));
    buf_fini(&clean);
}

static bool print_source(struct buf *out, struct buf *keys, struct span *s, struct json_object *document,
                         bool needs_url)
{
    struct str url = first_text(s, document, url_paths, COUNT(url_paths));
    struct str title = first_text(s, document, title_paths, COUNT(title_paths));
    struct str text = first_text(s, document, text_paths, COUNT(text_paths));
    bool is_web = url.p && is_url(url);
    if (!title.p)
        title = is_web ? url : STR("Document");
    if (!is_web && (needs_url || !text.p))
        return false;
    if (out->n == 0) {
        jw_open(out, '[');
        jw_open(keys, '[');
    }
    jw_string(keys, is_web ? url : utf8_prefix(title, TITLE_BYTES_MAX));
    jw_open(out, '{');
    jw_member(out, "type", is_web ? STR("web") : STR("document"));
    print_text(out, "title", title, TITLE_BYTES_MAX);
    if (is_web)
        jw_member(out, "url", url);
    if (text.p)
        print_text(out, "snippet", text, SNIPPET_MAX);
    jw_close(out, '}');
    return true;
}

void sources_print(struct buf *out, struct buf *keys, struct span *s, struct json_object *result)
{
    struct json_object *documents = span_inside(s, rules_find(s, FIELD_DOCUMENTS));
    size_t printed = 0;
    bool needs_url = value_count(documents) == 0;
    if (needs_url)
        documents = span_path(s, result, "results");
    for (size_t i = 0; i < value_count(documents) && printed < INGEST_SOURCES_MAX; i++)
        printed += print_source(out, keys, s, value_at(documents, i), needs_url);
    if (printed) {
        jw_close(out, ']');
        jw_close(keys, ']');
    }
}
