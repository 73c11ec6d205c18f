// SPDX-License-Identifier: Apache-2.0
#include "cgi/trace_session_body.h"

#include "cgi/body.h"
#include "cgi/problem.h"
#include "base/jw.h"

enum { KIND_MAX = 64, LABEL_MAX = 200, TAGS_MAX = 50 };

static const char *keep_built(struct request *r, struct buf *built)
{
    const char *text = request_keep(r, buf_view(built));
    buf_fini(built);
    return text;
}

static int read_source(struct request *r, json_t *object, struct store_session_about *about)
{
    json_t *source = json_object_get(object, "source");
    if (!source || json_is_null(source))
        return 0;
    if (!json_is_object(source))
        return problem_body(r, "source", "must be an object");
    struct str kind, client, version;
    int status;
    if ((status = body_text(r, source, "kind", REQUIRED, 1, KIND_MAX, &kind)) ||
        (status = body_text(r, source, "client", OPTIONAL, 1, LABEL_MAX, &client)) ||
        (status = body_text(r, source, "version", OPTIONAL, 1, LABEL_MAX, &version)))
        return status;
    struct buf printed = {0};
    jw_open(&printed, '{');
    jw_member(&printed, "kind", kind);
    jw_member(&printed, "client", client);
    jw_member(&printed, "version", version);
    jw_close(&printed, '}');
    about->source_kind = request_keep(r, kind);
    about->source = keep_built(r, &printed);
    return 0;
}

static bool is_repeated(json_t *tags, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (json_equal(json_array_get(tags, i), json_array_get(tags, at)))
            return true;
    return false;
}

// A printed list in which each tag stands once; NULL: there is none.
static int read_tags(struct request *r, json_t *object, const char **printed)
{
    json_t *tags = json_object_get(object, "tags");
    *printed = NULL;
    if (!tags || json_is_null(tags))
        return 0;
    if (!json_is_array(tags))
        return problem_body(r, "tags", "must be an array");
    if (json_array_size(tags) > TAGS_MAX)
        return problem_body(r, "tags", "has more than 50 tags");
    for (size_t i = 0; i < json_array_size(tags); i++) {
        json_t *tag = json_array_get(tags, i);
        if (!json_is_string(tag) || json_string_length(tag) == 0)
            return problem_body(r, "tags", "must have strings that are not empty");
        if (json_string_length(tag) > LABEL_MAX)
            return problem_body(r, "tags", "has a tag that is too long");
    }
    if (json_array_size(tags) == 0)
        return 0;
    struct buf list = {0};
    jw_open(&list, '[');
    for (size_t i = 0; i < json_array_size(tags); i++) {
        json_t *tag = json_array_get(tags, i);
        if (!is_repeated(tags, i))
            jw_string(&list, (struct str){json_string_value(tag), json_string_length(tag)});
    }
    jw_close(&list, ']');
    *printed = keep_built(r, &list);
    return 0;
}

int trace_session_body_about(struct request *r, json_t *object, struct store_session_about *about)
{
    struct str external, thread, user, environment, project;
    int status;
    *about = (struct store_session_about){0};
    if ((status = read_source(r, object, about)) ||
        (status = body_text(r, object, "externalId", OPTIONAL, 1, LABEL_MAX, &external)) ||
        (status = body_text(r, object, "threadKey", OPTIONAL, 1, LABEL_MAX, &thread)) ||
        (status = body_text(r, object, "userId", OPTIONAL, 1, LABEL_MAX, &user)) ||
        (status = read_tags(r, object, &about->tags)) ||
        (status = body_text(r, object, "environment", OPTIONAL, 1, LABEL_MAX, &environment)) ||
        (status = body_text(r, object, "project", OPTIONAL, 1, LABEL_MAX, &project)))
        return status;
    about->external_id = request_keep(r, external);
    about->thread_key = request_keep(r, thread);
    about->user_key = request_keep(r, user);
    about->environment = request_keep(r, environment);
    about->project = request_keep(r, project);
    return 0;
}

// The member as it is to be stored, or null; nothing if the body has no such field.
static void print_change(struct buf *out, json_t *object, const char *field, struct str printed)
{
    if (json_object_get(object, field))
        jw_member_raw(out, field, printed.p ? printed : STR("null"));
}

int trace_session_body_patch(struct request *r, json_t *object, const char **said)
{
    struct str title, metadata;
    const char *tags;
    int status;
    if ((status = body_text(r, object, "title", OPTIONAL, 0, SESSION_TITLE_MAX, &title)) ||
        (status = read_tags(r, object, &tags)) ||
        (status = body_object(r, object, "metadata", OPTIONAL, SESSION_METADATA_MAX, &metadata)))
        return status;
    struct buf quoted = {0}, changes = {0};
    if (title.p)
        jw_string(&quoted, title);
    jw_open(&changes, '{');
    print_change(&changes, object, "title", buf_view(&quoted));
    print_change(&changes, object, "tags", str_from(tags));
    print_change(&changes, object, "metadata", metadata);
    jw_close(&changes, '}');
    buf_fini(&quoted);
    *said = keep_built(r, &changes);
    return 0;
}
