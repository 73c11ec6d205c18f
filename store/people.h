// SPDX-License-Identifier: Apache-2.0
// What a workspace's admins do to its people (migrations/functions/administration.sql). Each function decides:
// FORBIDDEN for whoever is no admin, with the problem admin_only; CONFLICT names its problem. What an operator does by
// trace-admin is store/person.h.
#ifndef STORE_PEOPLE_H
#define STORE_PEOPLE_H

#include "store/answer.h"

// The body is {"people":[…]}.
MUST_USE struct store_answer store_people_list(struct pg *pg, const struct caller *caller);

// NULL: stays. The body is the person. CONFLICT: in_other_workspaces, last_admin.
MUST_USE struct store_answer store_people_change(struct pg *pg, const struct caller *caller, const char *person,
                                                 const char *name, const char *role);

// SILENT. CONFLICT as above. All but ACTIVATE end the person's sign-ins and their live streams.
enum store_people_verb { STORE_PEOPLE_SIGN_OUT, STORE_PEOPLE_DEACTIVATE, STORE_PEOPLE_ACTIVATE, STORE_PEOPLE__MAX };
MUST_USE struct store_answer store_people_account(struct pg *pg, const struct caller *caller, const char *person,
                                                  enum store_people_verb verb);

#endif
