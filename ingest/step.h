// SPDX-License-Identifier: Apache-2.0
// What comes out of ingest/: sessions and steps in our words, ready to be put. Texts are views into the tree's arena,
// valid until its sink returns; STR_NONE is "not said", which a put leaves as it is. What is called JSON is a printed
// value.
#ifndef INGEST_STEP_H
#define INGEST_STEP_H

#include <stdbool.h>
#include "base/id.h"

enum usage_count {
    USAGE_INPUT, // with what was read from and written to a cache
    USAGE_OUTPUT,
    USAGE_REASONING,
    USAGE_CACHE_READ,
    USAGE_CACHE_WRITE,
    USAGE_TOTAL,
    USAGE__MAX
};

struct step_usage {
    int64_t counts[USAGE__MAX]; // -1: not said
    double cost_usd;            // negative: not said
    bool is_sum;                // repeats what other steps have: not added to the session
    bool is_total; // … or will turn out to, if others of the session have told theirs in earlier requests
};

// How much a title says; a higher one replaces a lower one.
enum title_rank { TITLE_NONE, TITLE_ROOT_NAME, TITLE_TRACE_NAME, TITLE_QUESTION };

enum session_outcome { SESSION_RUNNING, SESSION_COMPLETED, SESSION_FAILED, SESSION_CANCELLED };

// What one operation says of its session. The session itself is found by (workspace, persona, source, external_id).
struct step_session {
    struct str source; // otlp, langsmith, langfuse, openai-agents, genkit
    struct str client, client_version;
    struct str external_id;
    struct str thread_key, user_id, environment, project;
    struct str title;
    enum title_rank title_rank;
    struct str tags;          // JSON, an array of texts
    struct str metadata;      // JSON, an object
    struct str system_prompt; // kept once a session: the first one stays
    struct str tools;         // JSON, the schemas offered to the model; the same
    struct str seeks;   // JSON, an array of ids of steps: the session is the one that has one of them, if there is
    bool may_create;    // false: put only into a session that there is
    int64_t started_us; // the earliest time named; 0: none
    // Of the root, once it has ended. Whether the session is over then is for whoever sees what is still open.
    int64_t ended_us;
    enum session_outcome outcome;
    struct str error_code, error_message;
};

struct step {
    char id[ID_SIZE];
    struct str external_id;
    struct str parent_id; // of a step that may come later; STR_NONE: the top
    bool is_root;
    bool may_lead; // its parent may turn out to be no step: then it is the root
    struct str type, name;
    struct str kind;        // the client's own word, or STR_NONE
    int64_t started_us;     // 0: not said
    int64_t ended_us;       // 0: open
    struct str content;     // JSON: a text, or an object
    int64_t content_length; // bytes: of a text itself, of an object as printed
    struct str input;       // JSON
    struct str output;      // JSON
    struct str attributes;  // JSON, an object: whatever else the client said
    struct str events;      // JSON, an array of {name, time, attributes}
    struct str links;       // JSON, an array of {traceId, spanId, attributes}
    struct str sources;     // JSON, an array in the API's shape
    struct str source_keys; // JSON, an array of what makes each the same as another: its URL, else its title
    struct str model;
    bool has_usage;
    struct step_usage usage;
    bool is_failed;
    struct str error_code, error_message;
};

// A span that is no step, since it says nothing to people: what stands under it moves up.
struct step_hidden {
    char id[ID_SIZE];
    struct str parent_id; // STR_NONE: it stands at the top, and what is under it is the root
    int64_t started_us;   // 0: not said
    bool has_ended;
};

// `step` is NULL where only the session is spoken of, or where the span is hidden.
struct step_put {
    struct step_session session;
    struct step *step;
    struct step_hidden *hidden;
};

// Bounds; what is longer is cut at a code point and named in the attribute "trace.cut".
enum {
    INGEST_NAME_MAX = 400,
    INGEST_TITLE_MAX = 200, // code points
    INGEST_LABEL_MAX = 200, // model, user, thread, environment, project
    INGEST_TAGS_MAX = 50,
    INGEST_ERROR_CODE_MAX = 64,
    INGEST_ERROR_MESSAGE_MAX = 4000,
    INGEST_CONTENT_MAX = 1024 * 1024,
    INGEST_VALUE_MAX = 1024 * 1024, // input, output
    INGEST_ATTRIBUTES_MAX = 64 * 1024,
    INGEST_METADATA_MAX = 16 * 1024,
    INGEST_SOURCES_MAX = 200,
    INGEST_EVENTS_MAX = 128
};

#endif
