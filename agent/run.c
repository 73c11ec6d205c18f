// SPDX-License-Identifier: Apache-2.0
#include "agent/run.h"

#include <stdio.h>
#include <stdlib.h>

#include "agent/model/repair.h"
#include "agent/tools.h"
#include "base/buf.h"

struct run *run_new(const struct settings *settings, struct habits *habits, struct catalog *catalog,
                    struct trace_session *session, struct http *http)
{
    const char *printed = trace_session_json(session);
    struct run *run = mem_zero(sizeof *run);
    run->settings = settings;
    run->session = session;
    run->about = repair_read(str_from(printed ? printed : "{}"));
    run->stream_id = json_string_value(json_object_get(run->about, "streamId"));
    const char *trigger_id = json_string_value(json_object_get(run->about, "triggerMessageId"));
    run->trigger_id = trigger_id ? trigger_id : "";
    run->http = http;
    run->rest =
        (struct rest){.http = http, .url = settings->url, .workspace = settings->workspace, .token = settings->token};
    run->conversation = conversation_new(settings->persona);
    run->sources = sources_new();
    run->toolbox = toolbox_new(settings->has_tools ? catalog : NULL, http);
    run->model = (struct model_config){.url = settings->model_url,
                                       .name = settings->model,
                                       .key = settings->model_key,
                                       .headers = settings->model_headers,
                                       .ca_file = settings->model_ca,
                                       .patch = settings->model_body,
                                       .first_byte_s = settings->model_first_byte_s,
                                       .stall_s = settings->model_stall_s,
                                       .total_s = settings->model_timeout_s,
                                       .context_tokens = settings->context_tokens,
                                       .habits = habits};
    run->messages = json_array();
    run->tools = settings->has_tools ? tools_describe(settings) : json_array();
    run->call_ids = json_object();
    return run;
}

void run_free(struct run *run)
{
    if (!run)
        return;
    listen_free(run->listen);
    conversation_free(run->conversation);
    sources_free(run->sources);
    toolbox_free(run->toolbox);
    json_decref(run->messages);
    json_decref(run->tools);
    json_decref(run->call_ids);
    json_decref(run->about);
    free(run);
}

int run_fail(struct run *run, const char *code, const char *sentence)
{
    if (!run->error_code) {
        run->error_code = code;
        (void)snprintf(run->error_sentence, sizeof run->error_sentence, "%s", sentence);
    }
    return -1;
}

void run_explain(const struct run *run, struct record_outcome *outcome)
{
    outcome->error_code = run->error_code ? run->error_code : "stopped";
    outcome->error_sentence = run->error_code ? run->error_sentence : "The agent was stopped.";
}

// Ends an open `reconsidering` step with the run's error.
static void abandon_reconsidering(struct run *run)
{
    if (!run->reconsidered)
        return;
    struct record_outcome outcome = {.content = run->reconsidered};
    run_explain(run, &outcome);
    record_end(run->reconsidering, &outcome);
    json_decref(run->reconsidered);
    run->reconsidering = NULL;
    run->reconsidered = NULL;
}

void run_end_badly(struct run *run, bool is_closing)
{
    if (!run->error_code && is_closing)
        (void)run_fail(run, "agent_stopped", "The agent was shut down while it worked.");
    abandon_reconsidering(run);
    if (run->error_code && !trace_session_ended(run->session))
        (void)trace_session_fail(run->session, run->error_code, run->error_sentence);
}
