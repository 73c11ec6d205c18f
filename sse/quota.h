// SPDX-License-Identifier: Apache-2.0
// How many streams each person, each token and each network has at this pusher, and the most that they may have: one
// who opens streams without end takes the places of nobody but themselves. Sign-ins and personas are not counted. A
// share counts as a token does, and its maker not at all: its readers are others.
#ifndef SSE_QUOTA_H
#define SSE_QUOTA_H

#include "wire/subscription.h"

struct quota;

struct quota_limits {
    uint32_t person, token, network;
};

struct quota *quota_new(struct quota_limits limits);
void quota_free(struct quota *quota);

// True if one of the subscription's principals, or its network, has as many streams as it may.
bool quota_is_full(const struct quota *quota, const struct subscription *subscription);
// A stream of these principals (sse/principals.h) begins, or has ended. Each beginning needs its end.
void quota_take(struct quota *quota, const char *principals);
void quota_give(struct quota *quota, const char *principals);
// The principals and networks that have streams now.
size_t quota_count(const struct quota *quota);

#endif
