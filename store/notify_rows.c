// SPDX-License-Identifier: Apache-2.0
#include "base/clock.h"
#include "base/log.h"
#include "store/notify_columns.h"
#include "wire/event.h"
#include "wire/room_name.h"

// The columns of NOTIFY_ROWS; the first three are an answer's.
enum { OUTCOME, NAME, BODY, KIND, ID, SEQ, SESSION };

struct row {
    struct bus *bus;
    struct str workspace_id;
    const struct pg_result *rows;
    int at;
};

static struct str row_str(const struct row *row, int column)
{
    return pg_str(row->rows, row->at, column);
}

static void send_event(const struct row *row)
{
    struct buf room = {0};
    room_name_print(&room, &(struct room_name){ROOM_STREAM, row_str(row, ID), STR_NONE});
    struct str name = row_str(row, NAME);
    bus_send(row->bus, &(struct hint){.seq = pg_i64(row->rows, row->at, SEQ),
                                      .stamp_ns = clock_mono_ns(),
                                      // The frames in the pushers' rings show the message as it was before.
                                      .flags = event_flags(event_named(name), ROOM_STREAM),
                                      .room = buf_view(&room),
                                      .name = name,
                                      .body = row_str(row, BODY)});
    buf_fini(&room);
}

static void send_session(const struct row *row)
{
    struct notify_session session;
    notify_columns_read(&session, row->rows, row->at, SESSION);
    notify_session_event(row->bus, NOTIFY_REQUESTED, &session);
}

static void send_activity(const struct row *row)
{
    struct notify_session session;
    notify_columns_read(&session, row->rows, row->at, SESSION);
    notify_stream_activity(row->bus, &(struct notify_stream){.workspace_id = session.workspace_id,
                                                             .followers = session.followers,
                                                             .stream_id = session.root_id,
                                                             .last_seq = session.root_last_seq,
                                                             .running = session.others_active});
}

static void send_person(const struct row *row)
{
    enum event event = event_named(row_str(row, NAME));
    if (event == EVENT__MAX)
        log_error("the database tells of an event without a row in wire/event.c: %.*s", (int)row_str(row, NAME).n,
                  row_str(row, NAME).p);
    else
        notify_to_user(row->bus, row->workspace_id, row_str(row, ID), event, row_str(row, BODY));
}

static void send_forgotten(const struct row *row)
{
    bus_send(row->bus, &(struct hint){.flags = HINT_FORGETS, .room = row_str(row, ID)});
}

static void send_to_room(const struct row *row)
{
    bus_send(row->bus,
             &(struct hint){.room = row_str(row, ID), .name = row_str(row, NAME), .body = row_str(row, BODY)});
}

static const struct {
    const char *kind;
    void (*send)(const struct row *row);
} kinds[] = {
    {"event", send_event},   {"session", send_session},     {"activity", send_activity},
    {"person", send_person}, {"forgotten", send_forgotten}, {"room", send_to_room},
};

void notify_rows(struct bus *bus, struct str workspace_id, const struct store_answer *answer)
{
    struct row row = {.bus = bus, .workspace_id = workspace_id, .rows = answer->rows};
    for (row.at = 1; row.at < pg_rows(row.rows); row.at++)
        for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
            if (str_eq(row_str(&row, KIND), str_from(kinds[i].kind)))
                kinds[i].send(&row);
}
