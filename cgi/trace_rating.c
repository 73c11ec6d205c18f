// SPDX-License-Identifier: Apache-2.0
// What people and evaluators think of a session, of its steps and of its agent's messages.
#include <math.h>
#include "cgi/body.h"
#include "cgi/query.h"
#include "cgi/trace.h"
#include "base/id.h"
#include "base/jw.h"
#include "store/rating.h"

enum { NAME_MAX_BYTES = 64, NOTE_MAX = 4000, SCORE_MAX = 400, THUMB_MAX = 8, PATH_RATING = 2 };

// Within it the mean of as many as there may be is a number, too.
static const double SCORE_MOST = 1e15;

static bool is_target(struct str id)
{
    return id_valid(id, "ses") || id_valid(id, "stp") || id_valid(id, "msg");
}

static int read_target(struct request *r, const char **target)
{
    struct str id;
    int status = body_text(r, r->body, "target", OPTIONAL, 1, ID_SIZE, &id);
    if (status)
        return status;
    if (id.p && !is_target(id))
        return problem_body(r, "target", "must be the id of a session, step or message");
    *target = id.p ? request_keep(r, id) : trace_id(r, PATH_SESSION);
    return 0;
}

static int read_thumb(struct request *r, const char **thumb)
{
    struct str word;
    int status = body_text(r, r->body, "thumb", OPTIONAL, 1, THUMB_MAX, &word);
    if (status || !word.p)
        return status;
    if (!str_eq(word, STR("up")) && !str_eq(word, STR("down")))
        return problem_body(r, "thumb", "must be up or down");
    *thumb = str_eq(word, STR("up")) ? "1" : "-1";
    return 0;
}

// A score has a name; thumbs and notes are of people and programs alike.
static int read_rating(struct request *r, struct store_rating *rating)
{
    struct str name, note;
    int status;
    *rating = (struct store_rating){0};
    if ((status = read_target(r, &rating->target)) || (status = read_thumb(r, &rating->thumb)) ||
        (status = body_text(r, r->body, "name", OPTIONAL, 1, NAME_MAX_BYTES, &name)) ||
        (status = body_text(r, r->body, "note", OPTIONAL, 1, NOTE_MAX, &note)) ||
        (status = body_json_value(r, r->body, "score", VALUE_ANY, SCORE_MAX, &rating->score)))
        return status;
    const json_t *score = json_object_get(r->body, "score");
    if (rating->score && !(json_is_number(score) && fabs(json_number_value(score)) <= SCORE_MOST))
        return problem_body(r, "score", "must be a number from -1e15 to 1e15");
    if (rating->score && !name.p)
        return problem_body(r, "name", "is missing: a score has one");
    if (!rating->thumb && !rating->score && !note.p)
        return problem_body(r, "thumb", "is missing, and so are score and note");
    rating->name = name.p ? request_keep(r, name) : "";
    rating->note = request_keep(r, note);
    return 0;
}

static int reply(struct request *r, struct store_answer *take_answer, const struct store_rating_seen *seen)
{
    int status =
        take_answer->outcome == STORE_FORBIDDEN ? problem_forbidden(r, "scores:write") : reply_failure(r, take_answer);
    if (!status) {
        status = (int)take_answer->outcome;
        if (seen->has_changed)
            notify_session_event(r->worker->bus, NOTIFY_UPDATED, &seen->change);
        if (status != 204) {
            jw_open(&r->out, '{');
            jw_member_raw(&r->out, "rating", seen->rating);
            jw_close(&r->out, '}');
        }
    }
    store_answer_fini(take_answer);
    return status;
}

static int rate(struct request *r)
{
    struct store_rating rating;
    int status = read_rating(r, &rating);
    if (status)
        return status;
    struct caller caller = caller_of(r);
    struct store_rating_seen seen;
    struct store_answer answer = store_rating_put(r->worker->pg, &caller, trace_id(r, PATH_SESSION), &rating, &seen);
    return reply(r, &answer, &seen);
}

static int take_back(struct request *r)
{
    struct caller caller = caller_of(r);
    struct store_rating_seen seen;
    struct store_answer answer =
        store_rating_delete(r->worker->pg, &caller, trace_id(r, PATH_SESSION), trace_id(r, PATH_RATING), &seen);
    return reply(r, &answer, &seen);
}

static int list(struct request *r)
{
    struct str target = request_query(r, "target");
    if (target.p && !is_target(target))
        return problem_query(r, "target", "must be the id of a session, step or message");
    struct caller caller = caller_of(r);
    struct store_answer answer =
        store_rating_list(r->worker->pg, &caller, trace_id(r, PATH_SESSION), request_keep(r, target));
    return reply_send(r, &answer, NULL, false);
}

#define RATINGS "/api/workspaces/{ws}/agent-sessions/{ses}/ratings"
const struct route trace_rating_routes[] = {
    {METHOD_POST, RATINGS, AUTH_KNOWN, BODY_JSON, rate},
    {METHOD_GET, RATINGS, AUTH_KNOWN, BODY_NONE, list},
    {METHOD_DELETE, RATINGS "/{rat}", AUTH_KNOWN, BODY_NONE, take_back},
    {0},
};
