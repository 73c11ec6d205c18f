// SPDX-License-Identifier: Apache-2.0
// A session as a document for people: what was asked, what it was, and each step under a heading. What agents and
// people wrote is quoted, everything else stands in a block whose fence is longer than any inside.
#include "base/clock.h"
#include "cgi/export.h"

static void print_duration(struct buf *out, int64_t ms)
{
    if (ms < 1000)
        buf_printf(out, "%lld ms", (long long)ms);
    else if (ms < 60000)
        buf_printf(out, "%.1f s", (double)ms / 1000);
    else
        buf_printf(out, "%lld m %lld s", (long long)(ms / 60000), (long long)(ms / 1000 % 60));
}

// Text in a line of its own: line ends become spaces, and what Markdown would read is escaped.
static void print_line(struct buf *out, struct str text)
{
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (c == '\n' || c == '\r') {
            c = ' ';
        } else if (c && strchr("\\`*_[]<>#|", c)) {
            buf_char(out, '\\');
        }
        buf_char(out, c);
    }
}

static void print_quote(struct buf *out, struct str text)
{
    while (text.p) {
        struct str line = str_cut(&text, '\n');
        buf_lit(out, "> ");
        buf_str(out, line);
        buf_char(out, '\n');
    }
    buf_char(out, '\n');
}

static size_t longest_fence(struct str text)
{
    size_t longest = 2, run = 0;
    for (size_t i = 0; i < text.n; i++) {
        run = text.p[i] == '`' ? run + 1 : 0;
        longest = run > longest ? run : longest;
    }
    return longest + 1;
}

static void print_block(struct buf *out, struct str text, const char *language)
{
    size_t fence = longest_fence(text);
    for (size_t i = 0; i < fence; i++)
        buf_char(out, '`');
    buf_printf(out, "%s\n", language);
    buf_str(out, text);
    if (!text.n || text.p[text.n - 1] != '\n')
        buf_char(out, '\n');
    for (size_t i = 0; i < fence; i++)
        buf_char(out, '`');
    buf_lit(out, "\n\n");
}

static bool is_prose(struct str type)
{
    return str_eq(type, STR("thinking")) || str_eq(type, STR("message_sent")) || str_eq(type, STR("message_edited")) ||
           str_eq(type, STR("generation"));
}

static void print_value(struct buf *out, struct str json, bool is_prose)
{
    if (!json.p)
        return;
    if (json.p[0] != '"') {
        print_block(out, json, "json");
        return;
    }
    struct buf text = {0};
    export_unquote(&text, json);
    if (is_prose)
        print_quote(out, buf_view(&text));
    else
        print_block(out, buf_view(&text), "");
    buf_fini(&text);
}

static void print_labelled(struct buf *out, const char *label, struct str json)
{
    if (!json.p)
        return;
    buf_printf(out, "**%s**\n\n", label);
    print_value(out, json, false);
}

static void fact(struct buf *out, const char *name, struct str value)
{
    if (!value.n)
        return;
    buf_printf(out, "- %s: ", name);
    print_line(out, value);
    buf_char(out, '\n');
}

static void head(struct buf *out, const struct export_session *session)
{
    static const struct {
        const char *name, *member;
    } facts[] = {{"Status", "status"}, {"Created", "createdAt"}, {"Started", "startedAt"}, {"Ended", "completedAt"}};
    const json_t *trigger = json_object_get(session->facts, "trigger"),
                 *error = json_object_get(session->facts, "error");
    struct str title = export_text(session->facts, "title");
    buf_lit(out, "# ");
    print_line(out, title.n ? title : STR("Agent session"));
    buf_lit(out, "\n\n");
    fact(out, "Agent", export_text(json_object_get(session->facts, "persona"), "name"));
    for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++)
        fact(out, facts[i].name, export_text(session->facts, facts[i].member));
    const json_t *duration = json_object_get(session->facts, "durationMs");
    if (duration) {
        buf_lit(out, "- Duration: ");
        print_duration(out, json_integer_value(duration));
        buf_char(out, '\n');
    }
    buf_printf(out, "- Steps: %lld\n", (long long)json_integer_value(json_object_get(session->facts, "stepCount")));
    fact(out, "Model", export_text(json_object_get(session->facts, "usage"), "model"));
    fact(out, "Error", export_text(error, "message"));
    fact(out, "Id", session->id);
    buf_char(out, '\n');
    if (trigger) {
        print_line(out, export_text(trigger, "authorName"));
        buf_lit(out, " asked:\n\n");
        print_quote(out, export_text(trigger, "excerpt"));
    }
}

static void print_heading(struct buf *out, const struct step_row *step, bool session_ended)
{
    buf_printf(out, "## %lld. ", (long long)step->number);
    print_line(out, step->type);
    if (step->name.n) {
        buf_lit(out, ": ");
        print_line(out, step->name);
    }
    buf_printf(out, "\n\n%s", step_json_status(step, session_ended));
    if (step->end_seq) {
        buf_lit(out, ", ");
        print_duration(out, step_json_duration(step));
    }
    buf_lit(out, ", ");
    clock_print(out, step->started_us);
    if (step->parent_id.p) {
        buf_lit(out, ", part of ");
        buf_str(out, step->parent_id);
    }
    buf_lit(out, ", ");
    buf_str(out, step->id);
    buf_lit(out, "\n\n");
}

static void print_step(struct buf *out, const struct export_session *session, const struct store_export_step *exported)
{
    const struct step_row *step = &exported->step;
    print_heading(out, step, session->has_ended);
    print_value(out, step->content.p ? step->content : step->start_content, is_prose(step->type));
    print_labelled(out, "Input", exported->input);
    print_labelled(out, "Output", exported->output);
    print_labelled(out, "Sources", step->sources);
    print_labelled(out, "Error", step->error);
    print_labelled(out, "Usage", step->usage);
}

static void tail(struct buf *out, const struct export_session *session)
{
    if (!session->has_ended)
        buf_lit(out, "*The session was still running when this was written.*\n");
}

const struct export_form export_markdown = {"md", "text/markdown; charset=utf-8", "md", head, print_step, tail};
