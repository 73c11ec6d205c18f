// SPDX-License-Identifier: Apache-2.0
// One idea of text in three places: the server's check, jansson's, and what the emitter makes of any bytes.
#include <jansson.h>
#include "emitter/emit_utf8.h"
#include "base/jw.h"
#include "base/utf8.h"
#include "tests/fuzz/fuzz.h"

static void check_written(struct str text)
{
    struct buf json = {0};
    jw_string(&json, text);
    json_t *value = json_loadb(json.p, json.n, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    assert(value && str_eq((struct str){json_string_value(value), json_string_length(value)}, text));
    json_decref(value);
    buf_fini(&json);
}

static void check_cleaned(struct str text, bool is_text, size_t cut)
{
    struct emit_buf whole = {0}, parts = {0};
    size_t n = emit_utf8_clean(&whole, text.p, text.n, true);
    assert(n == text.n);
    n = emit_utf8_clean(&parts, text.p, cut, false);
    assert(n <= cut && cut - n <= 3);
    (void)emit_utf8_clean(&parts, text.p + n, text.n - n, true);
    struct str clean = {whole.p, whole.n};
    assert(utf8_valid(clean) && (clean.n == 0 || !memchr(clean.p, '\0', clean.n)));
    assert(str_eq(clean, (struct str){parts.p, parts.n}));
    assert(is_text == str_eq(clean, text));
    emit_buf_fini(&whole);
    emit_buf_fini(&parts);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    struct str text = {(const char *)data + 1, size - 1};
    bool is_valid = utf8_valid(text);
    json_t *value = json_stringn(text.p, text.n);

    assert(is_valid == (value != NULL));
    json_decref(value);
    check_cleaned(text, is_valid && !memchr(text.p, '\0', text.n), data[0] % (text.n + 1));
    if (!is_valid)
        return 0;
    check_written(text);
    struct str prefix = utf8_prefix(text, data[0]);
    assert(utf8_valid(prefix) && prefix.n <= data[0] && (prefix.n == text.n || data[0] - prefix.n <= 3));
    return 0;
}
