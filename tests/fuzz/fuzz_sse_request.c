// libFuzzer: a request's head and the door's query in it. Whatever comes, what is understood is printable as it is.
#include <assert.h>
#include "sse/door.h"
#include "sse/head.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct str bytes = {(const char *)data, n}, query;
    struct door door;
    enum head_outcome outcome = head_parse(bytes, &query);
    if (outcome != HEAD_OK)
        query = bytes;
    else
        assert(query.n > 0 && query.p[0] == '/');
    (void)str_cut(&query, '?');
    if (door_parse(query, &door))
        return 0;
    assert(door.rooms_n >= 1 && door.rooms_n <= DOOR_ROOMS_MAX && door.principals_n >= 1 && door.at >= 0);
    for (unsigned i = 0; i < door.rooms_n; i++) {
        assert(door.rooms[i].from >= 0 && door.rooms[i].from <= door.rooms[i].head);
        for (size_t k = 0; k < door.rooms[i].name.n; k++)
            assert(door.rooms[i].name.p[k] > ' ' && door.rooms[i].name.p[k] != '"' && door.rooms[i].name.p[k] != '\\');
    }
    return 0;
}
