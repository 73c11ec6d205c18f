// SPDX-License-Identifier: Apache-2.0
// What trace-admin does to a person who has an account. Each function is one statement that acts and writes the audit
// log; its rows carry the columns that people see (store/table.h). `who`: an id or an e-mail address; NOT_FOUND: nobody
// has it, or the person was erased. `actor`: who does it, for the audit log.
#ifndef STORE_PERSON_H
#define STORE_PERSON_H

#include "store/answer.h"
#include "wire/bus.h"

// Columns of all but export: id, and what the comment names.
// Sets a new password, and ends all sign-ins: signInsEnded.
MUST_USE struct store_answer store_person_password(struct pg *pg, const char *who, const char *actor, const char *hash);
// signInsEnded. Their live streams end as well.
MUST_USE struct store_answer store_person_sign_out(struct pg *pg, const char *who, const char *actor);
// The person cannot sign in any more, and is signed out: deactivatedAt, signInsEnded.
MUST_USE struct store_answer store_person_deactivate(struct pg *pg, const char *who, const char *actor);
int64_t store_person_sign_ins_ended(const struct store_answer *deactivated);
MUST_USE struct store_answer store_person_activate(struct pg *pg, const char *who, const char *actor);
// NULL: stays. email, name. CONFLICT: the address is somebody else's.
MUST_USE struct store_answer store_person_rename(struct pg *pg, const char *who, const char *actor, const char *name,
                                                 const char *email);
// `role`: admin or member. role. NOT_FOUND also: the person is not in the workspace.
MUST_USE struct store_answer store_person_role(struct pg *pg, const char *who, const char *actor,
                                               const char *workspace_id, const char *role);
// Erasing has parts, and each may be done again, also to somebody who was erased before
// (migrations/functions/erasure.sql). If texts are to go: deletes the first one behind the message *after
// (empty: from the beginning), which it becomes, and tells its readers. NOT_FOUND: none is left that no hold keeps.
MUST_USE enum store_outcome store_person_erase_text(struct pg *pg, struct bus *bus, const char *who, struct buf *after);

enum store_person_part {
    STORE_PERSON_BELONGINGS, // before the account: ratings, webhooks, read marks, mentions, the name where they are
                             // quoted
    STORE_PERSON_NAME,       // after it: the name where they were mentioned, stopped an agent or decided for one
};
// Erases the next portion of that part, behind what *pass and *after say (0 and empty: from the beginning), which are
// moved on. NOT_FOUND: none is left.
MUST_USE enum store_outcome store_person_erase_portion(struct pg *pg, struct bus *bus, enum store_person_part part,
                                                       const char *id, int *pass, struct buf *after);
// Between the two: name, address, picture, password, slugs and identities are gone for good, and the person is signed
// out: signInsEnded (`sign_ins` and those now), textsDeleted (`texts`), textsKept. What they wrote stays, by "Deleted
// person".
MUST_USE struct store_answer store_person_erase(struct pg *pg, const char *who, const char *actor, int64_t texts,
                                                int64_t sign_ins);
// All that is theirs, as JSON: person, workspaces, signIns, channels, messages.
MUST_USE struct store_answer store_person_export(struct pg *pg, const char *who, const char *actor);

#endif
