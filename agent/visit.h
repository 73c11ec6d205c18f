// SPDX-License-Identifier: Apache-2.0
// visit: which pages may be read without asking a person. What a misled model has read could be carried out in an
// address that it makes up, so an address counts that others wrote as it stands, and a host that is named. Pure.
#ifndef AGENT_VISIT_H
#define AGENT_VISIT_H

#include <jansson.h>
#include <stdbool.h>

// From the weakest to the strongest.
enum visit_ground {
    VISIT_UNKNOWN,
    VISIT_HOST,   // its host is named: the rest of the address may be the model's, so redirects stay with that host
    VISIT_WRITTEN // the whole address is somebody else's
};

// On what ground `url` may be visited, by the messages that the model was given (those of its API). A host that only a
// tool's result names does not count, nor does an address in one that the model wrote before.
enum visit_ground visit_ground(const json_t *messages, const char *url);
// True if the address's host is on the list: names separated by commas or blanks; ".example.org" stands for all below.
bool visit_is_listed(const char *hosts, const char *url);
// True if both addresses have the same host, but for a leading "www.".
bool visit_stays(const char *from, const char *to);

#endif
