/*
 * config: what the operator sets, from environment variables only. One table feeds the reading and `--help`.
 */
#ifndef AGENT_CONFIG_H
#define AGENT_CONFIG_H

#include <stdio.h>

#include "agent/text.h"

/* The strings belong to the environment. */
struct config {
    const char *url;
    const char *workspace;
    const char *token;
    const char *persona;
    const char *model_url;
    const char *model;
    const char *model_key;
    const char *search_url;
    const char *log_level;
    long sessions;      /* at once */
    long model_stall;   /* s */
    long drain;         /* s */
    long visit_private; /* 0 or 1: for tests on one machine only */
};

/* -1 after having said on standard error which key is missing or wrong. */
int config_load(struct config *config) MUST_USE;
void config_print_help(FILE *out);

#endif
