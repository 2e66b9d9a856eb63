/* test_quoting.c -- a value is written as what surrounds it needs: in prose as it is, in
 * JSON escaped, wherever that JSON stands; in the escapes that its tag had.
 *
 * Each case is a text with marks: @0 is a value as it is, @1 one inside a string of JSON,
 * @2 one in JSON in a string of JSON.  The engine's text has a tag for every mark.  It
 * comes whole, in bytes, and in pieces of every size up to nine. */
#include "mask/channel.h"
#include "mask/mask.h"
#include "json/write.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { TEXT_MAX = 1 << 16 };

static const unsigned char key[VAULT_KEY_BYTES] = "a key that a test may know";

struct fixture {
    struct vault *vault;
    struct tag odd, plain, mail, phone;
};

/* @ stands for the first value, # for the second. */
static const char odd[] = "12 \"A\" St.\nB \\ C";
static const char plain[] = "Zoe \"Z\"\nLee";

static void learn(struct fixture *f, const char *type, const char *value, struct tag *ret)
{
    struct err err;
    assert_int_equal(
        vault_tag(f->vault, type, str_of(value), false, NULL, NULL, ret, &err), 0);
}

static int begin(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    f->vault = vault_create(key, NULL, NULL);
    learn(f, "ADDRESS", odd, &f->odd);
    learn(f, "PERSON", plain, &f->plain);
    learn(f, "EMAIL", "ada+b@analytical.org", &f->mail);
    learn(f, "PHONE", "+49 30 123456", &f->phone);
    *state = f;
    return 0;
}

static int end(void **state)
{
    struct fixture *f = *state;
    vault_release(f->vault);
    free(f);
    return 0;
}

/* -- one text ---------------------------------------------------------------------- */

static void put_escaped(struct buf *b, struct str text, unsigned times)
{
    struct buf once;
    if (times == 0) {
        buf_append(b, text);
        return;
    }
    buf_init(&once, TEXT_MAX);
    json_write_string(&once, text);
    put_escaped(b, str_sub(buf_view(&once), 1, once.n - 1), times - 1);
    buf_release(&once);
}

/* The text with its marks replaced: by tags, or by what they stand for. */
static void expand(const struct fixture *f, const char *text, bool has_tags,
                   struct buf *out)
{
    for (; *text; text++) {
        bool is_mark = (*text == '@' || *text == '#') && text[1] >= '0' && text[1] <= '9';
        if (!is_mark) {
            buf_byte(out, *text);
            continue;
        }
        const struct tag *tag = *text == '@' ? &f->odd : &f->plain;
        if (has_tags)
            buf_append(out, (struct str){tag->text, tag->n});
        else
            put_escaped(out, str_of(*text == '@' ? odd : plain),
                        (unsigned)(text[1] - '0'));
        text++;
    }
}

static void feed(const struct fixture *f, enum channel_kind kind, struct str text,
                 size_t step, struct buf *out)
{
    struct restore_counts counts = {0};
    struct channel ch;
    struct buf scratch;
    buf_init(&scratch, TEXT_MAX);
    channel_init(&ch, kind);
    for (size_t at = 0; at < text.n; at += step) {
        struct str piece = str_sub(text, at, at + step);
        bool same;
        channel_feed(&ch, f->vault, piece, at + step >= text.n, &scratch, out, &counts,
                     &same);
        if (same)
            buf_append(out, piece);
    }
    buf_release(&scratch);
}

static void check(const struct fixture *f, enum channel_kind kind, struct str text,
                  struct str want)
{
    for (size_t step = 0; step < 10; step++) {
        struct buf got;
        buf_init(&got, TEXT_MAX);
        feed(f, kind, text, step ? step : text.n, &got);
        if (!str_eq(buf_view(&got), want))
            fprintf(stderr, "in pieces of %zu\ntext <%.*s>\ngot  <%.*s>\nwant <%.*s>\n",
                    step, STR_ARG(text), STR_ARG(buf_view(&got)), STR_ARG(want));
        assert_true(str_eq(buf_view(&got), want));
        buf_release(&got);
    }
}

