// SPDX-License-Identifier: Apache-2.0
#include "agent/charsets.h"

#include <stddef.h>
#include <string.h>

#define LABELS 9

// The sets of WHATWG's Encoding Standard by iconv's names, and what pages call them. As there, Latin-1 means
// windows-1252.
static const struct charset {
    const char *name;
    const char *labels[LABELS];
} charsets[] = {
    {"WINDOWS-1252",
     {"windows-1252", "cp1252", "x-cp1252", "iso-8859-1", "iso8859-1", "latin1", "l1", "us-ascii", "ascii"}},
    {"WINDOWS-1250", {"windows-1250", "cp1250", "x-cp1250"}},
    {"WINDOWS-1251", {"windows-1251", "cp1251", "x-cp1251"}},
    {"WINDOWS-1253", {"windows-1253", "cp1253", "x-cp1253"}},
    {"WINDOWS-1254", {"windows-1254", "cp1254", "x-cp1254", "iso-8859-9", "iso8859-9", "latin5", "l5"}},
    {"WINDOWS-1255", {"windows-1255", "cp1255", "x-cp1255"}},
    {"WINDOWS-1256", {"windows-1256", "cp1256", "x-cp1256"}},
    {"WINDOWS-1257", {"windows-1257", "cp1257", "x-cp1257"}},
    {"WINDOWS-1258", {"windows-1258", "cp1258", "x-cp1258"}},
    {"CP874", {"windows-874", "iso-8859-11", "iso8859-11", "tis-620", "dos-874"}},
    {"IBM866", {"ibm866", "cp866", "866"}},
    {"ISO-8859-2", {"iso-8859-2", "iso8859-2", "latin2", "l2"}},
    {"ISO-8859-3", {"iso-8859-3", "iso8859-3", "latin3", "l3"}},
    {"ISO-8859-4", {"iso-8859-4", "iso8859-4", "latin4", "l4"}},
    {"ISO-8859-5", {"iso-8859-5", "iso8859-5", "cyrillic"}},
    {"ISO-8859-6", {"iso-8859-6", "iso8859-6", "arabic", "ecma-114"}},
    {"ISO-8859-7", {"iso-8859-7", "iso8859-7", "greek", "ecma-118"}},
    {"ISO-8859-8", {"iso-8859-8", "iso8859-8", "iso-8859-8-i", "hebrew", "logical"}},
    {"ISO-8859-10", {"iso-8859-10", "iso8859-10", "latin6", "l6"}},
    {"ISO-8859-13", {"iso-8859-13", "iso8859-13"}},
    {"ISO-8859-14", {"iso-8859-14", "iso8859-14"}},
    {"ISO-8859-15", {"iso-8859-15", "iso8859-15", "l9"}},
    {"ISO-8859-16", {"iso-8859-16"}},
    {"KOI8-R", {"koi8-r", "koi8", "koi8_r", "koi"}},
    {"KOI8-U", {"koi8-u", "koi8-ru"}},
    {"MACINTOSH", {"macintosh", "mac", "x-mac-roman"}},
    {"GB18030", {"gb18030", "gbk", "x-gbk", "gb2312", "gb_2312", "gb_2312-80", "chinese", "iso-ir-58"}},
    {"BIG5-HKSCS", {"big5", "big5-hkscs", "x-x-big5", "cn-big5"}},
    {"EUC-JP", {"euc-jp", "x-euc-jp"}},
    {"ISO-2022-JP", {"iso-2022-jp"}},
    {"CP932", {"shift_jis", "shift-jis", "sjis", "x-sjis", "ms_kanji", "ms932", "windows-31j"}},
    {"CP949", {"euc-kr", "korean", "ks_c_5601-1987", "ks_c_5601-1989", "ksc5601", "windows-949"}},
    {"UTF-16LE", {"utf-16", "utf-16le", "unicode", "ucs-2"}},
    {"UTF-16BE", {"utf-16be"}},
};
enum { CHARSETS = sizeof charsets / sizeof charsets[0] };

static iconv_t converters[CHARSETS];

void charsets_open(void)
{
    for (size_t i = 0; i < CHARSETS; i++)
        converters[i] = iconv_open("UTF-8", charsets[i].name);
}

void charsets_close(void)
{
    for (size_t i = 0; i < CHARSETS; i++)
        if (converters[i] != (iconv_t)-1)
            (void)iconv_close(converters[i]);
}

static int has_label(const struct charset *charset, const char *label)
{
    for (size_t i = 0; i < LABELS && charset->labels[i]; i++)
        if (strcmp(charset->labels[i], label) == 0)
            return 1;
    return 0;
}

iconv_t charsets_find(const char *label)
{
    for (size_t i = 0; i < CHARSETS; i++)
        if (has_label(&charsets[i], label))
            return converters[i];
    return (iconv_t)-1;
}
