// SPDX-License-Identifier: Apache-2.0
// What the door passes on: a subscription that is understood is, printed again by the door's half, understood the same.
#include "tests/fuzz/fuzz.h"
#include "wire/room_name.h"
#include "wire/subscription.h"

// A position that was reset stands at the head, whatever the cursor was; it is printed as a reset.
static void compare(const struct subscription_room *a, const struct subscription_room *b)
{
    struct room_name name;
    assert(str_eq(a->name, b->name) && a->denied == b->denied);
    assert(a->reset == b->reset && a->head == b->head && a->from == b->from);
    assert(a->from >= 0 && a->from <= a->head);
    assert(room_name_parse(a->name, &name) == 0 || (a->denied && room_name_parse_public(a->name, &name) == 0));
    // It is printed into JSON as it is.
    for (size_t i = 0; i < a->name.n; i++)
        assert(a->name.p[i] > ' ' && a->name.p[i] < 0x7f && a->name.p[i] != '"' && a->name.p[i] != '\\');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct subscription read, again;
    struct buf query = {0};

    if (subscription_parse(&read, (struct str){(const char *)data, size}))
        return 0;
    subscription_print(&query, &read);
    int failed = subscription_parse(&again, buf_view(&query));
    assert(!failed && read.rooms_n == again.rooms_n && read.principals_n == again.principals_n);
    assert(read.at_us == again.at_us && read.until_us == again.until_us && read.until_us >= 0);
    for (unsigned i = 0; i < read.rooms_n; i++)
        compare(&read.rooms[i], &again.rooms[i]);
    for (unsigned i = 0; i < read.principals_n; i++) {
        assert(str_eq(read.principals[i], again.principals[i]));
        assert(read.principals[i].n < SUBSCRIPTION_PRINCIPAL_SIZE);
    }
    buf_fini(&query);
    return 0;
}
