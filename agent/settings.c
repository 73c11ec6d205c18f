// SPDX-License-Identifier: Apache-2.0
#include "agent/settings.h"

#include <ctype.h>
#include <stdlib.h>

#include "agent/mask.h"
#include "base/buf.h"
#include "base/config_table.h"
#include "base/log.h"
#include "base/utf8.h"

#define FILE_MAX_BYTES (256u << 10)

enum key {
    KEY_URL,
    KEY_WORKSPACE,
    KEY_TOKEN,
    KEY_PERSONA,
    KEY_MODEL_URL,
    KEY_MODEL,
    KEY_MODEL_KEY,
    KEY_MODEL_KEY_FILE,
    KEY_MODEL_HEADERS,
    KEY_MODEL_BODY,
    KEY_MODEL_CA,
    KEY_MODEL_TOOLS,
    KEY_MODEL_TRIES,
    KEY_MODEL_FIRST_BYTE,
    KEY_MODEL_STALL,
    KEY_MODEL_TIMEOUT,
    KEY_CONTEXT_TOKENS,
    KEY_INSTRUCTIONS,
    KEY_SEARCH_URL,
    KEY_MCP_SERVERS,
    KEY_SESSIONS,
    KEY_DRAIN,
    KEY_VISIT,
    KEY_VISIT_HOSTS,
    KEY_VISIT_PRIVATE,
    KEY_LOG_LEVEL,
    KEY__MAX
};

static const struct config_row rows[KEY__MAX] = {
    [KEY_URL] = {"TRACE_URL", CONFIG_TEXT, NULL, 0, 0, "origin of the server, such as https://trace.example.org"},
    [KEY_WORKSPACE] = {"TRACE_WORKSPACE", CONFIG_TEXT, NULL, 0, 0, "id of the workspace, ws_…"},
    [KEY_TOKEN] = {"TRACE_TOKEN", CONFIG_TEXT, NULL, 0, 0,
                   "the agent's token, with the scopes read, sessions:write and messages:write"},
    [KEY_PERSONA] = {"TRACE_PERSONA", CONFIG_TEXT, NULL, 0, 0, "id of the persona the token is bound to, per_…"},
    [KEY_MODEL_URL] = {"TRACE_MODEL_URL", CONFIG_TEXT, NULL, 0, 0,
                       "base of an OpenAI-compatible API, such as https://api.example.com/v1"},
    [KEY_MODEL] = {"TRACE_MODEL", CONFIG_TEXT, "", 0, 0, "name of the model; empty: the server chooses"},
    [KEY_MODEL_KEY] = {"TRACE_MODEL_KEY", CONFIG_TEXT, "", 0, 0, "key for the model server; empty: none is sent"},
    [KEY_MODEL_KEY_FILE] = {"TRACE_MODEL_KEY_FILE", CONFIG_TEXT, "", 0, 0,
                            "file with that key instead; a bare name is a systemd credential"},
    [KEY_MODEL_HEADERS] = {"TRACE_MODEL_HEADERS", CONFIG_TEXT, "", 0, 0,
                           "further headers for the model server, as \"Name: value\"; several are separated by \\n"},
    [KEY_MODEL_BODY] = {"TRACE_MODEL_BODY", CONFIG_TEXT, "", 0, 0,
                        "JSON object merged into each request, such as {\"temperature\":0.2}; null removes a member"},
    [KEY_MODEL_CA] = {"TRACE_MODEL_CA", CONFIG_TEXT, "", 0, 0,
                      "PEM file of the certificates that the model server is trusted by; empty: the system's"},
    [KEY_MODEL_TOOLS] = {"TRACE_MODEL_TOOLS", CONFIG_TEXT, "auto", 0, 0,
                         "auto offers the model the tools in the way its server takes them, 0 offers none"},
    [KEY_MODEL_TRIES] = {"TRACE_MODEL_TRIES", CONFIG_NUMBER, "5", 1, 20,
                         "how often a call is tried while the model server is overloaded or broken"},
    [KEY_MODEL_FIRST_BYTE] = {"TRACE_MODEL_FIRST_BYTE", CONFIG_NUMBER, "300", 1, 3600,
                              "seconds that the model has to begin its answer"},
    [KEY_MODEL_STALL] = {"TRACE_MODEL_STALL", CONFIG_NUMBER, "60", 1, 3600,
                         "seconds without content, once the answer has begun, after which a call is given up"},
    [KEY_MODEL_TIMEOUT] = {"TRACE_MODEL_TIMEOUT", CONFIG_NUMBER, "1800", 1, 86400,
                           "seconds that a whole call may take"},
    [KEY_CONTEXT_TOKENS] =
        {"TRACE_CONTEXT_TOKENS", CONFIG_NUMBER, "0", 0, 10000000,
         "tokens of a conversation that the model is given, the newest first; 0: as many as it takes"},
    [KEY_INSTRUCTIONS] = {"TRACE_INSTRUCTIONS", CONFIG_TEXT, "", 0, 0,
                          "file with the persona's instructions, which are added to the prompt"},
    [KEY_SEARCH_URL] = {"TRACE_SEARCH_URL", CONFIG_TEXT, "", 0, 0,
                        "SearXNG-compatible search, such as https://searx.example.org/search; empty: no web search"},
    [KEY_MCP_SERVERS] =
        {"TRACE_MCP_SERVERS", CONFIG_TEXT, "", 0, 0,
         "file of the MCP servers whose tools are lent to the model; a bare name is a systemd credential"},
    [KEY_SESSIONS] = {"TRACE_AGENT_SESSIONS", CONFIG_NUMBER, "8", 1, 256, "sessions that are worked on at once"},
    [KEY_DRAIN] = {"TRACE_AGENT_DRAIN", CONFIG_NUMBER, "3", 0, 3600,
                   "seconds that running sessions have to finish after SIGTERM before they are failed"},
    [KEY_VISIT] =
        {"TRACE_VISIT", CONFIG_TEXT, "asked", 0, 0,
         "asked: a person is asked before a page is read that nobody named; hosts: only hosts of the list; 0: none"},
    [KEY_VISIT_HOSTS] = {"TRACE_VISIT_HOSTS", CONFIG_TEXT, "", 0, 0,
                         "hosts whose pages may be read, separated by commas; .example.org stands for all below"},
    [KEY_VISIT_PRIVATE] = {"TRACE_VISIT_PRIVATE", CONFIG_NUMBER, "0", 0, 1,
                           "1 lets visit_page read private and loopback addresses; for tests only"},
    [KEY_LOG_LEVEL] = {"TRACE_LOG_LEVEL", CONFIG_LEVEL, "info", 0, 0, "debug, info, warning or error"},
};