static void check_marked(const struct fixture *f, enum channel_kind kind,
                         const char *marked)
{
    struct buf text, want;
    buf_init(&text, TEXT_MAX);
    buf_init(&want, TEXT_MAX);
    expand(f, marked, true, &text);
    expand(f, marked, false, &want);
    check(f, kind, buf_view(&text), buf_view(&want));
    buf_release(&text);
    buf_release(&want);
}

static void check_all(const struct fixture *f, enum channel_kind kind,
                      const char *const *marked, size_t n)
{
    for (size_t i = 0; i < n; i++)
        check_marked(f, kind, marked[i]);
}

/* -- facts -------------------------------------------------------------------------- */

static void json_in_an_answer_stays_json(void **state)
{
    static const char *const texts[] = {
        "Dear @0, hello",
        "{\"a\": \"@1\"}",
        " \n[ \"@1\", {\"b\": [\"#1\", 1.5e3, true, null]}]\nthat was @0",
        "Sure: {\"a\": \"@1\"} and [{\"x\":\"@1\"}]. So @0, \"@0\"",
        "{\"a\":\"{\\\"b\\\": \\\"@2\\\"}\", \"c\":\"@1\"}",
        "{\"a\":\"{\\\"b\\\": \\\"{\\\\\\\"c\\\\\\\":\\\\\\\"#3\\\\\\\"}\\\"}\"} #0",
        "{\"a\":\"x @1 {\\\"b\\\": \\\"@2\\\"} @1\"}",
    };
    check_all(*state, CHANNEL_CONTENT, texts, ARRAY_LEN(texts));
}

static void json_in_a_fence_stays_json(void **state)
{
    static const char *const texts[] = {
        "```json\n{\"a\": \"@1\"}\n```\nFor @0.",
        "Here it is:\n\n```json\n{\n  \"a\": \"@1\",\n  \"b\": [\"@1\"]\n}\n```\nand @0",
        "```\n{\"a\": \"@1\"}\n```\n@0",
        "````json\n[\"@1\"]\n````\n@0",
        "~~~json\n[\"@1\"]\n~~~\n@0",
        "- item:\n  ```json\n  {\"a\":\"@1\"}\n  ```\n  @0",
        "> ```json\n> {\"a\":\"@1\"}\n> ```\n> @0",
        "```JSON title=\"x\"\r\n[1, \"@1\"]\r\n```\r\n@0",
        "```json\n{\"a\":\"@1\"}\n```\nor\n```json\n{\"b\":\"@1\"}\n```\n@0",
        "```json\n{\"a\":\"@1\"}\n```json\n{\"b\":\"@1\"}\n```\n@0 \"@0\"",
        "```json {\"a\": \"@1\"}\n```\n@0",
        "```json\n{\"a\":\"{\\\"b\\\": \\\"@2\\\"}\", \"c\": \"@1\"}\n```",
        "```jsonl\n{\"a\":\"@1\"}\n{\"a\":\"@1\"}\n```\n@0",
        "```jsonc\n{ // of @0\n \"a\": \"@1\" }\n```\n@0",
        "```json\n\"@1\"\n```\n@0",
        "```markdown\nof @0\n{\"a\":\"@1\"}\n```\n@0",
        "```sh\ncurl -d '{\"a\":\"@1\"}' x\n```\n@0",
    };
    check_all(*state, CHANNEL_CONTENT, texts, ARRAY_LEN(texts));
}

static void what_only_looks_like_json_is_text(void **state)
{
    static const char *const texts[] = {
        "a set {\"x\" of @0 and \"@0\"",
        "quotes [\" here\n\"@0\"",
        "``` @0 ``` and `@0` \"@0\"",
        "see [1], [\"@1\"] and {@0} [@0]",
        "the \"```json\" fence: \"@0\"",
        "``x\n\"@0\"",
        "{{ name }} \"@0\"",
        "[link](http://x) \"@0\"",
    };
    check_all(*state, CHANNEL_CONTENT, texts, ARRAY_LEN(texts));
}

