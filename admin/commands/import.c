// SPDX-License-Identifier: Apache-2.0
// import: reads people, channels and messages from a file with one JSON object a line, in the order of their creation:
//
//     {"kind":"person","email":…,"name":…,"slug"?,"avatar"?}
//     {"kind":"channel","name":…,"private"?,"members"?:[e-mail addresses]}
//     {"kind":"message","channel":…,"author":e-mail address,"key":…,"replyTo"?:key,"day":…,"time":"HH:MM","text":…}
//     {"kind":"read","channel":…,"person":e-mail address}
//
// `day` counts from today in UTC: -1 is yesterday, and {day+9} in a text is the date nine days from now. `key` is the
// message's name in the file: what was imported before is known by it. Each line is a transaction of its own; after a
// failure the same file can be given again. Texts and names of channels pass the redaction rules of the workspace, as
// they do at every other door.
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include "admin/commands/command.h"
#include "admin/commands/when.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/password.h"
#include "base/redactor.h"
#include "store/import.h"
#include "store/redaction.h"

enum { LINE_MOST = 1 << 20 };

struct import {
    struct admin *admin;
    char *workspace;
    struct redactor *rules;
    struct buf channel; // the name in hand, redacted
    const char *path;
    int64_t line;
    int64_t now_us; // since 1970
    int64_t made, found;
};

static int wrong(const struct import *import, const char *what)
{
    return admin_wrong(import->admin, "%s, line %lld: %s", import->path, (long long)import->line, what);
}

static int missing(const struct import *import, struct buf *what)
{
    struct buf text = {0};
    buf_printf(&text, "there is no %s", buf_cstr(what));
    int status = wrong(import, buf_cstr(&text));
    buf_fini(&text);
    return status;
}

static const char *redact(const struct import *import, struct buf *out, const char *text)
{
    buf_clear(out);
    (void)redactor_text(import->rules, out, str_from(text));
    return buf_cstr(out);
}

// Counts what a store function wrote, or found there already. `what` names what was missing.
static int take(struct import *import, enum store_outcome outcome, struct buf *what)
{
    if (outcome == STORE_NOT_FOUND)
        return missing(import, what);
    if (store_has_failed(outcome))
        return ADMIN_FAILED;
    import->made += outcome == STORE_WRITTEN;
    import->found += outcome == STORE_OK;
    return ADMIN_OK;
}

// A person who was not created exists already, unless somebody else has the slug.
static int find_person(struct import *import, const struct store_admin_person *person)
{
    struct store_answer answer = store_admin_find_member(import->admin->pg, import->workspace, person->email);
    enum store_outcome outcome = answer.outcome;
    store_answer_fini(&answer);
    return outcome == STORE_NOT_FOUND ? wrong(import, "the slug is taken") : take(import, outcome, NULL);
}

// Nobody knows the password: the account exists for the messages it has written.
static int import_person(struct import *import, json_t *line)
{
    struct store_admin_person person = {.workspace_id = import->workspace};
    if (json_unpack(line, "{s:s, s:s, s?s, s?s}", "email", &person.email, "name", &person.name, "slug", &person.slug,
                    "avatar", &person.avatar))
        return wrong(import, "a person has email, name, slug?, avatar?");
    struct buf secret = {0}, hash = {0};
    struct store_answer answer = store_admin_create_user(import->admin->pg, &person);
    if (answer.outcome == STORE_NOT_FOUND) {
        id_secret(&secret, 32);
        password_hash(&hash, buf_view(&secret));
        person.password_hash = buf_cstr(&hash);
        answer = store_admin_create_user(import->admin->pg, &person);
    }
    enum store_outcome outcome = answer.outcome;
    store_answer_fini(&answer);
    buf_fini(&secret);
    buf_fini(&hash);
    if (outcome == STORE_CONFLICT)
        return find_person(import, &person);
    return take(import, outcome == STORE_OK ? STORE_WRITTEN : outcome, NULL);
}

static bool are_addresses(json_t *members)
{
    size_t i;
    json_t *member;
    json_array_foreach(members, i, member)
    {
        if (!json_is_string(member))
            return false;
    }
    return !members || json_is_array(members);
}

static int import_member(struct import *import, const char *channel, const char *email)
{
    struct buf what = {0};
    enum store_outcome outcome = store_import_member(import->admin->pg, import->workspace, channel, email, &what);
    int status = ADMIN_OK;
    if (outcome == STORE_NOT_FOUND)
        status = missing(import, &what);
    else if (store_has_failed(outcome))
        status = ADMIN_FAILED;
    buf_fini(&what);
    return status;
}

