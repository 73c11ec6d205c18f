// SPDX-License-Identifier: Apache-2.0
#include "agent/html.h"
#include "base/buf.h"

#include <ctype.h>
#include <gumbo.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define ARENA_BLOCK (256u << 10)
#define ALIGNMENT _Alignof(max_align_t)

enum layout { LAYOUT_INLINE, LAYOUT_SKIP, LAYOUT_LINE, LAYOUT_PARAGRAPH };

static const GumboTag skipped[] = {GUMBO_TAG_HEAD,     GUMBO_TAG_SCRIPT, GUMBO_TAG_STYLE,  GUMBO_TAG_TEMPLATE,
                                   GUMBO_TAG_NOSCRIPT, GUMBO_TAG_SVG,    GUMBO_TAG_MATH,   GUMBO_TAG_IFRAME,
                                   GUMBO_TAG_OBJECT,   GUMBO_TAG_CANVAS, GUMBO_TAG_SELECT, GUMBO_TAG_BUTTON,
                                   GUMBO_TAG_TEXTAREA};
static const GumboTag lines[] = {GUMBO_TAG_BR, GUMBO_TAG_LI,      GUMBO_TAG_TR, GUMBO_TAG_DT,
                                 GUMBO_TAG_DD, GUMBO_TAG_CAPTION, GUMBO_TAG_HR, GUMBO_TAG_FIGCAPTION};
static const GumboTag paragraphs[] = {
    GUMBO_TAG_P,        GUMBO_TAG_DIV,       GUMBO_TAG_H1,     GUMBO_TAG_H2,      GUMBO_TAG_H3,      GUMBO_TAG_H4,
    GUMBO_TAG_H5,       GUMBO_TAG_H6,        GUMBO_TAG_UL,     GUMBO_TAG_OL,      GUMBO_TAG_TABLE,   GUMBO_TAG_PRE,
    GUMBO_TAG_ARTICLE,  GUMBO_TAG_SECTION,   GUMBO_TAG_HEADER, GUMBO_TAG_FOOTER,  GUMBO_TAG_NAV,     GUMBO_TAG_MAIN,
    GUMBO_TAG_ASIDE,    GUMBO_TAG_FIGURE,    GUMBO_TAG_DL,     GUMBO_TAG_ADDRESS, GUMBO_TAG_DETAILS, GUMBO_TAG_FORM,
    GUMBO_TAG_FIELDSET, GUMBO_TAG_BLOCKQUOTE};

struct writer {
    struct buf *out;
    int newlines; // owed before the next character
    bool space;   // owed, too
    int pre;      // depth in <pre>
};

static bool is_one_of(GumboTag tag, const GumboTag *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (list[i] == tag)
            return true;
    return false;
}

#define IS_ONE_OF(tag, list) is_one_of(tag, list, sizeof(list) / sizeof(list)[0])

static enum layout layout_of(GumboTag tag)
{
    return IS_ONE_OF(tag, skipped)      ? LAYOUT_SKIP
           : IS_ONE_OF(tag, lines)      ? LAYOUT_LINE
           : IS_ONE_OF(tag, paragraphs) ? LAYOUT_PARAGRAPH
                                        : LAYOUT_INLINE;
}

static void pay_debts(struct writer *w)
{
    for (; w->newlines > 0; w->newlines--)
        if (w->out->n > 0)
            buf_char(w->out, '\n');
    if (w->space && w->out->n > 0 && w->out->p[w->out->n - 1] != '\n')
        buf_char(w->out, ' ');
    w->space = false;
}

static void owe_newlines(struct writer *w, int n)
{
    w->newlines = n > w->newlines ? n : w->newlines;
    w->space = false;
}

static void write_text(struct writer *w, const char *s)
{
    for (; *s != '\0'; s++) {
        bool is_nbsp = s[0] == '\xC2' && s[1] == '\xA0';
        if (w->pre > 0 && !is_nbsp) {
            pay_debts(w);
            buf_char(w->out, *s);
        } else if (isspace((unsigned char)*s) || is_nbsp) {
            w->space = w->newlines == 0;
            s += is_nbsp;
        } else {
            pay_debts(w);
            buf_char(w->out, *s);
        }
    }
}

static void enter(struct writer *w, const GumboElement *element, enum layout layout)
{
    GumboTag tag = element->tag;
    if (layout != LAYOUT_INLINE)
        owe_newlines(w, layout == LAYOUT_LINE ? 1 : 2);
    if (tag == GUMBO_TAG_LI) {
        pay_debts(w);
        buf_lit(w->out, "- ");
    } else if (tag >= GUMBO_TAG_H1 && tag <= GUMBO_TAG_H6) {
        pay_debts(w);
        buf_printf(w->out, "%.*s ", (int)(tag - GUMBO_TAG_H1) + 1, "######");
    } else if (tag == GUMBO_TAG_TD || tag == GUMBO_TAG_TH) {
        w->space = w->newlines == 0;
    }
    w->pre += tag == GUMBO_TAG_PRE;
}