/* Quotes are doubled there; a value with doubled ones has been cut out of such a string.
 */
static void quotes_are_doubled_where_that_is_the_rule(void **state)
{
    static const struct {
        const char *before, *behind, *want;
    } cases[] = {
        {"```sql\nselect 'x', '", "' -- \n```\n", "Sean O''Brien \"S\""},
        {"```sql\nselect 'it''s ", "'\n```\n", "Sean O''Brien \"S\""},
        {"```csv\n1,\"", "\",2\n```\n", "Sean O'Brien \"\"S\"\""},
        {"```csv\n1,", ",2\n```\n", "Sean O'Brien \"S\""},
        {"```yaml\na: '", "'\n```\n", "Sean O''Brien \"S\""},
        {"```yaml\na: it's ", "\n```\n", "Sean O'Brien \"S\""},
        {"```python\na = '", "'\n```\n", "Sean O\\'Brien \"S\""},
        {"```sql\nselect '{\"a\": \"", "\"}'\n```\n", "Sean O''Brien \\\"S\\\""},
    };
    struct fixture *f = *state;
    struct tag brien, doubled;
    learn(f, "PERSON", "Sean O'Brien \"S\"", &brien);
    learn(f, "PERSON", "Sean O''Brien", &doubled);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buf text, want;
        buf_init(&text, TEXT_MAX);
        buf_init(&want, TEXT_MAX);
        buf_printf(&text, "%s%s%s", cases[i].before, brien.text, cases[i].behind);
        buf_printf(&want, "%s%s%s", cases[i].before, cases[i].want, cases[i].behind);
        check(f, CHANNEL_CONTENT, buf_view(&text), buf_view(&want));
        buf_release(&text);
        buf_release(&want);
    }
    struct buf text;
    buf_init(&text, TEXT_MAX);
    buf_printf(&text, "```sql\nselect '%s'", doubled.text);
    check(f, CHANNEL_CONTENT, buf_view(&text), STR("```sql\nselect 'Sean O''Brien'"));
    buf_release(&text);
}

static void strings_of_code_are_escaped_and_other_texts_are_left(void **state)
{
    static const char *const texts[] = {
        "```python\nname = \"#1\"  # of #0\nprint(\"#1\")\n```\n\"#0\"",
        "```js\nconst a = { b: \"#1\" }; // #0\n```\n#0",
        "```c\nputs(\"#1\");\n```\n#0",
        "```yaml\na: \"#1\"\nb: #0\n- \"#1\"\nc: 5\" #0\n```\n\"#0\"",
        "```xml\n<a b=\"#0\">#0</a>\n```\n",
        "```html\n<a href=\"#0\">#0</a>\n```\n",
        "```sh\necho \"#0\"\n```\n",
        "```sql\nselect '#0'\n```\n",
        "```python\nwas_escaped = \"@0\"\n```\n", /* has backslashes: perhaps cut out */
    };
    check_all(*state, CHANNEL_CONTENT, texts, ARRAY_LEN(texts));
}

static void tool_arguments_are_json_at_every_depth(void **state)
{
    static const char *const texts[] = {
        "{\"q\":\"@1\"}",
        "{\"q\":\"```json\\n{\\\"a\\\":\\\"@2\\\"}\\n```\\n@1\"}",
        "{\"q\":\"see {\\\"a\\\":\\\"@2\\\"}, @1\"}",
        "{\"q\":\"```python\\nx = \\\"#2\\\"\\n```\\n#1\"}",
        "{\"q\":\"a\nb @1\", \"r\":\"@1\"}",
        "{\"q\":\"it's {\\\"x\\\" of @1\"}",
    };
    check_all(*state, CHANNEL_ARGUMENTS, texts, ARRAY_LEN(texts));
}

