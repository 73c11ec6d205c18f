// SPDX-License-Identifier: Apache-2.0
#include "ingest/langsmith.h"

#include <stdlib.h>
#include "ingest/items.h"
#include "ingest/langsmith_run.h"
#include "ingest/multipart.h"
#include "ingest/scan.h"

enum { PARTS_MAX = 262144 };

// What a multipart body says of one run, part by part.
struct gathering {
    struct span span;
    struct str operation; // "post.<run>"
    bool is_open;
    struct tree *tree;
    struct report *report;
};

static int finish(struct gathering *g)
{
    int status = 0;
    if (!g->is_open)
        return 0;
    struct str run = g->operation;
    (void)str_cut(&run, '.');
    status = langsmith_run_take(&g->span, run, str_starts(g->operation, STR("patch.")), g->tree, g->report);
    span_fini(&g->span);
    g->is_open = false;
    return status;
}

static int begin_run(struct gathering *g, struct str operation, struct json_object *run)
{
    if (finish(g)) {
        value_free(run);
        return -1;
    }
    span_init(&g->span, &langsmith_dialect);
    value_free(g->span.attributes);
    g->span.attributes = run;
    g->operation = operation;
    g->is_open = true;
    return 0;
}

// "post.<run>.inputs": the operation is "post.<run>", the field "inputs". A run's id has no full stop.
static struct str split_name(struct str name, struct str *field)
{
    struct str rest = name;
    struct str verb = str_cut(&rest, '.');
    struct str run = str_cut(&rest, '.');
    *field = rest;
    return run.p ? (struct str){name.p, verb.n + 1 + run.n} : STR_NONE;
}

// Files are counted, not kept: a trace shows texts.
static void note_attachment(struct gathering *g, const struct multipart_part *part)
{
    struct json_object *list = value_get(g->span.attributes, "attachments");
    struct json_object *file = value_new_object();
    if (!list) {
        list = value_new_array();
        value_put(g->span.attributes, STR("attachments"), list);
    }
    value_put(file, STR("name"), value_new_text(part->name));
    value_put(file, STR("type"), value_new_text(part->type));
    value_put(file, STR("bytes"), value_new_i64((int64_t)part->content.n));
    value_add(list, file);
}

// Names are of our own alphabet: they become ids and keys.
static bool is_plain(struct str name)
{
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '-' ||
              c == '_'))
            return false;
    }
    return true;
}

static bool is_operation(struct str operation)
{
    return str_starts(operation, STR("post.")) || str_starts(operation, STR("patch."));
}

static int take_part(struct gathering *g, const struct multipart_part *part)
{
    struct str field;
    struct str operation = split_name(part->name, &field);
    if (str_starts(part->name, STR("attachment."))) {
        if (g->is_open)
            note_attachment(g, part);
        return 0;
    }
    // Feedback is no part of a run.
    if (!is_operation(operation))
        return 0;
    if (!is_plain(part->name)) {
        report_refuse(g->report, STR_NONE, "a part whose name is no name of a run");
        return 0;
    }
    struct json_object *value = value_read(part->content, &g->report->replaced);
    if (!field.p) {
        if (value_kind(value) == VALUE_OBJECT)
            return begin_run(g, operation, value);
        report_refuse(g->report, STR_NONE, "a run that is no JSON object, is nested too deeply or holds too much");
        value_free(value);
        return finish(g);
    }
    if (!g->is_open || !str_eq(operation, g->operation)) {
        report_refuse(g->report, STR_NONE, "a field that does not follow its run");
        value_free(value);
    } else if (value) {
        value_put(g->span.attributes, field, value);
    }
    return 0;
}

// The parts of a body. Clients send a run and then its fields; where these stand apart, they are brought together.
struct parts {
    struct multipart_part *list;
    size_t n, room;
    bool is_apart;
};

static int compare(struct str x, struct str y)
{
    int order = memcmp(x.p, y.p, x.n < y.n ? x.n : y.n);
    return order ? order : (x.n > y.n) - (x.n < y.n);
}

// By runs; of each its post, its patch, and its files, the run itself before its fields; else as they came.
static int by_run(const void *a, const void *b)
{
    const struct multipart_part *x = a, *y = b;
    struct str x_field = x->name, y_field = y->name;
    struct str x_verb = str_cut(&x_field, '.'), y_verb = str_cut(&y_field, '.');
    int order = compare(str_cut(&x_field, '.'), str_cut(&y_field, '.'));
    if (!order)
        order = compare(y_verb, x_verb);
    if (!order)
        order = (x_field.p != NULL) - (y_field.p != NULL);
    return order ? order : (x->name.p > y->name.p) - (x->name.p < y->name.p);
}

