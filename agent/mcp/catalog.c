// SPDX-License-Identifier: Apache-2.0
#include "agent/mcp/catalog.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"

#define FRESH_MS 600000
#define AGAIN_MS 30000 // after a failure

struct entry {
    json_t *tools;  // what was told last; NULL: never anything
    int64_t due_ms; // 0: now
    bool is_in_hand;
    char sentence[CLIENT_SENTENCE_MAX]; // of the last failure; "": it was a success
};

struct catalog {
    const struct servers *servers;
    pthread_mutex_t lock; // of everything below
    struct entry entries[SERVERS_MAX];
};

struct catalog *catalog_new(const struct servers *servers)
{
    struct catalog *catalog = mem_zero(sizeof *catalog);
    catalog->servers = servers;
    pthread_mutex_init(&catalog->lock, NULL);
    return catalog;
}

void catalog_free(struct catalog *catalog)
{
    if (!catalog)
        return;
    for (size_t i = 0; i < SERVERS_MAX; i++)
        json_decref(catalog->entries[i].tools);
    pthread_mutex_destroy(&catalog->lock);
    free(catalog);
}

const struct servers *catalog_servers(const struct catalog *catalog)
{
    return catalog->servers;
}

enum catalog_state catalog_look(struct catalog *catalog, size_t i)
{
    struct entry *entry = &catalog->entries[i];
    enum catalog_state state = CATALOG_KNOWN;
    pthread_mutex_lock(&catalog->lock);
    if (entry->is_in_hand)
        state = CATALOG_IN_HAND;
    else if (clock_mono_ms() >= entry->due_ms)
        state = CATALOG_DUE;
    entry->is_in_hand |= state == CATALOG_DUE;
    pthread_mutex_unlock(&catalog->lock);
    return state;
}

void catalog_put(struct catalog *catalog, size_t i, json_t *take_tools, const char *sentence)
{
    struct entry *entry = &catalog->entries[i];
    pthread_mutex_lock(&catalog->lock);
    entry->is_in_hand = false;
    if (take_tools || *sentence != '\0') {
        json_decref(entry->tools);
        entry->tools = take_tools;
        entry->due_ms = clock_mono_ms() + (take_tools ? FRESH_MS : AGAIN_MS);
        (void)snprintf(entry->sentence, sizeof entry->sentence, "%s", sentence);
    }
    pthread_mutex_unlock(&catalog->lock);
}

void catalog_spoil(struct catalog *catalog, size_t i)
{
    pthread_mutex_lock(&catalog->lock);
    catalog->entries[i].due_ms = 0;
    pthread_mutex_unlock(&catalog->lock);
}

json_t *catalog_tools(struct catalog *catalog, size_t i, char sentence[CLIENT_SENTENCE_MAX])
{
    pthread_mutex_lock(&catalog->lock);
    json_t *tools = catalog->entries[i].tools ? json_deep_copy(catalog->entries[i].tools) : json_array();
    memcpy(sentence, catalog->entries[i].sentence, CLIENT_SENTENCE_MAX);
    pthread_mutex_unlock(&catalog->lock);
    return tools;
}
