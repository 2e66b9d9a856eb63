/* page.c -- see page.h. */
#include "engine/page.h"

#include "engine/notjson.h"
#include "json/plain.h"

enum { LOOK_BYTES = 64 * 1024, HEAD_BYTES = 2048, TITLE_BYTES = 1024 };

static ptrdiff_t find_nocase(struct str s, struct str word)
{
    for (size_t i = 0; i + word.n <= s.n; i++)
        if (str_eq_nocase(str_sub(s, i, i + word.n), word))
            return (ptrdiff_t)i;
    return -1;
}

static struct str from_mark(struct str text)
{
    text = trim_json(text);
    return str_starts(text, STR("\xEF\xBB\xBF")) ? trim_json(str_sub(text, 3, text.n))
                                                 : text;
}

const char *page_kind(struct str text)
{
    static const char *const html[] = {"<!doctype html", "<html",   "<head", "<title",
                                       "<body",          "<center", "<h1"};
    static const char *const xml[] = {"<?xml",    "<!--",   "<error",
                                      "<message", "<fault", "<response"};
    struct str head = str_sub(from_mark(text), 0, HEAD_BYTES);
    if (!head.n || head.p[0] != '<')
        return NULL;
    for (size_t i = 0; i < ARRAY_LEN(html); i++)
        if (find_nocase(head, str_of(html[i])) >= 0)
            return "a page of HTML";
    for (size_t i = 0; i < ARRAY_LEN(xml); i++)
        if (str_starts_nocase(head, str_of(xml[i])))
            return "a document of XML";
    return NULL;
}

/* What stands in the first element of this name, other elements in it included. */
static struct str element(struct str text, const char *name)
{
    const struct str none = {"", 0};
    struct str word = str_of(name);
    for (size_t at = 0; at < text.n;) {
        ptrdiff_t open = str_index(str_sub(text, at, text.n), '<');
        if (open < 0)
            return none;
        at += (size_t)open + 1;
        struct str rest = str_sub(text, at, text.n);
        if (!str_starts_nocase(rest, word) || rest.n == word.n ||
            !strchr(" \t\r\n>", rest.p[word.n]))
            continue;
        ptrdiff_t close = str_index(rest, '>');
        if (close < 0)
            return none;
        struct str inside = str_sub(rest, (size_t)close + 1, rest.n);
        inside = str_sub(inside, 0, TITLE_BYTES);
        for (size_t i = 0; i + 1 < inside.n; i++)
            if (inside.p[i] == '<' && inside.p[i + 1] == '/' &&
                str_starts_nocase(str_sub(inside, i + 2, inside.n), word))
                return str_sub(inside, 0, i);
        return inside;
    }
    return none;
}

/* The bytes of the entity at the front, and what it stands for. */
static size_t take_entity(struct str s, char *ret)
{
    static const struct {
        const char *name;
        char c;
    } named[] = {{"&amp;", '&'},  {"&quot;", '"'},  {"&#34;", '"'},
                 {"&#39;", '\''}, {"&apos;", '\''}, {"&#x27;", '\''},
                 {"&#64;", '@'},  {"&#x40;", '@'},  {"&nbsp;", ' '}}; /* no < and > */
    for (size_t i = 0; i < ARRAY_LEN(named); i++)
        if (str_starts_nocase(s, str_of(named[i].name))) {
            *ret = named[i].c;
            return strlen(named[i].name);
        }
    return 0;
}

static bool is_utf8(struct str s)
{
    const char *p = s.p, *end = s.p + s.n;
    while (p < end) {
        unsigned n = (unsigned char)*p < 0x80 ? 1 : json_utf8_len(p, end);
        if (n == 0)
            return false;
        p += n;
    }
    return true;
}

/* Without elements, entities and more than one blank together. */
static struct str plain(struct str from, char to[TITLE_BYTES])
{
    size_t n = 0;
    for (size_t i = 0; i < from.n;) {
        char c = from.p[i];
        size_t taken = c == '&' ? take_entity(str_sub(from, i, from.n), &c) : 0;
        if (from.p[i] == '<') {
            ptrdiff_t close = str_index(str_sub(from, i, from.n), '>');
            i = close < 0 ? from.n : i + (size_t)close + 1;
            continue;
        }
        i += taken ? taken : 1;
        bool is_blank = (unsigned char)c <= ' ' || c == 0x7F || c == '>';
        if (c == '\xC2' && i < from.n && (unsigned char)from.p[i] < 0xA0) {
            is_blank = true; /* a control character of 8 bits */
            i++;
        }
        if (!is_blank)
            to[n++] = c;
        else if (n && to[n - 1] != ' ')
            to[n++] = ' ';
    }
    return str_trim((struct str){to, n});
}

void page_title(struct str text, char to[CLEAN_BYTES])
{
    static const char *const names[] = {"title", "h1", "h2", "message"};
    char room[TITLE_BYTES];
    struct str look = str_sub(text, 0, LOOK_BYTES), title = {"", 0};
    for (size_t i = 0; i < ARRAY_LEN(names) && title.n == 0; i++)
        title = plain(element(look, names[i]), room);
    clean_message(title, !is_utf8(title), to);
}
