#include "agent/config.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum kind { KIND_REQUIRED, KIND_STRING, KIND_NUMBER };

struct key {
    const char *name;
    enum kind kind;
    const char *value; /* the default; of a number, followed by its bounds */
    long min, max;
    size_t at;
    const char *help;
};

#define AT(member) offsetof(struct config, member)

static const struct key keys[] = {
    {"TRACE_URL", KIND_REQUIRED, "", 0, 0, AT(url), "origin of the server, such as https://trace.example.org"},
    {"TRACE_WORKSPACE", KIND_REQUIRED, "", 0, 0, AT(workspace), "id of the workspace, ws_…"},
    {"TRACE_TOKEN", KIND_REQUIRED, "", 0, 0, AT(token),
     "the agent's token: scopes read, sessions:write, messages:write"},
    {"TRACE_PERSONA", KIND_REQUIRED, "", 0, 0, AT(persona), "id of the persona the token is bound to, per_…"},
    {"TRACE_MODEL_URL", KIND_REQUIRED, "", 0, 0, AT(model_url),
     "base of an OpenAI-compatible API, such as https://api.example.com/v1"},
    {"TRACE_MODEL", KIND_STRING, "", 0, 0, AT(model), "name of the model; empty: the server's own choice"},
    {"TRACE_MODEL_KEY", KIND_STRING, "", 0, 0, AT(model_key), "key of the model's server; empty: none is sent"},
    {"TRACE_MODEL_STALL", KIND_NUMBER, "60", 1, 3600, AT(model_stall),
     "seconds without a byte from the model until the call is given up"},
    {"TRACE_SEARCH_URL", KIND_STRING, "", 0, 0, AT(search_url),
     "SearXNG-compatible search, such as https://searx.example.org/search; empty: no web search"},
    {"TRACE_AGENT_SESSIONS", KIND_NUMBER, "8", 1, 256, AT(sessions), "sessions worked on at once"},
    {"TRACE_AGENT_DRAIN", KIND_NUMBER, "3", 0, 3600, AT(drain),
     "seconds that running sessions have to finish after SIGTERM, before they are failed"},
    {"TRACE_VISIT_PRIVATE", KIND_NUMBER, "0", 0, 1, AT(visit_private),
     "1 lets visit_page read private and loopback addresses: for tests only"},
    {"TRACE_LOG_LEVEL", KIND_STRING, "info", 0, 0, AT(log_level), "error, warning, info or debug"},
};

static int read_number(const struct key *key, const char *value, long *out)
{
    char *end;

    errno = 0;
    *out = strtol(value, &end, 10);
    if (errno != 0 || end == value || *end != '\0' || *out < key->min || *out > key->max) {
        fprintf(stderr, "trace-agent: %s must be a number from %ld to %ld\n", key->name, key->min, key->max);
        return -1;
    }
    return 0;
}

int config_load(struct config *config)
{
    int result = 0;

    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        const struct key *key = &keys[i];
        const char *value = getenv(key->name);
        char *at = (char *)config + key->at;
        long number;

        if (value == NULL || (*value == '\0' && key->kind == KIND_NUMBER))
            value = key->value;
        if (key->kind == KIND_REQUIRED && *value == '\0') {
            fprintf(stderr, "trace-agent: %s is not set (%s)\n", key->name, key->help);
            result = -1;
        } else if (key->kind == KIND_NUMBER) {
            if (read_number(key, value, &number) != 0)
                result = -1;
            else
                memcpy(at, &number, sizeof number);
        } else {
            memcpy(at, &value, sizeof value);
        }
    }
    return result;
}

void config_print_help(FILE *out)
{
    fprintf(out, "Usage: trace-agent\n\n"
                 "Answers what people ask its persona, and shows its work in Agent Trace.\n"
                 "It is configured by environment variables:\n\n");
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        fprintf(out, "  %-21s %s", keys[i].name, keys[i].help);
        if (keys[i].kind == KIND_REQUIRED)
            fprintf(out, " (required)");
        else if (*keys[i].value != '\0')
            fprintf(out, " [%s]", keys[i].value);
        fprintf(out, "\n");
    }
}