// Says what is wrong with a setting; always -1.
static int refuse(enum key key, const char *reason)
{
    fprintf(stderr, "trace-agent: %s %s\n", rows[key].name, reason);
    return -1;
}

// The whole file, or NULL. A bare name stands for one of systemd's credentials.
static char *read_file(const char *path)
{
    const char *credentials = getenv("CREDENTIALS_DIRECTORY");
    struct buf name = {0}, text = {0};
    if (!strchr(path, '/') && credentials)
        buf_printf(&name, "%s/", credentials);
    buf_str(&name, str_from(path));
    FILE *file = fopen(buf_cstr(&name), "re");
    buf_fini(&name);
    if (!file)
        return NULL;
    char chunk[4096];
    size_t n;
    while ((n = fread(chunk, 1, sizeof chunk, file)) > 0 && text.n < FILE_MAX_BYTES)
        buf_bytes(&text, chunk, n);
    bool is_whole = !ferror(file) && text.n < FILE_MAX_BYTES;
    (void)fclose(file);
    while (text.n > 0 && isspace((unsigned char)text.p[text.n - 1]))
        text.n--;
    if (is_whole && utf8_valid(buf_view(&text)))
        return buf_take(&text);
    buf_fini(&text);
    return NULL;
}

static int read_files(const struct config_value *values, struct settings *settings)
{
    const char *key_file = values[KEY_MODEL_KEY_FILE].text, *instructions = values[KEY_INSTRUCTIONS].text;
    if (*key_file != '\0' && !(settings->model_key = read_file(key_file)))
        return refuse(KEY_MODEL_KEY_FILE, "names a file that cannot be read");
    if (*instructions != '\0' && !(settings->instructions = read_file(instructions)))
        return refuse(KEY_INSTRUCTIONS, "names a file that cannot be read, is too long or is not UTF-8");
    return 0;
}

static bool names_secret(struct str name)
{
    static const char *const parts[] = {"key", "token", "secret", "pass", "auth", "credential"};
    struct buf copy = {0};
    bool names = false;
    buf_str(&copy, name);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        names |= strcasestr(buf_cstr(&copy), parts[i]) != NULL;
    buf_fini(&copy);
    return names;
}

// The keys of a tool server: its last word, if its name says that it is one.
static void mask_values(char *const *pairs, char between)
{
    for (; pairs && *pairs; pairs++) {
        struct str value = str_from(*pairs);
        if (!names_secret(str_cut(&value, between)))
            continue;
        struct buf word = {0};
        buf_str(&word, value);
        const char *text = buf_cstr(&word) + strspn(buf_cstr(&word), " ");
        const char *last = strrchr(text, ' '); // as behind "Bearer"
        mask_own(last ? last + 1 : text);
        buf_fini(&word);
    }
}