/* -- escapes ------------------------------------------------------------------------ */

/* The tag with every character, or only those named, written as `format` says. */
static void put_as(struct buf *b, struct tag tag, const char *which, const char *format)
{
    for (size_t i = 0; i < tag.n; i++) {
        char c = tag.text[i];
        if (which && !strchr(which, c))
            buf_byte(b, c);
        else if (strcmp(format, "%") == 0)
            buf_printf(b, "%%%02X", (unsigned)c);
        else if (strcmp(format, "%%") == 0)
            buf_printf(b, "%%25%02x", (unsigned)c);
        else if (strcmp(format, "=") == 0)
            buf_printf(b, "=%02X", (unsigned)c);
        else if (strcmp(format, "x") == 0)
            buf_printf(b, "&#x%x;", (unsigned)c);
        else if (strcmp(format, "line") == 0)
            buf_printf(b, "=\r\n%c", c);
        else if (strcmp(format, "u") == 0)
            buf_printf(b, "\\u%04x", (unsigned)c);
        else if (strcmp(format, "amp") == 0)
            buf_printf(b, "&amp;#%u;", (unsigned)c);
        else if (strcmp(format, "name") == 0)
            buf_printf(b, "%s", c == '@' ? "&commat;" : "&period;");
        else
            buf_printf(b, "&#%u;", (unsigned)c);
    }
}

static void a_value_comes_back_in_the_escapes_of_its_tag(void **state)
{
    static const struct {
        const char *which, *format, *want;
    } cases[] = {
        {"@", "%", "ada%2Bb%40analytical.org"},
        {"@.", "%", "ada%2Bb%40analytical.org"},
        {"@", "%%", "ada%252Bb%2540analytical.org"},
        {NULL, "%", "%61%64%61%2B%62%40%61%6E%61%6C%79%74%69%63%61%6C%2E%6F%72%67"},
        {"@", "#", "ada+b&#64;analytical.org"},
        {"@.", "x", "ada+b&#x40;analytical.org"},
        {"@", "name", "ada+b&commat;analytical.org"},
        {"@.", "name", "ada+b&commat;analytical.org"},
        {"@", "amp", "ada+b&amp;#64;analytical.org"},
        {NULL, "#",
         "&#97;&#100;&#97;&#43;&#98;&#64;&#97;&#110;&#97;&#108;&#121;&#116;&#105;&#99;"
         "&#97;&#108;&#46;&#111;&#114;&#103;"},
        {"@", "=", "ada+b=40analytical.org"},
        {"@", "u", "ada+b@analytical.org"},
        {"@", "line", "ada+b@analytical.org"},
    };
    const struct fixture *f = *state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buf text, want;
        buf_init(&text, TEXT_MAX);
        buf_init(&want, TEXT_MAX);
        buf_lit(&text, "<a href=\"mailto:");
        put_as(&text, f->mail, cases[i].which, cases[i].format);
        buf_lit(&text, "?subject=x\">100% & =");
        buf_printf(&want, "<a href=\"mailto:%s?subject=x\">100%% & =", cases[i].want);
        check(f, CHANNEL_CONTENT, buf_view(&text), buf_view(&want));
        buf_release(&text);
        buf_release(&want);
    }
}

static void escapes_around_a_tag_do_not_hide_it(void **state)
{
    const struct fixture *f = *state;
    struct buf text;
    buf_init(&text, TEXT_MAX);
    buf_lit(&text, "tel=%20");
    put_as(&text, f->phone, "+", "%");
    buf_lit(&text, "&to=%3C");
    put_as(&text, f->mail, "@", "%");
    buf_lit(&text, "%3E&x=%2");
    check(f, CHANNEL_CONTENT, buf_view(&text),
          STR("tel=%20%2B49%2030%20123456&to=%3Cada%2Bb%40analytical.org%3E&x=%2"));
    buf_release(&text);
}

