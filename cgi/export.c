// SPDX-License-Identifier: Apache-2.0
#include "cgi/export.h"

const struct export_form *export_form_of(struct str name)
{
    static const struct export_form *const forms[] = {&export_json, &export_ndjson, &export_markdown, &export_otlp};
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
        if (str_eq(name, str_from(forms[i]->name)))
            return forms[i];
    return NULL;
}

struct str export_text(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    return json_is_string(value) ? (struct str){json_string_value(value), json_string_length(value)} : STR_NONE;
}

void export_unquote(struct buf *out, struct str json)
{
    json_t *value = json_loadb(json.p, json.n, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    if (json_is_string(value))
        buf_bytes(out, json_string_value(value), json_string_length(value));
    json_decref(value);
}
