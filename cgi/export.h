// SPDX-License-Identifier: Apache-2.0
// The forms in which a whole session is given out. A form prints a head, each step by its number, and a tail, into a
// buffer that is sent in between: none of them sees the session as a whole. They know neither requests nor a database.
#ifndef CGI_EXPORT_H
#define CGI_EXPORT_H

#include <jansson.h>
#include "store/export.h"

struct export_session {
    struct str id;
    struct str json; // printed, as the API shows it
    json_t *facts;   // the same
    bool has_ended;
};

struct export_form {
    const char *name;      // the value of `format`
    const char *type;      // Content-Type
    const char *extension; // of the file
    void (*head)(struct buf *out, const struct export_session *session);
    void (*step)(struct buf *out, const struct export_session *session, const struct store_export_step *step);
    void (*tail)(struct buf *out, const struct export_session *session);
};

extern const struct export_form export_json;     // {"session":…,"steps":[…]}, a step a line
extern const struct export_form export_ndjson;   // lines of a batch, which can be written again
extern const struct export_form export_markdown; // for people
extern const struct export_form export_otlp;     // OTLP/JSON: the session is the root span

// The form of that name, or NULL.
const struct export_form *export_form_of(struct str name);

// A text member of an object, STR_NONE if there is none; the view lives as long as the object.
struct str export_text(const json_t *object, const char *key);

// The printed JSON string as text, appended.
void export_unquote(struct buf *out, struct str json);

#endif
