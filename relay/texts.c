// SPDX-License-Identifier: Apache-2.0
#include "relay/texts.h"

#include <stdlib.h>
#include "relay/peers.h"
#include "relay/publish.h"
#include "wire/room_name.h"

enum { QUESTIONS_MAX = 256 };

// Who asked the question with the number `last`, and those before it. A newer one takes the place of the oldest, which
// has been answered by then or never will be.
struct texts {
    int64_t last;
    uint64_t from[QUESTIONS_MAX];
};

struct texts *texts_new(void)
{
    return mem_zero(sizeof(struct texts));
}

void texts_free(struct texts *texts)
{
    free(texts);
}

void texts_address(struct buf *words, uint64_t relay)
{
    buf_printf(words, "relay:%016llx", (unsigned long long)relay);
}

static void answer(struct relay *relay, struct hint *hint)
{
    const struct texts *texts = relay->texts;
    if (hint->offset <= texts->last - QUESTIONS_MAX || hint->offset > texts->last || hint->offset < 1) {
        relay->counters.malformed++;
        return;
    }
    struct buf packed = {0}, address = {0};
    texts_address(&address, texts->from[hint->offset % QUESTIONS_MAX]);
    hint->offset = 0;
    if (hint_pack(&packed, hint) ||
        publish(relay, buf_view(&address), (struct seal_message){.kind = SEAL_TEXT, .body = buf_view(&packed)}))
        relay->counters.unsent++;
    else
        relay->counters.sent++;
    buf_fini(&address);
    buf_fini(&packed);
}

void texts_from_pusher(struct relay *relay, struct hint *hint)
{
    struct room_name name;
    if (room_name_parse(hint->room, &name) || name.kind != ROOM_SESSION)
        relay->counters.malformed++;
    else if (hint->flags & HINT_TEXT_SO_FAR)
        answer(relay, hint);
    else if (!(hint->flags & HINT_TEXT_WANTED))
        relay->counters.malformed++;
    else if (publish(relay, hint->room, (struct seal_message){.kind = SEAL_TEXT_WANTED, .body = hint->room}))
        relay->counters.unsent++;
}

void texts_wanted(struct relay *relay, uint64_t machine, struct str room)
{
    struct texts *texts = relay->texts;
    struct room_name name;
    if (room_name_parse(room, &name) || name.kind != ROOM_SESSION) {
        relay->counters.malformed++;
        return;
    }
    texts->from[++texts->last % QUESTIONS_MAX] = machine;
    struct buf packed = {0};
    const struct hint hint = {.flags = HINT_TEXT_WANTED, .offset = texts->last, .room = room};
    if (hint_pack(&packed, &hint))
        abort();
    (void)peers_send(relay, followed_links(relay->followed, room), buf_view(&packed));
    buf_fini(&packed);
}