static int read_servers(const char *path, struct settings *settings)
{
    struct buf reason = {0};
    char *text = *path != '\0' ? read_file(path) : NULL;
    int result = 0;
    if (*path != '\0' && !text)
        result = refuse(KEY_MCP_SERVERS, "names a file that cannot be read, is too long or is not UTF-8");
    else if (text && servers_read(&settings->servers, text, &reason) != 0)
        result = refuse(KEY_MCP_SERVERS, buf_cstr(&reason));
    for (size_t i = 0; i < settings->servers.count; i++) {
        mask_values(settings->servers.list[i].headers, ':');
        mask_values(settings->servers.list[i].environment, '=');
    }
    buf_fini(&reason);
    free(text);
    return result;
}

static int read_body(const char *text, struct settings *settings)
{
    if (*text == '\0')
        return 0;
    settings->model_body = json_loads(text, 0, NULL);
    return json_is_object(settings->model_body) ? 0 : refuse(KEY_MODEL_BODY, "must be a JSON object");
}

static int read_visits(const char *text, struct settings *settings)
{
    static const char *const names[] = {[VISITS_NONE] = "0", [VISITS_HOSTS] = "hosts", [VISITS_ASKED] = "asked"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        settings->visits = (enum visits)i;
        if (strcmp(text, names[i]) == 0)
            return 0;
    }
    return refuse(KEY_VISIT, "must be asked, hosts or 0");
}

// An environment file has no line ends in a value: two characters stand for one.
static const char *lines_of(const char *text)
{
    struct buf lines = {0};
    for (; *text != '\0'; text++) {
        bool is_end = text[0] == '\\' && text[1] == 'n';
        buf_char(&lines, is_end ? '\n' : *text);
        text += is_end;
    }
    return buf_take(&lines);
}

int settings_load(struct settings *settings)
{
    struct config_value values[KEY__MAX];
    if (config_table_read("trace-agent", rows, KEY__MAX, values) != 0)
        return -1;
    const char *tools = values[KEY_MODEL_TOOLS].text;
    *settings = (struct settings){
        .url = values[KEY_URL].text,
        .workspace = values[KEY_WORKSPACE].text,
        .token = values[KEY_TOKEN].text,
        .persona = values[KEY_PERSONA].text,
        .model_url = values[KEY_MODEL_URL].text,
        .model = values[KEY_MODEL].text,
        .model_key = values[KEY_MODEL_KEY].text,
        .model_headers = lines_of(values[KEY_MODEL_HEADERS].text),
        .model_ca = values[KEY_MODEL_CA].text,
        .has_tools = strcmp(tools, "0") != 0,
        .model_tries = values[KEY_MODEL_TRIES].number,
        .model_first_byte_s = values[KEY_MODEL_FIRST_BYTE].number,
        .model_stall_s = values[KEY_MODEL_STALL].number,
        .model_timeout_s = values[KEY_MODEL_TIMEOUT].number,
        .context_tokens = values[KEY_CONTEXT_TOKENS].number,
        .instructions = "",
        .search_url = values[KEY_SEARCH_URL].text,
        .sessions = values[KEY_SESSIONS].number,
        .drain_s = values[KEY_DRAIN].number,
        .visit_hosts = values[KEY_VISIT_HOSTS].text,
        .may_visit_private = values[KEY_VISIT_PRIVATE].number == 1,
    };
    log_init("trace-agent", (enum log_level)values[KEY_LOG_LEVEL].number);
    if (strcmp(tools, "0") != 0 && strcmp(tools, "auto") != 0)
        return refuse(KEY_MODEL_TOOLS, "must be auto or 0");
    if (read_visits(values[KEY_VISIT].text, settings) != 0)
        return -1;
    if (read_body(values[KEY_MODEL_BODY].text, settings) != 0 || read_files(values, settings) != 0 ||
        read_servers(values[KEY_MCP_SERVERS].text, settings) != 0)
        return -1;
    mask_own(settings->token);
    mask_own(settings->model_key);
    // A header may bear a key, too: what has no blank in it is taken for one.
    struct str lines = str_from(settings->model_headers);
    while (lines.p) {
        struct str value = str_cut(&lines, '\n');
        (void)str_cut(&value, ':');
        struct buf word = {0};
        buf_str(&word, value);
        if (!strchr(buf_cstr(&word) + strspn(buf_cstr(&word), " "), ' '))
            mask_own(buf_cstr(&word));
        buf_fini(&word);
    }
    return 0;
}

void settings_print_help(FILE *out)
{
    fprintf(out, "Usage: trace-agent\n\n"
                 "Answers what people ask its persona and shows its work in Agent Trace. It is configured by\n"
                 "environment variables; a line that begins with '#' shows a default.\n\n");
    config_table_print(rows, KEY__MAX, out);
}
