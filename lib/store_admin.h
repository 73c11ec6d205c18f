// What trace-admin does to workspaces, people, personas, channels and credentials. Each function is one statement;
// results carry the columns that people see, under the API's names. On STORE_OK the caller clears *rows, else it is
// NULL.
#ifndef LIB_STORE_ADMIN_H
#define LIB_STORE_ADMIN_H

#include "lib/pg.h"
#include "lib/store.h"

// `wanted`: an id or a name. One column: id.
MUST_USE enum store_outcome store_admin_find_workspace(struct pg *pg, const char *wanted, PGresult **rows);

// CONFLICT: the name is taken. It has the public channel #general from the start.
MUST_USE enum store_outcome store_admin_create_workspace(struct pg *pg, const char *name, PGresult **rows);

struct store_admin_person {
    const char *workspace_id;
    const char *email;
    const char *name;
    const char *password_hash; // NULL: only who has an account is added, else NOT_FOUND
    const char *slug;          // NULL: made from the name
    const char *avatar;        // NULL: initials
    bool is_admin;
};
// CONFLICT: a member already, or the slug is taken; which of the two, store_admin_find_member() says.
MUST_USE enum store_outcome store_admin_create_user(struct pg *pg, const struct store_admin_person *person,
                                                    PGresult **rows);

// One column: id. NOT_FOUND: nobody of that address is a member.
MUST_USE enum store_outcome store_admin_find_member(struct pg *pg, const char *workspace_id, const char *email,
                                                    PGresult **rows);

struct store_admin_persona {
    const char *workspace_id;
    const char *name;
    const char *description; // or NULL
    const char *slug;        // NULL: made from the name
    const char *avatar;      // NULL: initials
    bool is_demo;
};
// CONFLICT: the slug is taken.
MUST_USE enum store_outcome store_admin_create_persona(struct pg *pg, const struct store_admin_persona *persona,
                                                       PGresult **rows);

// CONFLICT: the name is taken.
MUST_USE enum store_outcome store_admin_create_channel(struct pg *pg, const char *workspace_id, const char *name,
                                                       bool is_private, PGresult **rows);

// `persona`: its id or slug. `scopes`: comma-separated. The result shows the secret. NOT_FOUND: no such persona.
MUST_USE enum store_outcome store_admin_create_token(struct pg *pg, const char *workspace_id, const char *persona,
                                                     const char *secret, const char *scopes, PGresult **rows);

// With its revocation in the same transaction; once more: the first time of revocation.
MUST_USE enum store_outcome store_admin_revoke_token(struct pg *pg, const char *id, PGresult **rows);

enum store_admin_list {
    STORE_ADMIN_WORKSPACES,
    STORE_ADMIN_USERS,
    STORE_ADMIN_PERSONAS,
    STORE_ADMIN_CHANNELS,
    STORE_ADMIN_TOKENS,
    STORE_ADMIN_LIST__MAX
};
// Of one workspace, or of all if workspace_id is NULL; any number of rows.
MUST_USE enum store_outcome store_admin_list(struct pg *pg, enum store_admin_list what, const char *workspace_id,
                                             PGresult **rows);

struct store_admin_membership {
    const char *stream_id;    // or NULL …
    const char *channel_name; // … and its name, without "#"
    const char *workspace_id; // or NULL: any that has such a channel
    const char *user;         // id or e-mail address, or NULL …
    const char *persona;      // … and an id or slug
};
enum store_admin_member { STORE_ADMIN_ADD, STORE_ADMIN_REMOVE };
// Columns: stream, member (NULL if there is none in the stream's workspace), changed. NOT_FOUND: no such channel;
// CONFLICT: more than one. Removing revokes the member's live streams in the same transaction.
MUST_USE enum store_outcome store_admin_member(struct pg *pg, enum store_admin_member verb,
                                               const struct store_admin_membership *membership, PGresult **rows);

#endif
