// SPDX-License-Identifier: Apache-2.0
#include "agent/demo/plan.h"

#include <string.h>

#include "agent/demo/findings.h"
#include "agent/demo/words.h"
#include "base/buf.h"
#include "agent/member.h"

#define SEARCHES_MAX 3
#define WORDS_AT_FIRST 3
#define NAME_MAX_BYTES 64

static const char introduction[] =
    "I am the demo model of Agent Trace: I search this workspace and quote what I find, nothing more. Ask me about "
    "something that was said here. A real model is connected with `TRACE_MODEL_URL`.";
static const char signature[] =
    "\n*I am the demo model: I search and quote, I do not understand. Connect a real model with "
    "`TRACE_MODEL_URL`.*";

struct situation {
    const json_t *messages;
    const json_t *tools;
    struct words words;
    struct findings findings;
    size_t searches;  // since the question
    bool is_visited;  // a page was read since the question
    bool is_web_done; // the web was searched since the question
};

static bool has_role(const json_t *message, const char *role)
{
    return strcmp(member_text(message, "role"), role) == 0;
}

// Skips the name of "Ada Lovelace: text", as the agent words it; a question may also come without one.
static const char *without_name(const char *content)
{
    const char *colon = strstr(content, ": ");
    return colon && colon - content <= NAME_MAX_BYTES && !memchr(content, '\n', (size_t)(colon - content)) ? colon + 2
                                                                                                           : content;
}

// An agent may merge neighbouring messages of people into one, with an empty line between: they are taken apart again,
// each by the name it begins with, or by the note.
static json_t *unmerged(const json_t *messages)
{
    json_t *list = json_array(), *message;
    size_t i;
    json_array_foreach(messages, i, message)
    {
        const char *begin = member_text(message, "content");
        if (!has_role(message, "user")) {
            json_array_append(list, message);
            continue;
        }
        for (const char *gap = begin; (gap = strstr(gap, "\n\n"));) {
            const char *next = gap + 2;
            if (without_name(next) != next || strncmp(next, "[Note of the system:", 20) == 0) {
                json_array_append_new(
                    list, json_pack("{s:s, s:s%}", "role", "user", "content", begin, (size_t)(gap - begin)));
                begin = next;
            }
            gap = next;
        }
        json_array_append_new(list, json_pack("{s:s, s:s}", "role", "user", "content", begin));
    }
    return list;
}

// Returns where the question stands, or -1. It is the last message of a person; but one without words to search for,
// such as "thanks", does not replace the question that is being worked on.
static int find_question(const json_t *messages, struct plan *plan, struct words *words)
{
    int last = -1, found = -1;
    bool is_at_work = false;
    for (int i = (int)json_array_size(messages) - 1; i >= 0 && found < 0; i--) {
        const json_t *message = json_array_get(messages, (size_t)i);
        const char *content = member_text(message, "content");
        if (strncmp(content, "[Note of the system: your last answer", 37) == 0 || has_role(message, "tool"))
            is_at_work = true;
        if (!has_role(message, "user") || strncmp(content, "[Note of the system:", 20) == 0)
            continue;
        if (last >= 0 && !is_at_work)
            break;
        last = last < 0 ? i : last;
        words_find(without_name(content), words);
        if (words->count > 0)
            found = i;
    }
    found = found < 0 ? last : found;
    if (found >= 0)
        buf_str(&plan->question,
                str_from(without_name(member_text(json_array_get(messages, (size_t)found), "content"))));
    return found;
}

static void read_outputs(struct situation *situation, size_t from, const char *question)
{
    for (size_t i = from; i < json_array_size(situation->messages); i++) {
        const json_t *message = json_array_get(situation->messages, i);
        const char *content = member_text(message, "content");
        if (!has_role(message, "tool"))
            continue;
        situation->searches += strstr(content, "tool=\"workspace_search\"") != NULL;
        situation->is_visited |= strstr(content, "tool=\"visit_page\"") != NULL;
        situation->is_web_done |= strstr(content, "tool=\"web_search\"") != NULL;
        findings_read(&situation->findings, content, question);
    }
}

static bool offers(const json_t *tools, const char *name)
{
    size_t i;
    json_t *tool;
    json_array_foreach(tools, i, tool)
    {
        if (strcmp(member_text(json_object_get(tool, "function"), "name"), name) == 0)
            return true;
    }
    return false;
}

static void use(struct plan *plan, const char *tool, const char *argument)
{
    plan->tool = tool;
    plan->argument = argument;
}

static bool plan_visit(struct situation *situation, struct plan *plan)
{
    const char *url = strstr(buf_cstr(&plan->question), "http://");

    url = url ? url : strstr(buf_cstr(&plan->question), "https://");
    if (!url || situation->is_visited || !offers(situation->tools, "visit_page"))
        return false;
    buf_bytes(&plan->value, url, strcspn(url, " \t\r\n<>()\"'"));
    buf_printf(&plan->reasoning, "The question names a page, %s. I read it before I say anything about it.",
               buf_cstr(&plan->value));
    use(plan, "visit_page", "url");
    return true;
}

