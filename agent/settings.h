// SPDX-License-Identifier: Apache-2.0
// settings: what the operator sets, from environment variables and the files that they name. One table feeds the
// reading and `--help`.
#ifndef AGENT_SETTINGS_H
#define AGENT_SETTINGS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "agent/mcp/servers.h"
#include "base/must.h"

enum visits { VISITS_NONE, VISITS_HOSTS, VISITS_ASKED };

// The strings live as long as the process.
struct settings {
    const char *url;
    const char *workspace;
    const char *token;
    const char *persona;
    const char *model_url;
    const char *model;
    const char *model_key;
    const char *model_headers; // a line each
    const char *model_ca;      // a file; "": the system's certificates
    json_t *model_body;        // merged into each request; NULL: nothing
    bool has_tools;
    int64_t model_tries;
    int64_t model_first_byte_s;
    int64_t model_stall_s;
    int64_t model_timeout_s;
    int64_t context_tokens;   // 0: as many as the server takes
    const char *instructions; // for the persona; ""
    const char *search_url;
    struct servers servers; // of tools
    int64_t sessions;       // at once
    int64_t drain_s;
    enum visits visits;
    const char *visit_hosts; // a list as visit.h has it
    bool may_visit_private;  // for tests on one machine only
};

// Sets up the log, too. -1 after one line on standard error for each value that is missing or wrong.
int settings_load(struct settings *settings) MUST_USE;
void settings_print_help(FILE *out);

#endif
