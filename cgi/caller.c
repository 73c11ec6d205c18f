// SPDX-License-Identifier: Apache-2.0
#include "cgi/caller.h"

struct caller caller_of(struct request *r)
{
    return (struct caller){.secret = request_keep(r, r->secret),
                           .program = r->is_program ? "t" : "f",
                           .workspace = request_keep(r, r->id[0]),
                           .is_share = r->is_share};
}