static int import_channel(struct import *import, json_t *line)
{
    const char *name = NULL;
    int is_private = 0;
    json_t *members = NULL;
    if (json_unpack(line, "{s:s, s?b, s?o}", "name", &name, "private", &is_private, "members", &members))
        return wrong(import, "a channel has name, private?, members?");
    if (!are_addresses(members))
        return wrong(import, "members are e-mail addresses");
    name = redact(import, &import->channel, name);
    struct store_answer answer = store_admin_create_channel(import->admin->pg, import->workspace, name, is_private);
    bool is_new = answer.outcome == STORE_OK, is_old = answer.outcome == STORE_CONFLICT;
    int status = take(import, is_new ? STORE_WRITTEN : is_old ? STORE_OK : answer.outcome, NULL);
    store_answer_fini(&answer);
    size_t i;
    json_t *member;
    json_array_foreach(members, i, member)
    {
        if (status == ADMIN_OK)
            status = import_member(import, name, json_string_value(member));
    }
    return status;
}

static int import_message(struct import *import, json_t *line)
{
    struct store_import_message message = {0};
    const char *time = NULL;
    int day = 0;
    struct buf at = {0}, text = {0}, redacted = {0}, what = {0};
    int status;
    if (json_unpack(line, "{s:s, s:s, s:s, s?s, s:i, s:s, s:s}", "channel", &message.channel, "author", &message.email,
                    "key", &message.key, "replyTo", &message.reply_to, "day", &day, "time", &time, "text",
                    &message.text)) {
        status = wrong(import, "a message has channel, author, key, replyTo?, day, time, text");
    } else if (when_print(&at, import->now_us, day, str_from(time))) {
        status = wrong(import, "day is 0 or less, time is HH:MM");
    } else {
        when_expand(&text, import->now_us, str_from(message.text));
        message.text = redact(import, &redacted, buf_cstr(&text));
        message.channel = redact(import, &import->channel, message.channel);
        message.at = buf_cstr(&at);
        status = take(import, store_import_message(import->admin->pg, import->workspace, &message, &what), &what);
    }
    buf_fini(&at);
    buf_fini(&text);
    buf_fini(&redacted);
    buf_fini(&what);
    return status;
}

static int import_read(struct import *import, json_t *line)
{
    const char *channel = NULL, *person = NULL;
    struct buf what = {0};
    if (json_unpack(line, "{s:s, s:s}", "channel", &channel, "person", &person))
        return wrong(import, "a read has channel, person");
    channel = redact(import, &import->channel, channel);
    int status = take(import, store_import_read(import->admin->pg, import->workspace, channel, person, &what), &what);
    buf_fini(&what);
    return status;
}

static int import_line(struct import *import, struct str text)
{
    static const struct kind {
        const char *name;
        int (*import)(struct import *import, json_t *line);
    } kinds[] = {
        {"person", import_person}, {"channel", import_channel}, {"message", import_message}, {"read", import_read}};
    json_error_t error;
    json_t *line = json_loadb(text.p, text.n, JSON_REJECT_DUPLICATES, &error);
    if (!line)
        return wrong(import, error.text);
    const char *name = json_string_value(json_object_get(line, "kind"));
    size_t i = 0, n = sizeof kinds / sizeof kinds[0];
    while (name && i < n && strcmp(kinds[i].name, name) != 0)
        i++;
    int status =
        name && i < n ? kinds[i].import(import, line) : wrong(import, "kind is person, channel, message or read");
    json_decref(line);
    return status;
}

static int import_file(struct import *import, FILE *file)
{
    char *line = NULL;
    size_t size = 0;
    int status = ADMIN_OK;
    for (ssize_t n; status == ADMIN_OK && (n = getline(&line, &size, file)) >= 0;) {
        import->line++;
        if (n > LINE_MOST)
            status = wrong(import, "too long");
        else if (line[strspn(line, " \t\r\n")] != '\0')
            status = import_line(import, (struct str){line, (size_t)n});
    }
    if (status == ADMIN_OK && ferror(file))
        status = admin_wrong(import->admin, "%s cannot be read", import->path);
    free(line);
    return status;
}

static int read_rules(struct import *import)
{
    struct store_answer answer = store_redaction_rules(import->admin->pg, import->workspace);
    int status = admin_outcome(import->admin, answer.outcome, "", "");
    for (int row = 0; row < store_answer_rows(&answer); row++) {
        struct str name, pattern;
        store_redaction_read(&answer, row, &name, &pattern);
        redactor_add_checked(import->rules, name, pattern);
    }
    store_answer_fini(&answer);
    return status;
}

int command_import(struct admin *admin)
{
    struct import import = {.admin = admin, .path = admin->options.argument, .now_us = clock_wall_us()};
    FILE *file = fopen(import.path, "re");
    if (!file)
        return admin_wrong(admin, "%s: %s", import.path, strerror(errno));
    import.rules = redactor_new();
    int status = admin_workspace(admin, &import.workspace);
    if (status == ADMIN_OK)
        status = read_rules(&import);
    if (status == ADMIN_OK)
        status = import_file(&import, file);
    if (status == ADMIN_OK)
        printf(options_has(&admin->options, OPTION_JSON) ? "{\"import\":{\"made\":%lld,\"found\":%lld}}\n"
                                                         : "%lld created, %lld existed already\n",
               (long long)import.made, (long long)import.found);
    redactor_free(import.rules);
    buf_fini(&import.channel);
    free(import.workspace);
    (void)fclose(file);
    return status;
}