static void an_address_that_is_spelt_out_comes_back_spelt_out(void **state)
{
    static const struct {
        const char *behind, *want;
    } cases[] = {
        {" [at] example [dot] com, or", "ada+b [at] analytical [dot] org, or"},
        {"(at)example(dot)com!", "ada+b(at)analytical(dot)org!"},
        {" at example dot com ", "ada+b at analytical dot org "},
        {"\xEF\xBC\xA0"
         "example.com",
         "ada+b\xEF\xBC\xA0"
         "analytical.org"},
        {" at Example Street", "ada+b at Example Street"},
        {" at home, for example", "ada+b at home, for example"},
        {" at", "ada+b at"},
    };
    const struct fixture *f = *state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buf text;
        buf_init(&text, TEXT_MAX);
        buf_printf(&text, "%.*s%s", f->mail.n - 12, f->mail.text, cases[i].behind);
        check(f, CHANNEL_CONTENT, buf_view(&text), str_of(cases[i].want));
        buf_release(&text);
    }
}

static void the_name_of_an_address_comes_back_alone(void **state)
{
    const struct fixture *f = *state;
    const int n = f->mail.n - 12;
    struct buf text;
    buf_init(&text, TEXT_MAX);
    buf_printf(&text, "user %.*s, or %.*s.", n, f->mail.text, n, f->mail.text);
    check(f, CHANNEL_CONTENT, buf_view(&text), STR("user ada+b, or ada+b."));
    buf_clear(&text);
    buf_printf(&text, "%.*s", n, f->mail.text);
    check(f, CHANNEL_CONTENT, buf_view(&text), STR("ada+b"));
    buf_release(&text);
}

/* The texts have @@ where the tag goes, ~ where its name alone does. */
static void put_marked(struct buf *b, const char *text, struct str whole, struct str name)
{
    for (; *text; text++)
        if (text[0] == '@' && text[1] == '@')
            buf_append(b, whole), text++;
        else if (*text == '~')
            buf_append(b, name);
        else
            buf_byte(b, *text);
}

static void check_whole(const struct fixture *f, const char *text, bool is_restored)
{
    struct str tag = {f->mail.text, f->mail.n}, name = str_sub(tag, 0, tag.n - 12);
    struct buf got, want;
    buf_init(&got, TEXT_MAX);
    buf_init(&want, TEXT_MAX);
    put_marked(&got, text, tag, name);
    if (is_restored)
        put_marked(&want, text, STR("ada+b@analytical.org"), STR("ada+b"));
    else
        buf_append(&want, buf_view(&got));
    check(f, CHANNEL_CONTENT, buf_view(&got), buf_view(&want));
    buf_release(&got);
    buf_release(&want);
}

