// SPDX-License-Identifier: Apache-2.0
// member: reading strings out of JSON objects that somebody else wrote.
#ifndef AGENT_MEMBER_H
#define AGENT_MEMBER_H

#include <jansson.h>

// The string `key` of `object`; "" if there is none. Valid as long as the object.
static inline const char *member_text(const json_t *object, const char *key)
{
    const char *value = json_string_value(json_object_get(object, key));
    return value ? value : "";
}

#endif
