/*
 * visit_page: reads a page of the web as text. The address comes from a model that reads what strangers wrote, so it
 * may lead nowhere but to public addresses: judged at every connection, hence each redirect is a request of its own on
 * a connection of its own (a kept one would not be judged).
 */
#include "agent/tools.h"

#include <string.h>
#include <strings.h>

#include "agent/clock.h"
#include "agent/page_text.h"
#include "agent/sources.h"

#define REDIRECTS 5
#define PAGE_MAX (2u << 20)
#define VISIT_MS 15000
#define ADDRESS_MAX 4096 /* what the server takes as the address of a source */
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

/* Follows redirects within one deadline. The text of `url` becomes the address of the page that answered. */
static void fetch(const struct tools_scene *scene, struct text *url, struct http_reply *reply, struct text *body)
{
    static const char *const headers[] = {"Accept: text/html,text/plain;q=0.9,*/*;q=0.1", NULL};
    int64_t until = clock_ms() + VISIT_MS, left;

    for (int hop = 0;; hop++) {
        left = until - clock_ms();
        const struct http_request request = {.url = url->p,
                                             .headers = headers,
                                             .total_ms = left > 1 ? (long)left : 1,
                                             .max_bytes = PAGE_MAX,
                                             .only_public = scene->config->visit_private == 0};
        text_clear(body);
        http_fetch(scene->rest->http, &request, reply, body);
        if (reply->redirect_url == NULL || reply->end != HTTP_DONE || hop == REDIRECTS)
            return;
        text_clear(url);
        text_adds(url, reply->redirect_url);
        http_reply_fini(reply);
        if (!is_web_address(url->p)) {
            reply->end = HTTP_BAD_URL;
            return;
        }
    }
}

/* What people and the model are told when there is no page; false if there is one. */
static bool report_failure(const struct http_reply *reply, struct tools_result *result)
{
    static const char *const sentences[HTTP_END__MAX] = {
        [HTTP_UNREACHABLE] = "The page cannot be reached.",
        [HTTP_BROKEN] = "The connection to the page broke.",
        [HTTP_STALLED] = "The page took longer than 15 seconds.",
        [HTTP_TOO_LARGE] = "The page is larger than 2 MiB.",
        [HTTP_FORBIDDEN] = "The address is not a public one; pages of private networks are not read.",
        [HTTP_BAD_URL] = "The address is not a web address.",
        [HTTP_ABORTED] = "The visit was stopped.",
    };

    if (reply->end != HTTP_DONE)
        tools_fail(result, "page_failed", "%s",
                   sentences[reply->end] != NULL ? sentences[reply->end] : "The visit failed.");
    else if (reply->status >= 300 && reply->status < 400)
        tools_fail(result, "page_failed", "The page redirects more than 5 times.");
    else if (reply->status != 200)
        tools_fail(result, "page_failed", "The page answered with status %ld.", reply->status);
    else if (!page_text_is_readable(reply->content_type))
        tools_fail(result, "page_failed", "The page is not text (%.60s).", reply->content_type);
    return result->error != NULL;
}

static void take_page(const char *asked, const char *url, const struct text *title, const struct text *text,
                      struct tools_result *result)
{
    struct text snippet = {0};
    struct text name = {0};
    json_t *source;

    if (title->n > 0)
        text_add(&name, title->p, text_utf8_first(title->p, title->n, TITLE_CHARACTERS));
    else
        text_adds(&name, url);
    text_add(&snippet, text_string(text), text_utf8_first(text_string(text), text->n, SNIPPET_CHARACTERS));
    for (size_t i = 0; i < snippet.n; i++)
        if (snippet.p[i] == '\n')
            snippet.p[i] = ' ';
    source = sources_web(name.p, url, text_string(&snippet));
    result->sources = json_array();
    if (source != NULL)
        json_array_append_new(result->sources, source);
    result->content = json_pack("{s:s, s:s}", "url", asked, "title", name.p);
    text_addf(&result->output, "title: %s\nlink: %s\ntext:\n%s\n", name.p, url, text_string(text));
    text_fini(&snippet);
    text_fini(&name);
}

static void run(const struct tools_scene *scene, const char *asked, struct tools_result *result)
{
    struct text url = {0}, body = {0}, title = {0}, text = {0};
    struct http_reply reply = {.end = HTTP_BAD_URL};

    text_adds(&url, asked);
    if (is_web_address(asked))
        fetch(scene, &url, &reply, &body);
    if (!report_failure(&reply, result)) {
        if (page_text_read(reply.content_type, text_string(&body), body.n, was_aborted, scene->rest->http, &title,
                           &text) != 0)
            tools_fail(result, "page_failed", "The page could not be read as text.");
        else
            take_page(asked, url.p, &title, &text, result);
    }
    http_reply_fini(&reply);
    text_fini(&url);
    text_fini(&body);
    text_fini(&title);
    text_fini(&text);
}

const struct tool tools_visit_page = {
    .name = "visit_page",
    .step_type = "visit_page",
    .description = "Reads one page of the web as text.",
    .argument = "url",
    .argument_description = "The address, beginning with https:// or http://.",
    .argument_most = ADDRESS_MAX,
    .run = run,
};
