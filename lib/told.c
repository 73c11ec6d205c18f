#include "lib/told.h"

#include "lib/clock.h"
#include "lib/publish.h"

// The columns of TOLD_COLUMNS; the first three are an answer's.
enum { CODE, NAME, BODY, KIND, ID, SEQ, NEWS };

static void send_event(struct bus *bus, const PGresult *rows, int row)
{
    struct buf room = {0};
    buf_lit(&room, "stream:");
    buf_str(&room, pg_str(rows, row, ID));
    struct str name = pg_str(rows, row, NAME);
    bus_send(bus, &(struct hint){.seq = pg_i64(rows, row, SEQ),
                                 .stamp = clock_mono_ns(),
                                 // Frames in the pushers' rings show the message as it was.
                                 .flags = str_eq(name, STR("message:deleted")) ? HINT_FORGETS : 0,
                                 .room = buf_view(&room),
                                 .name = name,
                                 .body = pg_str(rows, row, BODY)});
    buf_fini(&room);
}

static void send_session(struct bus *bus, const PGresult *rows, int row)
{
    struct publish_session news;
    publish_read(&news, rows, row, NEWS);
    publish_session_event(bus, PUBLISH_REQUESTED, &news);
}

static void send_activity(struct bus *bus, const PGresult *rows, int row)
{
    struct publish_session news;
    publish_read(&news, rows, row, NEWS);
    publish_stream_activity(bus, &(struct publish_stream){.workspace_id = news.workspace_id,
                                                          .followers = news.followers,
                                                          .stream_id = news.root_id,
                                                          .last_seq = news.root_last_seq,
                                                          .running = news.others_active});
}

static void send_person(struct bus *bus, const PGresult *rows, int row)
{
    struct buf name = {0};
    buf_str(&name, pg_str(rows, row, NAME));
    publish_to_user(bus, pg_str(rows, row, ID), buf_cstr(&name), pg_str(rows, row, BODY));
    buf_fini(&name);
}

static const struct {
    const char *kind;
    void (*send)(struct bus *bus, const PGresult *rows, int row);
} kinds[] = {
    {"event", send_event},
    {"session", send_session},
    {"activity", send_activity},
    {"person", send_person},
};

void told_send(struct bus *bus, const struct answer *answer)
{
    for (int row = 1; row < PQntuples(answer->rows); row++)
        for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
            if (str_eq(pg_str(answer->rows, row, KIND), str_from(kinds[i].kind)))
                kinds[i].send(bus, answer->rows, row);
}
