// After a write has committed: its rows say what is to be told to whom (migrations/0007_telling.sql, type `told`), and
// this sends it as hints. The statements decide what is told; this knows only how each kind goes out.
#ifndef LIB_TOLD_H
#define LIB_TOLD_H

#include "lib/answer.h"
#include "lib/bus.h"

// The select list of a statement over a function that returns SETOF told.
#define TOLD_COLUMNS "code, name, body, kind, id, seq, (news).*"

// `workspace_id`: in which the write was done.
void told_send(struct bus *bus, struct str workspace_id, const struct answer *answer);

#endif