static void leave(struct writer *w, const GumboElement *element, enum layout layout)
{
    w->pre -= element->tag == GUMBO_TAG_PRE;
    if (layout != LAYOUT_INLINE)
        owe_newlines(w, layout == LAYOUT_LINE ? 1 : 2);
}

static const GumboNode *child_at(const GumboNode *node, unsigned i)
{
    return i < node->v.element.children.length ? node->v.element.children.data[i] : NULL;
}

// The page decides how deep the tree is, so there is no recursion: the walk goes up by `parent` and on by the index in
// it.
static void walk(const GumboNode *root, struct writer *w)
{
    const GumboNode *node = root;
    const GumboNode *next;
    while (node) {
        next = NULL;
        if (node->type == GUMBO_NODE_TEXT || node->type == GUMBO_NODE_WHITESPACE || node->type == GUMBO_NODE_CDATA) {
            write_text(w, node->v.text.text);
        } else if (node->type == GUMBO_NODE_ELEMENT && layout_of(node->v.element.tag) != LAYOUT_SKIP) {
            enter(w, &node->v.element, layout_of(node->v.element.tag));
            next = child_at(node, 0);
            if (!next)
                leave(w, &node->v.element, layout_of(node->v.element.tag));
        }
        while (!next && node != root) {
            next = child_at(node->parent, (unsigned)node->index_within_parent + 1);
            if (!next) {
                node = node->parent;
                leave(w, &node->v.element, layout_of(node->v.element.tag));
            }
        }
        node = next;
    }
}

// Only the children of <head> are searched for <title>: elsewhere it belongs to a picture.
static void find_title(const GumboNode *html, struct buf *title)
{
    for (unsigned i = 0; child_at(html, i); i++) {
        const GumboNode *head = child_at(html, i);
        if (head->type != GUMBO_NODE_ELEMENT || head->v.element.tag != GUMBO_TAG_HEAD)
            continue;
        const GumboNode *node;
        for (unsigned j = 0; (node = child_at(head, j)); j++)
            if (node->type == GUMBO_NODE_ELEMENT && node->v.element.tag == GUMBO_TAG_TITLE) {
                struct writer w = {.out = title};
                if (child_at(node, 0))
                    walk(child_at(node, 0), &w);
                return;
            }
    }
}

// The parser's memory is freed all at once, because the parser's own way of freeing a tree recurses as deeply as the
// page is nested.
struct arena {
    struct arena_block *blocks;
    size_t used; // of the first
};

struct arena_block {
    struct arena_block *next;
    size_t room;
    _Alignas(max_align_t) char bytes[];
};

static void *arena_take(void *arg, size_t n)
{
    struct arena *arena = arg;
    struct arena_block *block = arena->blocks;
    n = (n + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (!block || block->room - arena->used < n) {
        size_t room = n > ARENA_BLOCK ? n : ARENA_BLOCK;
        block = malloc(sizeof *block + room);
        if (!block)
            abort();
        *block = (struct arena_block){.next = arena->blocks, .room = room};
        arena->blocks = block;
        arena->used = 0;
    }
    void *taken = block->bytes + arena->used;
    arena->used += n;
    return taken;
}

static void arena_keep(void *arg, void *p)
{
    (void)arg;
    (void)p;
}

static void arena_free(struct arena *arena)
{
    for (struct arena_block *block = arena->blocks, *next; block; block = next) {
        next = block->next;
        free(block);
    }
}

void html_to_text(const char *p, size_t n, struct buf *title, struct buf *body)
{
    GumboOptions options = kGumboDefaultOptions;
    struct arena arena = {0};
    struct writer w = {.out = body};
    options.max_errors = 0;
    options.allocator = arena_take;
    options.deallocator = arena_keep;
    options.userdata = &arena;
    GumboOutput *output = gumbo_parse_with_options(&options, p, n);
    find_title(output->root, title);
    walk(output->root, &w);
    arena_free(&arena);
}

void html_charset(const char *p, size_t n, char *out, size_t out_len)
{
    size_t end = n < 1024 ? n : 1024, len = 0;
    out[0] = '\0';
    for (size_t i = 0; i + 8 < end; i++) {
        if (strncasecmp(p + i, "charset=", 8) != 0)
            continue;
        for (i += 8; i < end && strchr("\"' ", p[i]); i++)
            ;
        for (; i < end && len + 1 < out_len && (isalnum((unsigned char)p[i]) || strchr("-_:.", p[i])); i++)
            out[len++] = (char)tolower((unsigned char)p[i]);
        out[len] = '\0';
        return;
    }
}
