// SPDX-License-Identifier: Apache-2.0
// visit_page: reads a page of the web as text. The address comes from a model that reads what strangers wrote, so it
// may lead only to public addresses. That is judged at every connection, hence each redirect is a request of its own on
// a new connection: a kept one would not be judged.
#include "agent/tools.h"

#include <assert.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "agent/page_text.h"
#include "agent/sources.h"
#include "agent/visit.h"
#include "base/utf8.h"
#include "base/buf.h"

#define REDIRECTS 5
#define PAGE_MAX (2u << 20)
#define VISIT_MS 15000
#define ADDRESS_MAX 4096 // what the server takes as the address of a source
#define TITLE_CHARACTERS 300
#define SNIPPET_CHARACTERS 240

static bool is_web_address(const char *url)
{
    return strncasecmp(url, "http://", 7) == 0 || strncasecmp(url, "https://", 8) == 0;
}

static bool was_aborted(void *http)
{
    return http_is_aborted(http);
}

static bool is_offered(const struct settings *settings)
{
    return settings->visits != VISITS_NONE;
}

// Follows redirects within one deadline. The text of `url` becomes the address of the page that answered.
static void fetch(const struct tools_scene *scene, struct buf *url, struct http_reply *reply, struct buf *body)
{
    static const char *const headers[] = {"Accept: text/html,text/plain;q=0.9,*/*;q=0.1", NULL};
    int64_t until = clock_mono_ms() + VISIT_MS;
    int64_t left;
    for (int hop = 0;; hop++) {
        left = until - clock_mono_ms();
        const struct http_request request = {.url = buf_cstr(url),
                                             .headers = headers,
                                             .total_ms = left > 1 ? (long)left : 1,
                                             .max_bytes = PAGE_MAX,
                                             .only_public = !scene->settings->may_visit_private};
        buf_clear(body);
        http_fetch(scene->rest->http, &request, reply, body);
        if (!reply->redirect_url || reply->end != HTTP_DONE || hop == REDIRECTS)
            return;
        bool stays = !scene->stays || visit_stays(buf_cstr(url), reply->redirect_url);
        buf_clear(url);
        buf_str(url, str_from(reply->redirect_url));
        http_reply_fini(reply);
        if (!stays) {
            reply->end = HTTP_STOPPED;
            return;
        }
        if (!is_web_address(buf_cstr(url))) {
            reply->end = HTTP_BAD_URL;
            return;
        }
    }
}

// Reports why there is no page, to people and to the model; returns false if there is one.
static bool report_failure(const struct http_reply *reply, struct tools_result *result)
{
    static const char *const sentences[HTTP_END__MAX] = {
        [HTTP_STOPPED] = "The page leads to another host, which nobody has named.",
        [HTTP_UNREACHABLE] = "The page cannot be reached.",
        [HTTP_BROKEN] = "The connection to the page broke.",
        [HTTP_STALLED] = "The page took longer than 15 seconds.",
        [HTTP_TOO_LARGE] = "The page is larger than 2 MiB.",
        [HTTP_FORBIDDEN] = "The address is not a public one; pages of private networks are not read.",
        [HTTP_BAD_URL] = "The address is not a web address.",
        [HTTP_ABORTED] = "The visit was stopped.",
    };
    if (reply->end != HTTP_DONE)
        tools_fail(result, "page_failed", "%s", sentences[reply->end] ? sentences[reply->end] : "The visit failed.");
    else if (reply->status >= 300 && reply->status < 400)
        tools_fail(result, "page_failed", "The page redirects more than 5 times.");
    else if (reply->status != 200)
        tools_fail(result, "page_failed", "The page answered with status %ld.", reply->status);
    else if (!page_text_is_readable(reply->content_type))
        tools_fail(result, "page_failed", "The page is not text (%.60s).", reply->content_type);
    return result->error != NULL;
}

static void take_page(const char *asked, const char *url, struct buf *title, struct buf *text,
                      struct tools_result *result)
{
    struct buf snippet = {0};
    struct buf name = {0};
    if (title->n > 0)
        buf_bytes(&name, title->p, utf8_first((struct str){title->p, title->n}, TITLE_CHARACTERS).n);
    else
        buf_str(&name, str_from(url));
    buf_bytes(&snippet, buf_cstr(text), utf8_first((struct str){buf_cstr(text), text->n}, SNIPPET_CHARACTERS).n);
    for (size_t i = 0; i < snippet.n; i++)
        if (snippet.p[i] == '\n')
            snippet.p[i] = ' ';
    json_t *source = sources_web(buf_cstr(&name), url, buf_cstr(&snippet));
    result->sources = json_array();
    if (source)
        json_array_append_new(result->sources, source);
    result->content = json_pack("{s:s, s:s}", "url", asked, "title", buf_cstr(&name));
    buf_printf(&result->output, "title: %s\nlink: %s\ntext:\n%s\n", buf_cstr(&name), url, buf_cstr(text));
    buf_fini(&snippet);
    buf_fini(&name);
}

static void run(const struct tools_scene *scene, const char *asked, struct tools_result *result)
{
    struct buf url = {0}, body = {0}, title = {0}, text = {0};
    struct http_reply reply = {.end = HTTP_BAD_URL};
    assert(asked);
    buf_str(&url, str_from(asked));
    if (is_web_address(asked))
        fetch(scene, &url, &reply, &body);
    if (!report_failure(&reply, result)) {
        if (page_text_read(reply.content_type, buf_cstr(&body), body.n, was_aborted, scene->rest->http, &title,
                           &text) != 0)
            tools_fail(result, "page_failed", "The page could not be read as text.");
        else
            take_page(asked, buf_cstr(&url), &title, &text, result);
    }
    http_reply_fini(&reply);
    buf_fini(&url);
    buf_fini(&body);
    buf_fini(&title);
    buf_fini(&text);
}

const struct tool tools_visit_page = {
    .name = "visit_page",
    .step_type = "visit_page",
    .description = "Reads one page of the web as text.",
    .argument = "url",
    .argument_description = "The address, beginning with https:// or http://.",
    .argument_most = ADDRESS_MAX,
    .reaches_out = true,
    .is_offered = is_offered,
    .run = run,
};