static bool plan_web_search(struct situation *situation, struct plan *plan)
{
    const char *question = buf_cstr(&plan->question);
    if (situation->is_web_done || situation->words.count == 0 || !offers(situation->tools, "web_search") ||
        (!strstr(question, "the web") && !strstr(question, "the internet")))
        return false;
    words_join(&situation->words, WORDS_AT_FIRST, &plan->value);
    buf_printf(&plan->reasoning, "This asks for the web, so I search there for \"%s\".", buf_cstr(&plan->value));
    use(plan, "web_search", "query");
    return true;
}

static void explain_search(struct situation *situation, struct plan *plan)
{
    if (situation->searches == 0)
        buf_printf(
            &plan->reasoning,
            "I am asked about %s. I do not know this by myself, so I look at what was said in the workspace. The "
            "words that matter seem to be \"%s\"; I search for messages that have them.",
            buf_cstr(&plan->value), buf_cstr(&plan->value));
    else
        buf_printf(&plan->reasoning,
                   "Nothing was found with those words together. Perhaps people put it differently: I try again with "
                   "\"%s\" alone, which is the most telling of them.",
                   buf_cstr(&plan->value));
}

// Searches for the most telling words together first, then for each alone.
static bool plan_workspace_search(struct situation *situation, struct plan *plan)
{
    size_t n = situation->searches;
    if (situation->findings.count > 0 || n >= SEARCHES_MAX || situation->words.count == 0 || situation->is_visited ||
        situation->is_web_done || !offers(situation->tools, "workspace_search"))
        return false;
    const char *word;
    if (n == 0) {
        words_join(&situation->words, WORDS_AT_FIRST, &plan->value);
    } else {
        word = situation->words.count > 1 ? words_by_length(&situation->words, n - 1) : NULL;
        if (!word)
            return false;
        buf_str(&plan->value, str_from(word));
    }
    explain_search(situation, plan);
    use(plan, "workspace_search", "query");
    return true;
}

static void quote(struct situation *situation, struct plan *plan)
{
    struct findings *findings = &situation->findings;
    buf_printf(&plan->reasoning, "That brought %zu %s. ", findings->total, findings->total == 1 ? "result" : "results");
    buf_lit(&plan->content, "This is what I found:\n");
    for (size_t i = 0; i < findings->count; i++) {
        struct finding *item = &findings->item[i];
        buf_printf(&plan->reasoning, "%s is \"%s\". ",
                   i == 0   ? "The first"
                   : i == 1 ? "The second"
                            : "The third",
                   buf_cstr(&item->title));
        buf_printf(&plan->content, "\n> %s\n>\n> — [%s](%s)\n", buf_cstr(&item->excerpt), buf_cstr(&item->title),
                   buf_cstr(&item->link));
    }
    buf_lit(&plan->reasoning, "I quote them with their links, so that everybody can check them.");
}

static void admit(struct situation *situation, struct plan *plan)
{
    buf_lit(&plan->reasoning, "None of the searches found anything that answers this. I say so, rather than make "
                              "something up.");
    buf_lit(&plan->content, "I found nothing about ");
    words_join(&situation->words, WORDS_AT_FIRST, &plan->content);
    buf_str(&plan->content,
            str_from(situation->is_visited ? " on that page." : " in the messages that everybody here may read."));
    buf_char(&plan->content, '\n');
}

static void answer(struct situation *situation, struct plan *plan)
{
    if (situation->findings.count > 0) {
        quote(situation, plan);
    } else if (situation->words.count > 0 || situation->is_visited) {
        admit(situation, plan);
    } else {
        buf_lit(&plan->reasoning, "There is nothing in this that I could search for, so I say what I am for.");
        buf_str(&plan->content, str_from(introduction));
        return;
    }
    buf_str(&plan->content, str_from(signature));
}

int plan_make(const json_t *request, struct plan *plan)
{
    *plan = (struct plan){0};
    if (!json_is_array(json_object_get(request, "messages")))
        return -1;
    json_t *messages = unmerged(json_object_get(request, "messages"));
    struct situation situation = {.messages = messages, .tools = json_object_get(request, "tools")};
    int at = find_question(situation.messages, plan, &situation.words);
    read_outputs(&situation, at >= 0 ? (size_t)at : 0, buf_cstr(&plan->question));
    if (!plan_visit(&situation, plan) && !plan_web_search(&situation, plan) && !plan_workspace_search(&situation, plan))
        answer(&situation, plan);
    words_fini(&situation.words);
    findings_fini(&situation.findings);
    json_decref(messages);
    return 0;
}

void plan_fini(struct plan *plan)
{
    buf_fini(&plan->question);
    buf_fini(&plan->reasoning);
    buf_fini(&plan->content);
    buf_fini(&plan->value);
}
