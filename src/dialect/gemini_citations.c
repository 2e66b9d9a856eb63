/* gemini_citations.c -- pages that an answer cites, as Gemini says it: what was found,
 * and, of a text that is whole, which of its bytes each is about.
 *
 * Google counts bytes of a part, OpenAI characters of the text. */
#include "dialect/gemini.h"
#include "json/write.h"

/* One of weir's form, its members at once or in an object of their own. */
static bool next_page(struct json_cur *c, struct str *ret)
{
    struct str one, inner;
    while (array_next(c, &one)) {
        inner = json_get(one, "url_citation");
        *ret = raw_is(inner, '{') ? inner : one;
        if (raw_is(json_get(*ret, "url"), '"'))
            return true;
    }
    return false;
}

/* The byte where the character of this number begins; beyond the text: its end. */
static size_t byte_of(struct str text, struct str number)
{
    int64_t chars;
    size_t at = 0;
    if (!number.p || !json_to_i64(number, &chars))
        return 0;
    for (; at < text.n; at++)
        if (((unsigned char)text.p[at] & 0xC0) != 0x80 && chars-- <= 0)
            break;
    return at;
}

static void write_chunks(struct json_writer *w, struct str pages)
{
    struct json_cur c;
    struct str page;
    json_key(w, "groundingChunks");
    json_array_open(w);
    array_begin(&c, pages);
    while (next_page(&c, &page)) {
        struct str title = json_get(page, "title");
        json_object_open(w);
        json_key(w, "web");
        json_object_open(w);
        json_key(w, "uri");
        json_raw(w, json_get(page, "url"));
        if (raw_is(title, '"') && title.n > 2) {
            json_key(w, "title");
            json_raw(w, title);
        }
        json_object_close(w);
        json_object_close(w);
    }
    json_array_close(w);
}

static void write_supports(struct json_writer *w, struct str pages, struct str text,
                           size_t part)
{
    struct json_cur c;
    struct str page;
    json_key(w, "groundingSupports");
    json_array_open(w);
    array_begin(&c, pages);
    for (size_t i = 0; next_page(&c, &page); i++) {
        size_t from = byte_of(text, json_get(page, "start_index"));
        size_t to = byte_of(text, json_get(page, "end_index"));
        if (from >= to)
            continue;
        json_object_open(w);
        json_key(w, "segment");
        json_object_open(w);
        json_key(w, "partIndex");
        json_u64(w, part);
        json_key(w, "startIndex");
        json_u64(w, from);
        json_key(w, "endIndex");
        json_u64(w, to);
        json_key(w, "text");
        json_str(w, str_sub(text, from, to));
        json_object_close(w);
        json_key(w, "groundingChunkIndices");
        json_array_open(w);
        json_u64(w, i);
        json_array_close(w);
        json_object_close(w);
    }
    json_array_close(w);
}

bool gemini_has_citations(struct str pages)
{
    struct json_cur c;
    struct str page;
    return pages.p && array_begin(&c, pages) && next_page(&c, &page);
}

void gemini_write_citations(struct json_writer *w, struct str pages, struct str text,
                            size_t part)
{
    if (LIKELY(!gemini_has_citations(pages)))
        return;
    json_key(w, "groundingMetadata");
    json_object_open(w);
    write_chunks(w, pages);
    if (text.n)
        write_supports(w, pages, text, part);
    json_object_close(w);
}