static void a_tag_that_is_part_of_another_address_stays(void **state)
{
    static const char *const texts[] = {"news.@@",
                                        "x@@",
                                        "9@@ ",
                                        "bob+@@",
                                        "info-@@, ",
                                        "a_@@",
                                        "a%2B@@",
                                        "a%2e@@",
                                        "foo@@@",
                                        "a@~",
                                        "a@~.example.com",
                                        "@@.au",
                                        "@@.au, or",
                                        "@@.co.uk",
                                        "@@.AU",
                                        "@@munity",
                                        "@@1",
                                        "@@@gmail.com",
                                        "@@%2Eau",
                                        "@@&#46;au",
                                        "@@%40x",
                                        "~@gmail.com",
                                        "~@other.org, ",
                                        "~@example.org",
                                        "~@example.co",
                                        "~@exam",
                                        "~@mail.example.com",
                                        "~@example-mail.com",
                                        "~@xexample.com",
                                        "~@example,com",
                                        "~%40gmail.com",
                                        "~&#64;gmail.com",
                                        "~&commat;gmail.com",
                                        "~=40gmail.com",
                                        "~ @gmail.com",
                                        "~\\@gmail.com",
                                        "~@",
                                        "~@ ",
                                        "\"~\"@gmail.com",
                                        "~ (@gmail.com)",
                                        "~<b>@</b>gmail.com",
                                        "~<span class=\"at\">@</span>gmail.com",
                                        "~.work@example.com",
                                        "~-news@example.com",
                                        "~_x@example.com",
                                        "~news@example.com",
                                        "~news",
                                        "~.a.b@gmail.com",
                                        "~+news@gmail.com",
                                        "~%news@example.com",
                                        "~!example.com@relay.org",
                                        "~=x@gmail.com",
                                        "~\xEF\xBC\xA0gmail.com",
                                        "~\xEF\xB9\xABgmail.com",
                                        "~\n@gmail.com",
                                        "~<!-- no robots -->@example.com",
                                        "~ AT gmail DOT com",
                                        "~+news@example.org",
                                        "~+news@example.com.au",
                                        "~%2Bnews%40gmail.com",
                                        "~<i>+a</i>@gmail.com",
                                        "~ at gmail dot com",
                                        "~ [at] gmail [dot] com",
                                        "~ at gmail.com",
                                        "~(at)mail(dot)example(dot)com",
                                        "~+news [at] example [dot] com",
                                        "~ [at] example [dot] com.au",
                                        "~ [at] example [dot] org"};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        check_whole(*state, texts[i], false);
}

static void a_tag_with_other_text_around_it_comes_back(void **state)
{
    static const char *const texts[] = {"<@@>",
                                        "mailto:@@",
                                        "mailto:@@?subject=x",
                                        "Ada <@@>, or @@;@@",
                                        "(@@)",
                                        "@@.",
                                        "@@. Then",
                                        "@@.Then",
                                        "@@...",
                                        "@@-Adresse",
                                        "@@_backup",
                                        "@@'s",
                                        "@@:8080",
                                        "//@@/inbox",
                                        "user=@@&x=1",
                                        "'@@'",
                                        "_@@_",
                                        "**@@**",
                                        "`@@`",
                                        " -@@",
                                        "...@@",
                                        "--@@",
                                        "\xC3\xBC@@",
                                        "\\n@@",
                                        "\\t@@\\n",
                                        "%20@@%20",
                                        "%0A@@",
                                        "&lt;@@&gt;",
                                        "&nbsp;@@",
                                        "=3C@@=3E",
                                        "\\u003c@@\\u003e",
                                        "@@\xE3\x81\xAB",
                                        "@@,@@",
                                        "[@@](mailto:@@)",
                                        "{\"to\":\"@@\"}",
                                        "~",
                                        "~.",
                                        "user ~, and",
                                        "~!",
                                        "**~**",
                                        "~\xE3\x81\x95\xE3\x82\x93",
                                        "~ & co",
                                        "~<br>",
                                        "~'s",
                                        "~: x",
                                        "~ at home. Then",
                                        "/home/~/",
                                        "~.json",
                                        "~, bob",
                                        "@~",
                                        "(~)",
                                        "~ -- x",
                                        "~_old"};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        check_whole(*state, texts[i], true);
}

/* The same mailbox: what was added stays, and the domain is the value's. */
static void a_plus_part_behind_a_name_keeps_the_domain(void **state)
{
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"~+news@example.com", "ada+b+news@analytical.org"},
        {"<~+a.b-c@example.com>", "<ada+b+a.b-c@analytical.org>"},
        {"mailto:~+x@EXAMPLE.COM?a", "mailto:ada+b+x@analytical.org?a"},
        {"~%2Bnews%40example.com&x", "ada%2Bb%2Bnews%40analytical.org&x"},
        {"~&#43;news&#64;example.com;", "ada+b&#43;news&#64;analytical.org;"},
        {"~+@example.com", "ada+b+@analytical.org"},
        {"~+\xE6\x97\xA5\xE6\x9C\xAC@example.com",
         "ada+b+\xE6\x97\xA5\xE6\x9C\xAC@analytical.org"},
    };
    const struct fixture *f = *state;
    struct str tag = {f->mail.text, f->mail.n};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buf text;
        buf_init(&text, TEXT_MAX);
        put_marked(&text, cases[i].text, tag, str_sub(tag, 0, tag.n - 12));
        check(f, CHANNEL_CONTENT, buf_view(&text), str_of(cases[i].want));
        buf_release(&text);
    }
}

