// SPDX-License-Identifier: Apache-2.0
// What comes to the relay: a message of another relay, of which the hint in it is read when its seal is right; and a
// pusher's list of rooms, which says the same when it is printed again.
#include "relay/seal.h"
#include "tests/fuzz/fuzz.h"
#include "wire/hint.h"
#include "wire/interest.h"

static void read_interest(struct str bytes)
{
    struct buf printed = {0};
    struct str rest = bytes, room;
    bool is_followed;
    int one;
    while ((one = interest_next(&rest, &is_followed, &room)) > 0)
        interest_add(&printed, is_followed, room);
    assert(one < 0 || str_eq(buf_view(&printed), bytes));
    buf_fini(&printed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str bytes = {(const char *)data, size};
    const struct str key = STR("a key of the tests, 32 characters"), subject = STR("trace.default.relays");
    struct seal_message message, opened;
    read_interest(bytes);
    if (seal_parse(&message, bytes) != SEAL_OK)
        return 0;
    struct hint hint;
    int is_hint = hint_unpack(&hint, message.body);
    assert(is_hint == 0 || is_hint == -1);
    // The input was not made with the key; packed again, it is.
    struct buf packed = {0};
    seal_pack(&packed, key, subject, &message);
    assert(packed.n == bytes.n);
    assert(seal_open(&opened, key, subject, message.sent_us, buf_view(&packed)) == SEAL_OK);
    assert(opened.kind == message.kind && opened.number == message.number && str_eq(opened.body, message.body));
    buf_fini(&packed);
    return 0;
}
