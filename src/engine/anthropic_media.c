/* anthropic_media.c -- pictures and documents, as Anthropic's messages take them. */
#include "engine/anthropic.h"

#include "dialect/dialect.h"
#include "engine/media.h"

#include <stdio.h>

static int cannot_in(const struct anthropic_asking *x, size_t message, const char *what)
{
    char text[160];
    snprintf(text, sizeof text, "%s in 'messages[%zu]'", what, message);
    return anthropic_cannot(x, text);
}

static void begin_source(struct anthropic_asking *x, const char *type)
{
    json_key(x->w, "source");
    json_object_open(x->w);
    json_key(x->w, "type");
    json_str(x->w, str_of(type));
}

static void write_source_of(struct anthropic_asking *x, const char *type,
                            const char *member, struct str value)
{
    begin_source(x, type);
    json_key(x->w, member);
    json_str(x->w, value);
    json_object_close(x->w);
}

static void write_data(struct anthropic_asking *x, const char *type, struct str media,
                       struct str data)
{
    begin_source(x, type);
    json_key(x->w, "media_type");
    json_str(x->w, media);
    json_key(x->w, "data");
    json_str(x->w, data);
    json_object_close(x->w);
}

static bool is_picture(struct str type)
{
    static const char *const types[] = {"image/jpeg", "image/png", "image/gif",
                                        "image/webp"};
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        if (str_eq_nocase(type, str_of(types[i])))
            return true;
    return false;
}

static bool is_address(struct str url)
{
    return str_starts_nocase(url, STR("https://")) ||
           str_starts_nocase(url, STR("http://"));
}

/* An id is known to the provider that gave it: one of its own dialect's clients. */
static bool knows_ids(const struct anthropic_asking *x)
{
    return x->q->chat->dialect->id == DIALECT_ANTHROPIC;
}

static int write_text_file(struct anthropic_asking *x, const struct piece *p,
                           size_t message)
{
    struct str text = base64_text(p->data, x->arena);
    if (!text.p)
        return x->arena->is_full ? err_nomem(x->err)
                                 : cannot_in(x, message, "a file that is no base64");
    write_data(x, "text", STR("text/plain"), text);
    return 0;
}

static int write_inline(struct anthropic_asking *x, const struct piece *p, size_t message)
{
    struct str type = piece_type_of(p->media_type, p->data, p->file_name);
    char what[96];
    if (p->kind == PIECE_IMAGE ? is_picture(type)
                               : str_eq_nocase(type, STR("application/pdf"))) {
        write_data(x, "base64", type, p->data);
        return 0;
    }
    if (p->kind == PIECE_FILE && str_starts_nocase(type, STR("text/")))
        return write_text_file(x, p, message);
    snprintf(what, sizeof what, "a %s of type '%.*s'",
             p->kind == PIECE_IMAGE ? "picture" : "file", STR_ARG(str_sub(type, 0, 48)));
    return cannot_in(x, message, what);
}

int anthropic_write_media(struct anthropic_asking *x, const struct piece *p,
                          size_t message)
{
    if (p->data.n) {
        if (write_inline(x, p, message) != 0)
            return -1;
    } else if (is_address(p->url)) {
        write_source_of(x, "url", "url", p->url);
    } else if (p->file_id.n && knows_ids(x)) {
        write_source_of(x, "file", "file_id", p->file_id);
    } else {
        return cannot_in(x, message,
                         p->file_id.n ? "a file known by its id to another provider"
                                      : "a picture or file without data or address");
    }
    if (p->kind == PIECE_FILE && !is_blank(p->file_name)) {
        json_key(x->w, "title");
        json_str(x->w, p->file_name);
    }
    return 0;
}
