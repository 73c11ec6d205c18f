// SPDX-License-Identifier: Apache-2.0
#include "conf/supervise/list.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/buf.h"
#include "base/log.h"

static void words_add(struct words *words, struct str value)
{
    words->v = mem_grow(words->v, (words->n + 2) * sizeof *words->v);
    words->v[words->n++] = mem_dup(value);
    words->v[words->n] = NULL;
}

static void words_fini(struct words *words)
{
    for (size_t i = 0; i < words->n; i++)
        free(words->v[i]);
    free(words->v);
}

// The program that is being read. Its directives are refused before the first program, so there is one.
static struct program *last(struct list *list)
{
    assert(list->n > 0);
    return &list->programs[list->n - 1];
}

static int set_once(char **slot, struct str value)
{
    if (*slot)
        return -1;
    *slot = mem_dup(value);
    return 0;
}

static int take_base(struct list *list, struct str value)
{
    return set_once(&list->base, value);
}

static int begin(struct list *list, struct str name, bool task)
{
    if (name.n == 0 || memchr(name.p, '/', name.n))
        return -1;
    list->programs = mem_grow(list->programs, (list->n + 1) * sizeof *list->programs);
    list->programs[list->n++] = (struct program){
        .name = mem_dup(name), .task = task, .stop_signal = SIGTERM, .stop_s = 5, .death_signal = SIGKILL};
    return 0;
}

static int take_program(struct list *list, struct str value)
{
    return begin(list, value, false);
}

static int take_task(struct list *list, struct str value)
{
    return begin(list, value, true);
}

static int take_exec(struct list *list, struct str value)
{
    if (last(list)->argv.n)
        return -1;
    words_add(&last(list)->argv, value);
    return 0;
}

static int take_arg(struct list *list, struct str value)
{
    if (!last(list)->argv.n)
        return -1;
    words_add(&last(list)->argv, value);
    return 0;
}

static int take_env(struct list *list, struct str value)
{
    if (!memchr(value.p, '=', value.n))
        return -1;
    words_add(&last(list)->env, value);
    return 0;
}

static int take_user(struct list *list, struct str value)
{
    return set_once(&last(list)->user, value);
}

static int take_netns(struct list *list, struct str value)
{
    return set_once(&last(list)->netns, value);
}

static int take_remove(struct list *list, struct str value)
{
    return set_once(&last(list)->remove, value);
}

static int signal_named(struct str name)
{
    static const struct {
        struct str name;
        int number;
    } signals[] = {{{"INT", 3}, SIGINT}, {{"TERM", 4}, SIGTERM}, {{"QUIT", 4}, SIGQUIT}, {{"KILL", 4}, SIGKILL}};
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        if (str_eq(signals[i].name, name))
            return signals[i].number;
    return -1;
}

static int take_stop(struct list *list, struct str value)
{
    int64_t seconds = 0;
    int number = signal_named(str_cut(&value, ' '));
    if (number < 0 || str_to_i64(value, &seconds) || seconds > 3600)
        return -1;
    last(list)->stop_signal = number;
    last(list)->stop_s = (int)seconds;
    return 0;
}

static int take_death(struct list *list, struct str value)
{
    int number = signal_named(value);
    if (number < 0)
        return -1;
    last(list)->death_signal = number;
    return 0;
}

static int take_realtime(struct list *list, struct str value)
{
    int64_t n = 0;
    if (str_to_i64(value, &n) || n < 1 || n > 99)
        return -1;
    last(list)->realtime = (int)n;
    return 0;
}

static const struct directive {
    struct str word;
    int (*take)(struct list *list, struct str value);
    bool of_program;
} directives[] = {
    {{"base", 4}, take_base, false},  {{"program", 7}, take_program, false},  {{"task", 4}, take_task, false},
    {{"exec", 4}, take_exec, true},   {{"arg", 3}, take_arg, true},           {{"env", 3}, take_env, true},
    {{"user", 4}, take_user, true},   {{"remove", 6}, take_remove, true},     {{"stop", 4}, take_stop, true},
    {{"death", 5}, take_death, true}, {{"realtime", 8}, take_realtime, true}, {{"netns", 5}, take_netns, true},
};

static int take_line(struct list *list, struct str line)
{
    while (line.n && line.p[0] == ' ')
        line = str_skip(line, 1);
    if (line.n == 0 || line.p[0] == '#')
        return 0;
    struct str word = str_cut(&line, ' ');
    struct str value = line.p ? line : STR("");
    for (size_t i = 0; i < sizeof directives / sizeof *directives; i++)
        if (str_eq(directives[i].word, word))
            return directives[i].of_program && list->n == 0 ? -1 : directives[i].take(list, value);
    return -1;
}

static int check(const struct list *list, const char *path)
{
    if (!list->base || list->n == 0) {
        log_error("%s: no base, or no program", path);
        return -1;
    }
    for (size_t i = 0; i < list->n; i++) {
        if (list->programs[i].argv.n)
            continue;
        log_error("%s: %s has no command", path, list->programs[i].name);
        return -1;
    }
    return 0;
}

int list_read(struct list *list, const char *path)
{
    int result = -1;
    char *line = NULL;
    size_t room = 0;
    int number = 0;
    *list = (struct list){0};
    FILE *file = fopen(path, "re");
    if (!file) {
        log_error("%s: %s", path, strerror(errno));
        return -1;
    }
    for (ssize_t n; (n = getline(&line, &room, file)) >= 0;) {
        number++;
        if (n > 0 && line[n - 1] == '\n')
            n--;
        if (take_line(list, (struct str){line, (size_t)n})) {
            log_error("%s:%d: not a directive here: %.*s", path, number, (int)n, line);
            goto out;
        }
    }
    result = ferror(file) ? -1 : check(list, path);
out:
    free(line);
    (void)fclose(file);
    return result;
}

void list_fini(struct list *list)
{
    for (size_t i = 0; i < list->n; i++) {
        struct program *p = &list->programs[i];
        words_fini(&p->argv);
        words_fini(&p->env);
        free(p->name);
        free(p->user);
        free(p->netns);
        free(p->remove);
    }
    free(list->programs);
    free(list->base);
    *list = (struct list){0};
}
