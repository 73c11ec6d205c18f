// SPDX-License-Identifier: Apache-2.0
// What trace-admin does to workspaces, people, personas, channels and credentials. Each function is one statement,
// whose rows carry the columns that people see, under the API's names: store/table.h prints them. The outcome is OK, or
// one of those that the function's comment names.
#ifndef STORE_ADMIN_H
#define STORE_ADMIN_H

#include "store/answer.h"

// The id in the first column of the first row.
struct str store_admin_id(const struct store_answer *answer);

// `wanted`: an id or a name. One column: id.
MUST_USE struct store_answer store_admin_find_workspace(struct pg *pg, const char *wanted);

// CONFLICT: the name is taken. The workspace has the public channel #general from the start.
MUST_USE struct store_answer store_admin_create_workspace(struct pg *pg, const char *name);

struct store_admin_person {
    const char *workspace_id;
    const char *email;
    const char *name;
    const char *password_hash; // NULL: only a person who has an account is added, otherwise NOT_FOUND
    const char *slug;          // NULL: made from the name
    const char *avatar;        // NULL: initials
    bool is_admin;
};
// CONFLICT: the person is a member already, or the slug is taken; store_admin_find_member() says which of the two.
MUST_USE struct store_answer store_admin_create_user(struct pg *pg, const struct store_admin_person *person);

// One column: id. NOT_FOUND: nobody of that address is a member.
MUST_USE struct store_answer store_admin_find_member(struct pg *pg, const char *workspace_id, const char *email);

struct store_admin_persona {
    const char *workspace_id;
    const char *name;
    const char *description; // or NULL
    const char *slug;        // NULL: made from the name
    const char *avatar;      // NULL: initials
    bool is_demo;
};
// CONFLICT: the slug is taken.
MUST_USE struct store_answer store_admin_create_persona(struct pg *pg, const struct store_admin_persona *persona);

// CONFLICT: the name is taken.
MUST_USE struct store_answer store_admin_create_channel(struct pg *pg, const char *workspace_id, const char *name,
                                                        bool is_private);

struct store_admin_token {
    const char *workspace_id;
    const char *persona; // its id or slug
    const char *secret;
    const char *scopes;    // comma-separated
    const char *label;     // or NULL
    const char *expires_s; // from now, as digits; NULL: never
    const char *actor;     // for the audit log
};
// The result shows the secret. NOT_FOUND: no such persona.
MUST_USE struct store_answer store_admin_create_token(struct pg *pg, const struct store_admin_token *token);

// Another token like `id`, which ends in `overlap_s` seconds at the latest; persona and scopes of *token are not used,
// and without expires_s the end stays.
// NOT_FOUND: there is none, or it has ended.
MUST_USE struct store_answer store_admin_rotate_token(struct pg *pg, const char *id, const char *overlap_s,
                                                      const struct store_admin_token *token);

// Revokes the token and notes the revocation for the pushers, in one transaction. A second call answers the time of the
// first.
MUST_USE struct store_answer store_admin_revoke_token(struct pg *pg, const char *id, const char *actor);

enum store_admin_list {
    STORE_ADMIN_WORKSPACES,
    STORE_ADMIN_USERS,
    STORE_ADMIN_PERSONAS,
    STORE_ADMIN_CHANNELS,
    STORE_ADMIN_TOKENS,
    STORE_ADMIN_LIST__MAX
};
// Lists those of one workspace, or of all if workspace_id is NULL; any number of rows.
MUST_USE struct store_answer store_admin_list(struct pg *pg, enum store_admin_list what, const char *workspace_id);

struct store_admin_membership {
    const char *stream_id;    // or NULL …
    const char *channel_name; // … and its name, without "#"
    const char *workspace_id; // or NULL: any that has such a channel
    const char *user;         // id or e-mail address, or NULL …
    const char *persona;      // … and an id or slug
};
enum store_admin_member { STORE_ADMIN_ADD, STORE_ADMIN_REMOVE };
// Columns: stream, member, changed. NOT_FOUND: no such channel; CONFLICT: more than one. Removing a member revokes
// their live streams in the same transaction.
MUST_USE struct store_answer store_admin_member(struct pg *pg, enum store_admin_member verb,
                                                const struct store_admin_membership *membership);

// Whether the workspace of the channel has that person or persona; if not, nothing has changed.
bool store_admin_has_member(const struct store_answer *answer);

#endif
