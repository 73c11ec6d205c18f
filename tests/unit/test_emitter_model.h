// SPDX-License-Identifier: Apache-2.0
// The server's side of the contract, in memory: sessions, steps, live text as the pusher keeps it, messages.
#ifndef TEST_EMITTER_MODEL_H
#define TEST_EMITTER_MODEL_H

#include <jansson.h>

struct model;

struct model_answer {
    int status;
    char *body; // to be freed; NULL: none
};

struct model *model_new(void);
void model_free(struct model *model);

struct model_answer model_do(struct model *model, const char *method, const char *path, const char *body);

json_t *model_state(struct model *model);
const char *model_log(struct model *model);
int model_breaches(const struct model *model);
void model_forgive(struct model *model, int breaches); // back to that many
void model_set_status(struct model *model, const char *session_id, const char *status);
void model_add_pending(struct model *model, const char *session_id, const char *stream_id);

#endif
