// SPDX-License-Identifier: Apache-2.0
#include "agent/visit.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "agent/member.h"
#include "base/buf.h"

static bool is_host_byte(char c)
{
    return isalnum((unsigned char)c) || c == '-' || c == '.';
}

// The host of a plain web address; STR_NONE for one with a user, brackets or anything else that parsers disagree about.
static struct str host_of(const char *url)
{
    const char *host = strncasecmp(url, "http://", 7) == 0    ? url + 7
                       : strncasecmp(url, "https://", 8) == 0 ? url + 8
                                                              : "";
    size_t n = 0;
    while (host[n] != '\0' && is_host_byte(host[n]))
        n++;
    const char *rest = host + n;
    if (*rest == ':')
        for (rest++; isdigit((unsigned char)*rest);)
            rest++;
    bool is_plain = n > 0 && (*rest == '\0' || strchr("/?#", *rest));
    return is_plain ? (struct str){host, n} : STR_NONE;
}

// Letters beyond ASCII keep a word together that is another name with them.
static bool is_word_byte(char c)
{
    return is_host_byte(c) || ((unsigned char)c & 0x80) != 0;
}

static bool same(struct str a, struct str b)
{
    return a.n > 0 && a.n == b.n && strncasecmp(a.p, b.p, a.n) == 0;
}

// A full stop at the end of a sentence is no part of a host.
static bool names_host(const char *text, struct str host)
{
    struct str word = {text, 0};
    for (; *word.p != '\0'; word = (struct str){word.p + word.n + (word.p[word.n] != '\0'), 0}) {
        while (word.p[word.n] != '\0' && is_word_byte(word.p[word.n]))
            word.n++;
        struct str name = word;
        while (name.n > 0 && name.p[name.n - 1] == '.')
            name.n--;
        if (same(name, host))
            return true;
    }
    return false;
}

// True if an address may end before `p`: punctuation belongs to the text around it only if no more of a word follows.
static bool ends_at(const char *p)
{
    p += strspn(p, ".,;:!?)]}'*_");
    return *p == '\0' || isspace((unsigned char)*p) || strchr("\"<>`\\", *p);
}

// True if the address stands in the text as a whole, not as a part of a longer one.
static bool holds(const char *text, const char *url)
{
    size_t n = strlen(url);
    for (const char *at = text; n > 0 && (at = strstr(at, url)); at++)
        if ((at == text || !isalnum((unsigned char)at[-1])) && ends_at(at + n))
            return true;
    return false;
}

static bool is_of(const json_t *message, const char *role)
{
    return strcmp(member_text(message, "role"), role) == 0;
}

// What the model says to a tool may come back as the tool's result.
static bool was_said(const json_t *message, const char *url)
{
    const json_t *call;
    size_t i;
    json_array_foreach(json_object_get(message, "tool_calls"), i, call)
    {
        const char *text = member_text(json_object_get(call, "function"), "arguments");
        json_t *arguments = json_loads(text, 0, NULL);
        // Printed anew, since an escaped letter is the same letter.
        char *printed = arguments ? json_dumps(arguments, JSON_COMPACT) : NULL;
        bool is_said = strstr(printed ? printed : text, url) != NULL;
        free(printed);
        json_decref(arguments);
        if (is_said)
            return true;
    }
    return strstr(member_text(message, "content"), url) != NULL;
}

enum visit_ground visit_ground(const json_t *messages, const char *url)
{
    enum visit_ground ground = VISIT_UNKNOWN;
    struct str host = host_of(url);
    bool is_said = false;
    const json_t *message;
    size_t i;
    // What is printed in JSON otherwise than it stands could come back unnoticed.
    if (strpbrk(url, "\"\\"))
        return VISIT_UNKNOWN;
    json_array_foreach(messages, i, message)
    {
        const char *text = member_text(message, "content");
        if (is_of(message, "assistant"))
            is_said = is_said || was_said(message, url);
        else if (is_of(message, "user") && holds(text, url))
            return VISIT_WRITTEN;
        else if (is_of(message, "tool") && !is_said && holds(text, url))
            return VISIT_WRITTEN;
        if (is_of(message, "user") && host.n > 0 && names_host(text, host))
            ground = VISIT_HOST;
    }
    return ground;
}

bool visit_is_listed(const char *hosts, const char *url)
{
    struct str host = host_of(url);
    while (*hosts != '\0') {
        hosts += strspn(hosts, ", \t");
        struct str name = {hosts, strcspn(hosts, ", \t")};
        hosts += name.n;
        bool is_suffix = name.n > 1 && name.p[0] == '.' && host.n > name.n;
        if (same(name, is_suffix ? str_skip(host, host.n - name.n) : host))
            return true;
    }
    return false;
}

static struct str without_www(struct str host)
{
    return host.n > 4 && strncasecmp(host.p, "www.", 4) == 0 ? str_skip(host, 4) : host;
}

bool visit_stays(const char *from, const char *to)
{
    return same(without_www(host_of(from)), without_www(host_of(to)));
}