/* Escapes of further languages, and marks of Markdown and HTML inside of a tag, which
 * stay in pairs. */
static void tags_in_further_spellings_come_back(void **state)
{
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"'~\\x40example.com'", "'ada+b@analytical.org'"},
        {"'~\\u{40}example.com'", "'ada+b@analytical.org'"},
        {"'~\\U00000040example.com'", "'ada+b@analytical.org'"},
        {"'~\\100example.com'", "'ada+b@analytical.org'"},
        {"'~\\\\x40example\\\\x2ecom'", "'ada+b@analytical.org'"},
        {"~&#64example.com.", "ada+b&#64;analytical.org."},
        {"?to=~%252540example.com&x", "?to=ada%252Bb%2540analytical.org&x"},
        {"<span>~</span>@example.com, x", "<span>ada+b@analytical.org</span>, x"},
        {"~<wbr>@example.com, x", "ada+b@analytical.org, x"},
        {"<b>@@</b>, x", "<b>ada+b@analytical.org</b>, x"},
        {"**~**@example.com, x", "**ada+b@analytical.org**, x"},
        {"**~**, x", "**ada+b**, x"},
        {"~<b>, x", "ada+b<b>, x"},
    };
    const struct fixture *f = *state;
    struct str tag = {f->mail.text, f->mail.n};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buf text;
        buf_init(&text, TEXT_MAX);
        put_marked(&text, cases[i].text, tag, str_sub(tag, 0, tag.n - 12));
        check(f, CHANNEL_CONTENT, buf_view(&text), str_of(cases[i].want));
        buf_release(&text);
    }
}

/* -- pieces -------------------------------------------------------------------------- */

/* Texts of marks, beginnings of escapes and of tags, and whole ones: how they are cut
 * must not matter. */
static void pieces_of_any_size_give_the_same(void **state)
{
    static const char *const parts[] = {
        "{",   "}",    "[",     "]",      "\"",      "\\",   "'",   "`",    "```",
        "~~~", "\n",   "json",  "yaml",   "sql",     "%",    "%4",  "%40",  "%25",
        "&",   "&#",   "&#64;", "&amp;",  "=",       "=4",   "=40", "=\r",  "\\u",
        ":",   ",",    " ",     "\\u00",  "\\u0040", "[at]", "dot", "com",  "example",
        "m",   "Pers", "mail",  "Person", "+",       "1",    "00",  "\xC2", "\xAD"};
    const struct fixture *f = *state;
    const struct tag *const tags[] = {&f->odd, &f->plain, &f->mail, &f->phone};
    uint64_t x = 88172645463325252u;
    for (int round = 0; round < 1000; round++) {
        struct buf text, whole;
        buf_init(&text, TEXT_MAX);
        buf_init(&whole, TEXT_MAX);
        for (int i = 0; i < 30; i++) {
            x ^= x << 13;
            x ^= x >> 7;
            x ^= x << 17;
            const struct tag *t = tags[x % 4];
            if (x >> 8 & 3)
                buf_append(&text, str_of(parts[(x >> 16) % ARRAY_LEN(parts)]));
            else if (x >> 10 & 1)
                buf_append(&text, (struct str){t->text, t->n});
            else /* the beginning of one */
                buf_append(&text, (struct str){t->text, (x >> 16) % t->n});
        }
        feed(f, round & 1 ? CHANNEL_CONTENT : CHANNEL_ARGUMENTS, buf_view(&text), text.n,
             &whole);
        check(f, round & 1 ? CHANNEL_CONTENT : CHANNEL_ARGUMENTS, buf_view(&text),
              buf_view(&whole));
        buf_release(&text);
        buf_release(&whole);
    }
}

