// SPDX-License-Identifier: Apache-2.0
#include "agent/demo/findings.h"
#include "base/utf8.h"
#include "base/buf.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#define EXCERPT_CHARACTERS 280

// Takes the rest of the line after `label`, if the line begins with it.
static bool take_labelled(const char *line, size_t n, const char *label, const char **value, size_t *len)
{
    size_t skip = strlen(label);
    if (n < skip || strncmp(line, label, skip) != 0)
        return false;
    *value = line + skip;
    *len = n - skip;
    return true;
}

// Recognises "[3] title".
static bool is_item_start(const char *line, size_t n, const char **title, size_t *len)
{
    size_t i = 1;
    if (n < 4 || line[0] != '[')
        return false;
    while (i < n && isdigit((unsigned char)line[i]))
        i++;
    if (i == 1 || i + 1 >= n || line[i] != ']' || line[i + 1] != ' ')
        return false;
    *title = line + i + 2;
    *len = n - i - 2;
    return true;
}

static void set_excerpt(struct buf *excerpt, struct buf *text)
{
    size_t cut = utf8_first((struct str){buf_cstr(text), text->n}, EXCERPT_CHARACTERS).n;
    bool blank = true;
    for (size_t i = 0; i < cut; i++) {
        bool is_blank = isspace((unsigned char)text->p[i]) != 0;
        if (!is_blank || !blank)
            buf_char(excerpt, is_blank ? ' ' : text->p[i]);
        blank = is_blank;
    }
    while (excerpt->n > 0 && excerpt->p[excerpt->n - 1] == ' ')
        excerpt->p[--excerpt->n] = '\0';
    if (cut < text->n)
        buf_lit(excerpt, "…");
}

static void item_fini(struct finding *item)
{
    buf_fini(&item->title);
    buf_fini(&item->link);
    buf_fini(&item->excerpt);
}

static void finish_item(struct findings *findings, struct finding *item, struct buf *text, const char *question)
{
    set_excerpt(&item->excerpt, text);
    if (item->link.n > 0 && (*question == '\0' || !strstr(buf_cstr(text), question))) {
        findings->total++;
        if (findings->count < FINDINGS_MAX) {
            findings->item[findings->count++] = *item;
            *item = (struct finding){0};
        }
    }
    item_fini(item);
    buf_clear(text);
}

void findings_read(struct findings *findings, const char *output, const char *question)
{
    struct finding item = {0};
    struct buf text = {0};
    bool in_text = false;
    for (const char *line = output; *line != '\0';) {
        size_t n = strcspn(line, "\n");
        if (strncmp(line, "</tool_output>", 14) == 0)
            break;
        size_t len;
        const char *value;
        if (is_item_start(line, n, &value, &len) || take_labelled(line, n, "title: ", &value, &len)) {
            finish_item(findings, &item, &text, question);
            buf_bytes(&item.title, value, len);
            in_text = false;
        } else if (!in_text && take_labelled(line, n, "link: ", &value, &len)) {
            buf_bytes(&item.link, value, len);
        } else if (!in_text && take_labelled(line, n, "text:", &value, &len)) {
            buf_bytes(&text, value, len);
            in_text = true;
        } else if (in_text) {
            buf_char(&text, '\n');
            buf_bytes(&text, line, n);
        }
        line += n + (line[n] == '\n');
    }
    finish_item(findings, &item, &text, question);
    buf_fini(&text);
}

void findings_fini(struct findings *findings)
{
    for (size_t i = 0; i < findings->count; i++)
        item_fini(&findings->item[i]);
    *findings = (struct findings){0};
}
