// SPDX-License-Identifier: Apache-2.0
// What the reader of a dialect and its printers share: events of a session's room as views, an open step as one reader
// has been shown it, and the table of what a dialect prints. Texts are JSON-escaped, without their quotes, as they
// stand in the event.
#ifndef SSE_DIALECT_PARTS_H
#define SSE_DIALECT_PARTS_H

#include <stdbool.h>
#include <stdint.h>
#include "base/buf.h"

// What becomes of a step's content.
enum dialect_form {
    FORM_REASONING, // its text is written bit by bit
    FORM_MESSAGE,   // likewise; it is the answer
    FORM_TOOL,      // a call with arguments and a result
    FORM_AGENT,     // steps below it are another agent's
    FORM_OTHER,     // shown whole at its end
};

// An event's step. Absent members are STR_NONE.
struct dialect_step {
    struct str id, type, name, parent, status, message_id, started_at, completed_at; // texts
    struct str number, content, sources, usage, error, duration_ms;                  // JSON
    int64_t started_ms, ended_ms;                                                    // since 1970; 0: not known
    bool is_cut;                                                                     // the content is a beginning only
};

// The call of a tool, as its step has it.
struct dialect_tool {
    struct str name;         // text
    struct str args, result; // JSON
};

// An event's session.
struct dialect_run {
    struct str id, stream, title, status; // texts
    struct str usage, error, duration_ms, persona;
};

enum { DIALECT_ID_SIZE = 40, DIALECT_TYPE_SIZE = 65, DIALECT_NAME_SIZE = 128 };

// A step that is open, and how much of its text this reader has.
struct dialect_open {
    char id[DIALECT_ID_SIZE];
    char parent[DIALECT_ID_SIZE];
    char type[DIALECT_TYPE_SIZE];
    char name[DIALECT_NAME_SIZE]; // its beginning
    char agent[DIALECT_ID_SIZE];  // the open step of another agent that it belongs to; "": of none
    uint8_t form;                 // enum dialect_form
    bool has_args;                // the arguments have been shown
    uint32_t version;             // how often its text was replaced
    uint32_t generation;          // of the text that `escaped` counts in (sse/text.h)
    int64_t number;
    uint64_t escaped; // bytes of the pusher's text that have been shown
    uint64_t shown;   // bytes that have been shown, as printed
    uint64_t hash;    // of those
};

// A dialect. Each function appends whole events to the buffer, or nothing.
struct dialect_printer {
    const char *headers; // lines of the reply's head
    const char *done;    // bytes after the last event
    void (*start)(struct buf *b, const struct dialect_run *run);
    void (*open)(struct buf *b, const struct dialect_step *step, const struct dialect_open *open);
    // The call of a tool: at the start of its step, with or without arguments, and later, once there are some.
    void (*call)(struct buf *b, const struct dialect_open *open, const struct dialect_tool *tool, bool is_start);
    // Text that continues what was shown; of a form other than REASONING and MESSAGE it is passing progress.
    void (*text)(struct buf *b, const struct dialect_open *open, struct str text);
    // What was shown no longer counts: the text begins anew. `open` has the new version.
    void (*replace)(struct buf *b, const struct dialect_open *open);
    void (*close)(struct buf *b, const struct dialect_step *step, const struct dialect_open *open,
                  const struct dialect_tool *tool);
    void (*change)(struct buf *b, const struct dialect_step *step); // of a step that may be over
    void (*interrupt)(struct buf *b, const struct dialect_open *open);
    void (*end)(struct buf *b, const struct dialect_run *run);
    void (*fail)(struct buf *b, struct str code, struct str message); // the stream ends before its session
};

extern const struct dialect_printer dialect_ai_sdk;
extern const struct dialect_printer dialect_ag_ui;

static inline bool dialect_is_text(const struct dialect_open *open)
{
    return open->form == FORM_REASONING || open->form == FORM_MESSAGE;
}

#endif
