// SPDX-License-Identifier: Apache-2.0
// What the fuzz targets of ingest/ share: any bytes as a delivery of some kind, and what must hold of everything that
// comes out of it. jansson reads the JSON that we print: another reader than the one that it came through.
#ifndef TESTS_FUZZ_INGEST_H
#define TESTS_FUZZ_INGEST_H

#include <jansson.h>
#include "base/utf8.h"
#include "ingest/delivery.h"
#include "tests/fuzz/fuzz.h"

static inline void check_text(struct str text, size_t most)
{
    assert(text.n <= most);
    assert(utf8_valid(text));
    assert(text.n == 0 || !memchr(text.p, '\0', text.n));
}

static inline void check_json(struct str json, size_t most)
{
    json_error_t error;
    if (!json.p)
        return;
    check_text(json, most);
    json_t *value = json_loadb(json.p, json.n, JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
    // A number keeps its digits, also if no double has room for it.
    assert(value || json_error_code(&error) == json_error_numeric_overflow);
    json_decref(value);
}

static inline void check_session(const struct step_session *s)
{
    assert(s->external_id.n > 0 && s->source.n > 0);
    check_text(s->title, INGEST_TITLE_MAX * 4);
    check_text(s->thread_key, INGEST_LABEL_MAX);
    check_text(s->user_id, INGEST_LABEL_MAX);
    check_text(s->environment, INGEST_LABEL_MAX);
    check_text(s->project, INGEST_LABEL_MAX);
    check_text(s->client, INGEST_LABEL_MAX);
    check_text(s->client_version, INGEST_LABEL_MAX);
    check_text(s->system_prompt, INGEST_ATTRIBUTES_MAX);
    check_json(s->tags, INGEST_TAGS_MAX * (INGEST_LABEL_MAX * 6 + 3) + 2);
    check_json(s->metadata, INGEST_METADATA_MAX);
    check_json(s->tools, INGEST_ATTRIBUTES_MAX);
}

static inline void check_step(const struct step *s)
{
    assert(id_valid(str_from(s->id), "stp"));
    assert(!s->parent_id.p || (id_valid(s->parent_id, "stp") && !str_eq(s->parent_id, str_from(s->id))));
    assert(s->type.n > 0 && s->type.n <= 64);
    assert(!s->ended_us || s->ended_us >= s->started_us);
    check_text(s->type, 64);
    check_text(s->name, INGEST_NAME_MAX);
    check_text(s->model, INGEST_LABEL_MAX);
    check_text(s->error_code, INGEST_ERROR_CODE_MAX);
    check_text(s->error_message, INGEST_ERROR_MESSAGE_MAX);
    check_json(s->content, INGEST_CONTENT_MAX);
    check_json(s->input, INGEST_VALUE_MAX * 3 + 2);
    check_json(s->output, INGEST_VALUE_MAX * 3 + 2);
    check_json(s->attributes, INGEST_ATTRIBUTES_MAX + 2048);
    check_json(s->events, INGEST_ATTRIBUTES_MAX + 64);
    check_json(s->links, INGEST_ATTRIBUTES_MAX + 64);
    check_json(s->sources, INGEST_SOURCES_MAX * 16384);
}

static inline int check_puts(void *context, const struct step_put *puts, size_t n)
{
    (void)context;
    for (size_t i = 0; i < n; i++) {
        check_session(&puts[i].session);
        if (puts[i].step)
            check_step(puts[i].step);
    }
    return 0;
}

static inline void deliver(const struct protocol *protocol, const char *type, const char *encoding, const uint8_t *data,
                           size_t size)
{
    const struct tree_options options = {.make = {.now_us = INT64_C(1796000000000000)}};
    const struct tree_sink sink = {check_puts, NULL};
    struct delivery delivery = {.protocol = protocol,
                                .content_type = str_from(type),
                                .content_encoding = str_from(encoding),
                                .item = STR("run-1")};
    struct response response = {0};
    buf_bytes(&delivery.body, data, size);
    delivery_read(&delivery, &options, &sink, &response);
    assert(response.status / 100 == 2 || response.status == 400 || response.status == 413 || response.status == 415);
    if (strcmp(response.content_type, "application/json") == 0)
        check_json(buf_view(&response.body), SIZE_MAX);
    response_fini(&response);
}

#endif
