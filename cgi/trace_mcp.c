// SPDX-License-Identifier: Apache-2.0
// POST /mcp: the Model Context Protocol over streamable HTTP (modelcontextprotocol.io/specification/2025-06-18, basic/
// transports), for coding agents that look into sessions. Without state: no session of the protocol, no stream of the
// server's own, every answer is JSON. The token says who asks, and of which workspace.
#include "cgi/body.h"
#include "cgi/mcp_tools.h"
#include "cgi/problem.h"
#include "cgi/reply.h"
#include "cgi/trace.h"
#include "base/jw.h"
#include "base/version.h"
#include "store/mcp.h"

// JSON-RPC 2.0, 5.1.
enum { PARSE_ERROR = -32700, INVALID_REQUEST = -32600, METHOD_NOT_FOUND = -32601, INVALID_PARAMS = -32602 };

struct call {
    struct request *request;
    json_t *id; // a text or a number
    json_t *params;
    struct buf *out; // members of the result
    const char *wrong;
    int code;   // of an error; 0: none
    int status; // of a refusal that is HTTP's; 0: none
};

static const char *const versions[] = {"2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"};

static void initialize(struct call *call)
{
    json_t *asked = json_object_get(call->params, "protocolVersion");
    const char *version = versions[0];
    for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++)
        if (json_is_string(asked) && strcmp(json_string_value(asked), versions[i]) == 0)
            version = versions[i];
    jw_member(call->out, "protocolVersion", str_from(version));
    jw_member_raw(call->out, "capabilities", STR("{\"tools\":{\"listChanged\":false}}"));
    jw_key(call->out, "serverInfo");
    jw_open(call->out, '{');
    jw_member(call->out, "name", STR("agent-trace"));
    jw_member(call->out, "title", STR("Agent Trace"));
    jw_member(call->out, "version", STR(PACKAGE_VERSION));
    jw_close(call->out, '}');
    jw_member(call->out, "instructions",
              STR("Runs of agents, step by step. Find a session with search_sessions or session_errors, see its "
                  "skeleton with get_session, read single steps with get_step. Answers are short and say how to go "
                  "on."));
}

static void ping(struct call *call)
{
    (void)call;
}

static void list_tools(struct call *call)
{
    mcp_tools_print(call->out);
}

static void call_tool(struct call *call)
{
    json_t *name = json_object_get(call->params, "name"), *arguments = json_object_get(call->params, "arguments");
    if (!json_is_string(name) || (arguments && !json_is_object(arguments))) {
        call->code = INVALID_PARAMS;
        call->wrong = json_is_string(name) ? "arguments" : "name";
        return;
    }
    struct str tool = {json_string_value(name), json_string_length(name)};
    switch (mcp_tools_call(call->request, tool, arguments, call->out, &call->wrong, &call->status)) {
    case MCP_UNKNOWN_TOOL:
        call->code = INVALID_PARAMS;
        call->wrong = "name";
        break;
    case MCP_WRONG_ARGUMENT:
        call->code = INVALID_PARAMS;
        break;
    case MCP_ANSWERED:
    case MCP_REFUSED:
    default:
        break;
    }
}

static const struct method_row {
    const char *name;
    void (*answer)(struct call *call);
} methods[] = {
    {"initialize", initialize},
    {"ping", ping},
    {"tools/list", list_tools},
    {"tools/call", call_tool},
};

static void print_id(struct buf *out, json_t *id)
{
    jw_key(out, "id");
    if (json_is_string(id))
        jw_string(out, (struct str){json_string_value(id), json_string_length(id)});
    else if (json_is_integer(id))
        jw_i64(out, json_integer_value(id));
    else
        jw_raw(out, STR("null"));
}

static void open_answer(struct buf *out, json_t *id)
{
    jw_open(out, '{');
    jw_member(out, "jsonrpc", STR("2.0"));
    print_id(out, id);
}

static int answer_error(struct request *r, int status, json_t *id, int code, const char *message, const char *field)
{
    open_answer(&r->out, id);
    jw_key(&r->out, "error");
    jw_open(&r->out, '{');
    jw_member_i64(&r->out, "code", code);
    jw_member(&r->out, "message", str_from(message));
    if (field) {
        jw_key(&r->out, "data");
        jw_open(&r->out, '{');
        jw_member(&r->out, "field", str_from(field));
        jw_close(&r->out, '}');
    }
    jw_close(&r->out, '}');
    jw_close(&r->out, '}');
    return status;
}

static int answer_call(struct request *r, const struct method_row *method, json_t *id, json_t *params)
{
    struct buf members = {0};
    struct call call = {.request = r, .id = id, .params = params, .out = &members};
    method->answer(&call);
    int status = call.status ? call.status : 200;
    if (!call.status && call.code) {
        status = answer_error(r, 200, id, call.code, "A parameter is missing, unknown or not of its kind.", call.wrong);
    } else if (!call.status) {
        open_answer(&r->out, id);
        jw_key(&r->out, "result");
        jw_open(&r->out, '{');
        buf_str(&r->out, buf_view(&members));
        jw_close(&r->out, '}');
        jw_close(&r->out, '}');
    }
    buf_fini(&members);
    return status;
}

// One message (JSON-RPC 2.0, 4; the protocol has no batches).
static int answer_message(struct request *r, json_t *message)
{
    json_t *id = json_object_get(message, "id"), *name = json_object_get(message, "method");
    json_t *version = json_object_get(message, "jsonrpc"), *params = json_object_get(message, "params");
    bool has_id = json_is_string(id) || json_is_integer(id);
    if (!json_is_object(message) || !json_is_string(version) || strcmp(json_string_value(version), "2.0") != 0 ||
        (id && !has_id) || (params && !json_is_object(params)))
        return answer_error(r, 400, has_id ? id : NULL, INVALID_REQUEST, "This is not a JSON-RPC 2.0 request.", NULL);
    // An answer to a request of ours, of which there are none, and notifications: taken, and nothing comes of them.
    if (!id || !name)
        return id || name ? 202 : answer_error(r, 400, NULL, INVALID_REQUEST, "It has neither id nor method.", NULL);
    for (size_t i = 0; json_is_string(name) && i < sizeof methods / sizeof methods[0]; i++)
        if (strcmp(json_string_value(name), methods[i].name) == 0)
            return answer_call(r, &methods[i], id, params);
    return answer_error(r, 200, id, METHOD_NOT_FOUND, "There is no such method.", NULL);
}

// 0 for a token that may read, or the status of a problem.
static int refuse(struct request *r)
{
    enum store_outcome outcome = store_mcp_reader(r->worker->pg, request_keep(r, r->secret));
    return outcome == STORE_FORBIDDEN ? problem_forbidden(r, "read") : reply_refusal(r, outcome);
}

// Nothing is read for who may not ask.
static int post(struct request *r)
{
    int refused = refuse(r);
    if (refused)
        return refused;
    if (body_is_excessive(r->raw_body))
        return answer_error(r, 400, NULL, INVALID_REQUEST, "The body is nested too deeply or has too many values.",
                            NULL);
    json_t *message = body_read((struct str){r->raw_body.p ? r->raw_body.p : "", r->raw_body.n},
                                JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);
    if (!message)
        return answer_error(r, 400, NULL, PARSE_ERROR, "The body is not JSON.", NULL);
    int status = answer_message(r, message);
    json_decref(message);
    return status;
}

const struct route trace_mcp_routes[] = {
    {METHOD_POST, "/mcp", AUTH_READER, BODY_RAW, post},
    {0},
};
