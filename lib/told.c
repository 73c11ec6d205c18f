#include "lib/told.h"

#include "lib/clock.h"
#include "lib/publish.h"

// The columns of TOLD_COLUMNS; the first three are an answer's.
enum { CODE, NAME, BODY, KIND, ID, SEQ, NEWS };

struct row {
    struct bus *bus;
    struct str workspace_id;
    const PGresult *rows;
    int at;
};

static struct str row_str(const struct row *row, int column)
{
    return pg_str(row->rows, row->at, column);
}

static void send_event(const struct row *row)
{
    struct buf room = {0};
    buf_lit(&room, "stream:");
    buf_str(&room, row_str(row, ID));
    struct str name = row_str(row, NAME);
    bus_send(row->bus, &(struct hint){.seq = pg_i64(row->rows, row->at, SEQ),
                                      .stamp = clock_mono_ns(),
                                      // Frames in the pushers' rings show the message as it was.
                                      .flags = str_eq(name, STR("message:deleted")) ? HINT_FORGETS : 0,
                                      .room = buf_view(&room),
                                      .name = name,
                                      .body = row_str(row, BODY)});
    buf_fini(&room);
}

static void send_session(const struct row *row)
{
    struct publish_session news;
    publish_read(&news, row->rows, row->at, NEWS);
    publish_session_event(row->bus, PUBLISH_REQUESTED, &news);
}

static void send_activity(const struct row *row)
{
    struct publish_session news;
    publish_read(&news, row->rows, row->at, NEWS);
    publish_stream_activity(row->bus, &(struct publish_stream){.workspace_id = news.workspace_id,
                                                               .followers = news.followers,
                                                               .stream_id = news.root_id,
                                                               .last_seq = news.root_last_seq,
                                                               .running = news.others_active});
}

static void send_person(const struct row *row)
{
    struct buf name = {0};
    buf_str(&name, row_str(row, NAME));
    publish_to_user(row->bus, row->workspace_id, row_str(row, ID), buf_cstr(&name), row_str(row, BODY));
    buf_fini(&name);
}

static void send_forgotten(const struct row *row)
{
    bus_send(row->bus, &(struct hint){.flags = HINT_FORGETS, .room = row_str(row, ID)});
}

static const struct {
    const char *kind;
    void (*send)(const struct row *row);
} kinds[] = {
    {"event", send_event},   {"session", send_session},     {"activity", send_activity},
    {"person", send_person}, {"forgotten", send_forgotten},
};

void told_send(struct bus *bus, struct str workspace_id, const struct answer *answer)
{
    struct row row = {.bus = bus, .workspace_id = workspace_id, .rows = answer->rows};
    for (row.at = 1; row.at < PQntuples(row.rows); row.at++)
        for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
            if (str_eq(row_str(&row, KIND), str_from(kinds[i].kind)))
                kinds[i].send(&row);
}