/* -- masking ------------------------------------------------------------------------- */

/* The value that the body's only span, between < and >, gives back in plain text. */
static void check_masked(const struct fixture *f, const char *marked, const char *want)
{
    struct str body = str_of(marked);
    struct mask_span span = {.type = "ADDRESS", .depth = 1};
    struct mask_counts counts;
    struct buf masked;
    struct err err;
    span.start = (uint32_t)str_index(body, '<') + 1;
    span.end = (uint32_t)str_index(body, '>');
    buf_init(&masked, TEXT_MAX);
    assert_int_equal(mask_body(f->vault, body, &span, 1, &masked, &counts, &err), 0);
    ptrdiff_t from = str_index(buf_view(&masked), '<');
    struct str tag = str_sub(buf_view(&masked), (size_t)from + 1,
                             (size_t)str_index(buf_view(&masked), '>'));
    check(f, CHANNEL_CONTENT, tag, str_of(want));
    buf_release(&masked);
}

static void a_value_cut_out_of_json_in_a_text_is_what_that_json_means(void **state)
{
    check_masked(*state, "{\"c\":\"see {\\\"a\\\":\\\"<1 B\\\\nSt>\\\"}\"}", "1 B\nSt");
    check_masked(*state, "{\"c\":\"```json\\n[\\\"<1 \\\\\\\"B\\\\\\\" St>\\\"]\\n```\"}",
                 "1 \"B\" St");
    check_masked(*state, "{\"c\":\"see <A\\\\nB> there\"}", "A\\nB"); /* no JSON */
    check_masked(*state, "{\"c\":\"see {\\\"a\\\":1} <A\\\\nB>\"}", "A\\nB");
    check_masked(*state, "{\"c\":\"```python\\nx = \\\"<A\\\\nB>\\\"\"}", "A\\nB");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(json_in_an_answer_stays_json, begin, end),
        cmocka_unit_test_setup_teardown(json_in_a_fence_stays_json, begin, end),
        cmocka_unit_test_setup_teardown(what_only_looks_like_json_is_text, begin, end),
        cmocka_unit_test_setup_teardown(quotes_are_doubled_where_that_is_the_rule, begin,
                                        end),
        cmocka_unit_test_setup_teardown(
            strings_of_code_are_escaped_and_other_texts_are_left, begin, end),
        cmocka_unit_test_setup_teardown(tool_arguments_are_json_at_every_depth, begin,
                                        end),
        cmocka_unit_test_setup_teardown(a_value_comes_back_in_the_escapes_of_its_tag,
                                        begin, end),
        cmocka_unit_test_setup_teardown(escapes_around_a_tag_do_not_hide_it, begin, end),
        cmocka_unit_test_setup_teardown(a_tag_that_is_part_of_another_address_stays,
                                        begin, end),
        cmocka_unit_test_setup_teardown(a_tag_with_other_text_around_it_comes_back, begin,
                                        end),
        cmocka_unit_test_setup_teardown(a_plus_part_behind_a_name_keeps_the_domain, begin,
                                        end),
        cmocka_unit_test_setup_teardown(tags_in_further_spellings_come_back, begin, end),
        cmocka_unit_test_setup_teardown(an_address_that_is_spelt_out_comes_back_spelt_out,
                                        begin, end),
        cmocka_unit_test_setup_teardown(the_name_of_an_address_comes_back_alone, begin,
                                        end),
        cmocka_unit_test_setup_teardown(pieces_of_any_size_give_the_same, begin, end),
        cmocka_unit_test_setup_teardown(
            a_value_cut_out_of_json_in_a_text_is_what_that_json_means, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
