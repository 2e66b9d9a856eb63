/* reader.c -- see reader.h. */
#include "dialect/reader.h"

#include "core/buf.h"

enum { MAX_PLACE_BYTES = 160, MAX_NAME_BYTES = 64 };

static void write_place(const struct place *at, struct buf *out)
{
    if (at->in) {
        write_place(at->in, out);
        buf_byte(out, '.');
    }
    buf_append(out, str_sub(at->name, 0, MAX_NAME_BYTES));
    if (at->index != NO_INDEX) {
        buf_byte(out, '[');
        buf_u64(out, (uint64_t)at->index);
        buf_byte(out, ']');
    }
}

int reader_refuse(const struct reader *r, const struct place *at, const char *why)
{
    char room[MAX_PLACE_BYTES];
    struct buf b;
    buf_init_in(&b, sizeof room, room, sizeof room);
    write_place(at, &b);
    err_set(r->err, ERR_BAD_REQUEST, "not_expressible",
            "'%.*s' cannot be translated for this engine: %s", STR_ARG(buf_view(&b)),
            why);
    buf_release(&b);
    return -1;
}

int reader_refuse_member(const struct reader *r, const struct place *in, const char *name,
                         const char *why)
{
    const struct place at = place_of(in, name);
    return reader_refuse(r, &at, why);
}

struct str reader_name(const struct reader *r, const struct place *in, const char *name)
{
    char room[MAX_PLACE_BYTES];
    const struct place at = place_of(in, name);
    struct buf b;
    buf_init_in(&b, sizeof room, room, sizeof room);
    write_place(&at, &b);
    struct str ret = arena_strdup(r->arena, buf_view(&b));
    buf_release(&b);
    if (!ret.p)
        err_nomem(r->err);
    return ret;
}

void *reader_room(const struct reader *r, size_t n, size_t size)
{
    void *p = arena_alloc(r->arena, n ? n * size : 1);
    if (!p)
        err_nomem(r->err);
    return p;
}

static size_t find_field(const struct fields *f, struct json_string k)
{
    size_t i = 0;
    while (i < f->n && !json_string_is(k, f->names[i]))
        i++;
    return i;
}

int reader_fields_at(const struct reader *r, const struct place *at, struct json_cur *c,
                     const struct fields *f, struct str *ret)
{
    struct json_string k;
    struct str value;
    memset(ret, 0, f->nread * sizeof *ret);
    if (json_peek(c) != JSON_OBJECT || !json_enter_object(c))
        return reader_refuse(r, at, "it must be an object");
    while (json_next_member(c, &k) && json_skip(c, &value)) {
        size_t i = find_field(f, k);
        const struct place own = {at, k.raw, NO_INDEX};
        if (i == f->n && !json_is_empty(value))
            return reader_refuse(r, &own, "it has no place there");
        if (i < f->nread && !str_eqz(value, "null"))
            ret[i] = value;
    }
    return 0;
}

int reader_fields(const struct reader *r, const struct place *at, struct str object,
                  const struct fields *f, struct str *ret)
{
    struct json_cur c;
    json_begin(&c, object);
    return reader_fields_at(r, at, &c, f, ret);
}

/* What stands here has been read before and is valid: only its text is looked for. */
static struct json_string string_in(struct str raw)
{
    struct str inner = str_sub(raw, 1, raw.n - 1);
    return (struct json_string){inner, str_index(inner, '\\') >= 0};
}

int reader_text(const struct reader *r, const struct place *in, const char *name,
                struct str raw, struct str *ret)
{
    *ret = (struct str){NULL, 0};
    if (!raw.p)
        return 0;
    if (!raw_is(raw, '"'))
        return reader_refuse_member(r, in, name, "it must be a string");
    *ret = json_unescape(r->arena, string_in(raw));
    return ret->p ? 0 : err_nomem(r->err);
}

int reader_agreeing(const struct reader *r, const struct place *in, const char *name,
                    struct str raw, struct str *text)
{
    struct str more;
    if (reader_text(r, in, name, raw, &more) != 0)
        return -1;
    if (more.n && text->n && !str_eq(more, *text))
        return reader_refuse_member(r, in, name,
                                    "another member says the same otherwise");
    if (!text->n && more.p)
        *text = more;
    return 0;
}

bool array_begin(struct json_cur *c, struct str raw)
{
    if (!raw.p)
        return false;
    json_begin(c, raw);
    return json_peek(c) == JSON_ARRAY && json_enter_array(c);
}

bool array_next(struct json_cur *c, struct str *ret)
{
    return json_next_element(c) && json_skip(c, ret);
}

size_t array_count(struct str raw)
{
    struct json_cur c;
    struct str element;
    size_t n = 0;
    if (!array_begin(&c, raw))
        return 0;
    while (array_next(&c, &element))
        n++;
    return n;
}

/* Neither word has a case. */
void reader_address(struct piece *p, struct str url)
{
    const struct str mark = STR(";base64");
    ptrdiff_t comma = str_index(url, ',');
    struct str head = comma < 0 ? (struct str){NULL, 0} : str_sub(url, 0, (size_t)comma);
    bool is_inline = head.n >= mark.n && str_starts_nocase(url, STR("data:")) &&
                     str_eq_nocase(str_sub(head, head.n - mark.n, head.n), mark);
    if (!is_inline) {
        p->url = url;
        return;
    }
    p->media_type = str_sub(head, strlen("data:"), head.n - mark.n);
    p->data = str_sub(url, (size_t)comma + 1, url.n);
}