// True unless the part is a field that stands apart from its run.
static bool follows(const struct parts *parts, const struct multipart_part *part)
{
    struct str field, operation = split_name(part->name, &field), ignored;
    if (!field.p || !is_operation(operation))
        return true;
    for (size_t i = parts->n; i-- > 0;) {
        struct str before = split_name(parts->list[i].name, &ignored);
        if (is_operation(before))
            return str_eq(before, operation);
    }
    return false;
}

static void add_part(struct parts *parts, const struct multipart_part *part)
{
    if (parts->n == parts->room) {
        parts->room = parts->room ? 2 * parts->room : 64;
        parts->list = mem_grow(parts->list, parts->room * sizeof *parts->list);
    }
    parts->is_apart = parts->is_apart || !follows(parts, part);
    parts->list[parts->n++] = *part;
}

static enum read_outcome read_multipart(const struct delivery *delivery, struct tree *tree, struct report *report)
{
    struct multipart m;
    struct multipart_part part;
    struct parts parts = {0};
    struct gathering g = {.tree = tree, .report = report};
    int status = 0;
    if (!multipart_open(&m, delivery->content_type, buf_view(&delivery->body)))
        return READ_BROKEN;
    while (parts.n < PARTS_MAX && multipart_next(&m, &part))
        add_part(&parts, &part);
    if (parts.is_apart)
        qsort(parts.list, parts.n, sizeof *parts.list, by_run);
    for (size_t i = 0; i < parts.n && !status; i++)
        status = take_part(&g, &parts.list[i]);
    free(parts.list);
    // A body of so many parts is taken as it comes.
    while (!status && !m.is_broken && multipart_next(&m, &part))
        status = take_part(&g, &part);
    if (!status)
        status = finish(&g);
    else if (g.is_open)
        span_fini(&g.span);
    if (status)
        return READ_UNAVAILABLE;
    return report_end(report, m.is_broken, "the body ends before its last boundary; what came before that was taken");
}

static int take_object(struct str text, struct str run, bool is_patch, struct tree *tree, struct report *report)
{
    struct json_object *object = value_read(text, &report->replaced);
    struct span s;
    if (value_kind(object) != VALUE_OBJECT) {
        report_refuse(report, STR_NONE, "a run that is no JSON object, is nested too deeply or holds too much");
        value_free(object);
        return 0;
    }
    span_init(&s, &langsmith_dialect);
    value_free(s.attributes);
    s.attributes = object;
    int status = langsmith_run_take(&s, run, is_patch, tree, report);
    span_fini(&s);
    return status;
}

static int take_element(struct str list, struct str text, struct tree *tree, struct report *report)
{
    return take_object(text, STR_NONE, str_eq(list, STR("patch")), tree, report);
}

static enum read_outcome read_batch(const struct delivery *delivery, struct tree *tree, struct report *report)
{
    static const char *const lists[] = {"post", "patch", NULL};
    return items_read(buf_view(&delivery->body), lists, take_element, tree, report);
}

static enum read_outcome read_run(const struct delivery *delivery, struct tree *tree, struct report *report)
{
    struct str body = buf_view(&delivery->body);
    struct scan object;
    if (!scan_open(&object, body) || !object.is_object)
        return READ_BROKEN;
    return take_object(body, delivery->item, delivery->item.n > 0, tree, report) ? READ_UNAVAILABLE : READ_OK;
}

const struct protocol langsmith_multipart = {.read = read_multipart, .response = {.success = 202}};
const struct protocol langsmith_batch = {.read = read_batch, .response = {.success = 202}};
const struct protocol langsmith_run = {.read = read_run, .response = {.success = 202}};

struct str langsmith_info(void)
{
    return STR(
        "{\"version\":\"0.13.0\",\"instance_flags\":{\"gzip_body_enabled\":true},"
        "\"batch_ingest_config\":{\"use_multipart_endpoint\":true,\"size_limit\":1,\"size_limit_bytes\":20971520,"
        "\"scale_up_qsize_trigger\":1000,\"scale_up_nthreads_limit\":16,\"scale_down_nempty_trigger\":4}}");
}
