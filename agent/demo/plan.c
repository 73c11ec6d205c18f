#include "agent/demo/plan.h"

#include <string.h>

#include "agent/demo/findings.h"
#include "agent/demo/words.h"

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
    size_t searches;  /* since the question */
    bool is_visited;  /* a page was read since the question */
    bool is_web_done; /* the web was searched since the question */
};

static const char *string_of(const json_t *object, const char *key)
{
    const char *value = json_string_value(json_object_get(object, key));

    return value != NULL ? value : "";
}

static bool has_role(const json_t *message, const char *role)
{
    return strcmp(string_of(message, "role"), role) == 0;
}

/* "Ada Lovelace: text", as the agent words it; a question may also come plain. */
static const char *without_name(const char *content)
{
    const char *colon = strstr(content, ": ");

    return colon != NULL && colon - content <= NAME_MAX_BYTES &&
                   memchr(content, '\n', (size_t)(colon - content)) == NULL
               ? colon + 2
               : content;
}

/*
 * Where the question stands, or -1: the last message of a person; but one without words to search for, such as
 * "thanks", does not replace the question that is being worked on.
 */
static int find_question(const json_t *messages, struct plan *plan, struct words *words)
{
    int last = -1, found = -1;
    bool is_at_work = false;

    for (int i = (int)json_array_size(messages) - 1; i >= 0 && found < 0; i--) {
        const json_t *message = json_array_get(messages, (size_t)i);
        const char *content = string_of(message, "content");

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
        text_adds(&plan->question, without_name(string_of(json_array_get(messages, (size_t)found), "content")));
    return found;
}

static void read_outputs(struct situation *situation, size_t from, const char *question)
{
    for (size_t i = from; i < json_array_size(situation->messages); i++) {
        const json_t *message = json_array_get(situation->messages, i);
        const char *content = string_of(message, "content");

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
        if (strcmp(string_of(json_object_get(tool, "function"), "name"), name) == 0)
            return true;
    }
    return false;
}

static void use(struct plan *plan, const char *tool, const char *argument)
{
    plan->tool = tool;
    plan->argument = argument;
}

static bool plan_visit(const struct situation *situation, struct plan *plan)
{
    const char *url = strstr(text_string(&plan->question), "http://");

    url = url != NULL ? url : strstr(text_string(&plan->question), "https://");
    if (url == NULL || situation->is_visited || !offers(situation->tools, "visit_page"))
        return false;
    text_add(&plan->value, url, strcspn(url, " \t\r\n<>()\"'"));
    text_addf(&plan->reasoning, "The question names a page, %s. I read it before I say anything about it.",
              plan->value.p);
    use(plan, "visit_page", "url");
    return true;
}

static bool plan_web_search(const struct situation *situation, struct plan *plan)
{
    const char *question = text_string(&plan->question);

    if (situation->is_web_done || situation->words.count == 0 || !offers(situation->tools, "web_search") ||
        (strstr(question, "the web") == NULL && strstr(question, "the internet") == NULL))
        return false;
    words_join(&situation->words, WORDS_AT_FIRST, &plan->value);
    text_addf(&plan->reasoning, "This asks for the web, so I search there for \"%s\".", plan->value.p);
    use(plan, "web_search", "query");
    return true;
}

static void explain_search(const struct situation *situation, struct plan *plan)
{
    if (situation->searches == 0)
        text_addf(&plan->reasoning,
                  "I am asked about %s. I do not know this by myself, so I look at what was said in the workspace. The "
                  "words that matter seem to be \"%s\"; I search for messages that have them.",
                  plan->value.p, plan->value.p);
    else
        text_addf(&plan->reasoning,
                  "Nothing was found with those words together. Perhaps people put it differently: I try again with "
                  "\"%s\" alone, which is the most telling of them.",
                  plan->value.p);
}

/* First the most telling words together, then each alone. */
static bool plan_workspace_search(const struct situation *situation, struct plan *plan)
{
    size_t n = situation->searches;
    const char *word;

    if (situation->findings.count > 0 || n >= SEARCHES_MAX || situation->words.count == 0 || situation->is_visited ||
        situation->is_web_done || !offers(situation->tools, "workspace_search"))
        return false;
    if (n == 0) {
        words_join(&situation->words, WORDS_AT_FIRST, &plan->value);
    } else {
        word = situation->words.count > 1 ? words_by_length(&situation->words, n - 1) : NULL;
        if (word == NULL)
            return false;
        text_adds(&plan->value, word);
    }
    explain_search(situation, plan);
    use(plan, "workspace_search", "query");
    return true;
}

static void quote(const struct situation *situation, struct plan *plan)
{
    const struct findings *findings = &situation->findings;

    text_addf(&plan->reasoning, "That brought %zu %s. ", findings->total, findings->total == 1 ? "result" : "results");
    text_adds(&plan->content, "This is what I found:\n");
    for (size_t i = 0; i < findings->count; i++) {
        const struct finding *item = &findings->item[i];

        text_addf(&plan->reasoning, "%s is \"%s\". ",
                  i == 0   ? "The first"
                  : i == 1 ? "The second"
                           : "The third",
                  text_string(&item->title));
        text_addf(&plan->content, "\n> %s\n>\n> — [%s](%s)\n", text_string(&item->excerpt), text_string(&item->title),
                  text_string(&item->link));
    }
    text_adds(&plan->reasoning, "I quote them with their links, so that everybody can check them.");
}

static void admit(const struct situation *situation, struct plan *plan)
{
    text_adds(&plan->reasoning, "None of the searches found anything that answers this. I say so, rather than make "
                                "something up.");
    text_adds(&plan->content, "I found nothing about ");
    words_join(&situation->words, WORDS_AT_FIRST, &plan->content);
    text_adds(&plan->content,
              situation->is_visited ? " on that page." : " in the messages that everybody here may read.");
    text_addc(&plan->content, '\n');
}

static void answer(const struct situation *situation, struct plan *plan)
{
    if (situation->findings.count > 0) {
        quote(situation, plan);
    } else if (situation->words.count > 0 || situation->is_visited) {
        admit(situation, plan);
    } else {
        text_adds(&plan->reasoning, "There is nothing in this that I could search for, so I say what I am for.");
        text_adds(&plan->content, introduction);
        return;
    }
    text_adds(&plan->content, signature);
}

int plan_make(const json_t *request, struct plan *plan)
{
    struct situation situation = {.messages = json_object_get(request, "messages"),
                                  .tools = json_object_get(request, "tools")};
    int at;

    *plan = (struct plan){0};
    if (!json_is_array(situation.messages))
        return -1;
    at = find_question(situation.messages, plan, &situation.words);
    read_outputs(&situation, at >= 0 ? (size_t)at : 0, text_string(&plan->question));
    if (!plan_visit(&situation, plan) && !plan_web_search(&situation, plan) && !plan_workspace_search(&situation, plan))
        answer(&situation, plan);
    words_fini(&situation.words);
    findings_fini(&situation.findings);
    return 0;
}

void plan_fini(struct plan *plan)
{
    text_fini(&plan->question);
    text_fini(&plan->reasoning);
    text_fini(&plan->content);
    text_fini(&plan->value);
}
