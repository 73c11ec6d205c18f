// SPDX-License-Identifier: Apache-2.0
// Pages as text.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <string.h>

#include "agent/html.h"
#include "base/buf.h"

struct sample {
    const char *html;
    const char *title;
    const char *text;
};

static const struct sample samples[] = {
    {"", "", ""},
    {"just text", "", "just text"},
    {"<title> A \n title </title><p>One</p><p>Two <b>bold</b>\n words</p>", "A title", "One\n\nTwo bold words"},
    {"<h1>Head</h1><ul><li>a</li><li>b <i>c</i></li></ul>end", "", "# Head\n\n- a\n- b c\n\nend"},
    {"<script>x<y</script><style>p{}</style><p>shown</p><noscript>no</noscript><svg><title>t</title></svg>", "",
     "shown"},
    {"a<br>b<br/><br>c", "", "a\nb\nc"},
    {"<pre>  two\n    four</pre>", "", "  two\n    four"},
    {"<table><tr><td>1</td><td>2</td></tr><tr><th>3</th><td>4</td></tr></table>", "", "1 2\n3 4"},
    {"x&nbsp;y &amp; &lt;z&gt; &#8594;", "", "x y & <z> →"},
    {"<div><div><div>deep</div></div></div><div>next</div>", "", "deep\n\nnext"},
    {"<!-- no --><p>yes</p><template><p>no</p></template>", "", "yes"},
    {"<p>unclosed <b>tags <i>every<p>where", "", "unclosed tags every\n\nwhere"},
    {"<title></title>x", "", "x"},
    {"<h2>Two</h2><h6>Six</h6>", "", "## Two\n\n###### Six"},
};

static void pages(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        struct buf title = {0}, body = {0};
        html_to_text(samples[i].html, strlen(samples[i].html), &title, &body);
        assert_string_equal(buf_cstr(&title), samples[i].title);
        assert_string_equal(buf_cstr(&body), samples[i].text);
        buf_fini(&title);
        buf_fini(&body);
    }
}

// The parser walks all open elements for each new one, so its time grows with the square of the depth.
#define DEPTH 10000
// Less than three pointers for each level: no recursion fits.
#define DEPTH_STACK (DEPTH * 24)

static void *convert_deep_page(void *result)
{
    struct buf page = {0}, title = {0};
    for (int i = 0; i < DEPTH; i++)
        buf_lit(&page, "<div>");
    buf_lit(&page, "bottom");
    html_to_text(page.p, page.n, &title, result);
    buf_fini(&page);
    buf_fini(&title);
    return NULL;
}

static void depth_needs_no_stack(void **state)
{
    struct buf body = {0};
    pthread_attr_t attributes;
    pthread_t thread;
    (void)state;
    assert_int_equal(pthread_attr_init(&attributes), 0);
    assert_int_equal(pthread_attr_setstacksize(&attributes, DEPTH_STACK), 0);
    assert_int_equal(pthread_create(&thread, &attributes, convert_deep_page, &body), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    (void)pthread_attr_destroy(&attributes);
    assert_string_equal(buf_cstr(&body), "bottom");
    buf_fini(&body);
}

static void expect_charset(const char *page, const char *expected)
{
    char charset[32];
    html_charset(page, strlen(page), charset, sizeof charset);
    assert_string_equal(charset, expected);
}

static void character_sets(void **state)
{
    (void)state;
    expect_charset("<meta charset=\"ISO-8859-15\">", "iso-8859-15");
    expect_charset("<meta http-equiv=content-type content='text/html; charset=windows-1252'>", "windows-1252");
    expect_charset("text/html; Charset=UTF-8", "utf-8");
    expect_charset("text/html", "");
    expect_charset("charset=", "");
    expect_charset("charset=a-very-long-name-that-does-not-fit-anywhere", "a-very-long-name-that-does-not-");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages),
        cmocka_unit_test(depth_needs_no_stack),
        cmocka_unit_test(character_sets),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
