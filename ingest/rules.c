// SPDX-License-Identifier: Apache-2.0
#include "ingest/rules.h"

// The first row of the field, or of one behind it.
static const struct rule *first_of(const struct dialect *dialect, enum field field)
{
    size_t low = 0, high = dialect->rules_n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (dialect->rules[middle].field < field)
            low = middle + 1;
        else
            high = middle;
    }
    return dialect->rules + low;
}

struct json_object *rules_find(struct span *s, enum field field)
{
    const struct rule *end = s->dialect->rules + s->dialect->rules_n;
    for (const struct rule *rule = first_of(s->dialect, field); rule < end && rule->field == field; rule++) {
        struct json_object *value =
            rule->place == RESOURCE ? value_get(s->resource, rule->path) : span_attribute(s, rule->path);
        if (value_kind(value) != VALUE_NONE)
            return value;
    }
    return NULL;
}

struct str rules_text(struct span *s, enum field field)
{
    struct str text = value_text(rules_find(s, field));
    return text.n ? text : STR_NONE;
}

bool rules_consumes(const struct dialect *dialect, enum field field, struct str attribute)
{
    const struct rule *end = dialect->rules + dialect->rules_n;
    for (const struct rule *rule = first_of(dialect, field); rule < end && rule->field == field; rule++)
        if (str_eq(str_from(rule->path), attribute))
            return true;
    return false;
}
