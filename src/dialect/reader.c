/* reader.c -- see reader.h. */
#include "dialect/reader.h"

#include "core/buf.h"
#include "json/name.h"

enum { MAX_PLACE_BYTES = 160 };

enum numbering { WITH_NUMBERS, WITHOUT_NUMBERS };

static void write_place(const struct place *at, enum numbering numbering, struct buf *out)
{
    if (at->in) {
        write_place(at->in, numbering, out);
        buf_byte(out, '.');
    }
    buf_append(out, json_name_shown(at->name));
    if (at->index != NO_INDEX && numbering == WITH_NUMBERS) {
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
    write_place(at, WITH_NUMBERS, &b);
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
    write_place(&at, WITH_NUMBERS, &b);
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

int reader_lose_name(const struct reader *r, struct str name)
{
    struct conversation *c = r->c;
    if (!name.p)
        return err_nomem(r->err);
    for (size_t i = 0; i < c->nlost; i++)
        if (str_eq(c->lost[i], name))
            return 0;
    if ((c->nlost & (c->nlost - 1)) == 0) { /* as many again, at each power of two */
        struct str *v = reader_room(r, 2 * c->nlost + 1, sizeof *v);
        if (!v)
            return -1;
        if (c->nlost)
            memcpy(v, c->lost, c->nlost * sizeof *v);
        c->lost = v;
    }
    c->lost[c->nlost++] = name;
    return 0;
}

int reader_lose(const struct reader *r, const struct place *in, struct str member)
{
    char room[MAX_PLACE_BYTES];
    const struct place at = {in, member, NO_INDEX};
    struct buf b;
    buf_init_in(&b, sizeof room, room, sizeof room);
    write_place(&at, WITHOUT_NUMBERS, &b);
    int rc = 0;
    bool is_known = false;
    for (size_t i = 0; i < r->c->nlost; i++)
        is_known |= str_eq(r->c->lost[i], buf_view(&b));
    if (!is_known)
        rc = reader_lose_name(r, arena_strdup(r->arena, buf_view(&b)));
    buf_release(&b);
    return rc;
}

/* How things are called and counted, what clients repeat of earlier answers for
 * themselves, and what weir does or asks for anyway. */
static bool says_nothing(struct json_string k, struct str value)
{
    static const char *const names[] = {"type",
                                        "id",
                                        "index",
                                        "status",
                                        "role",
                                        "model",
                                        "stream",
                                        "object",
                                        "caller",
                                        "created_by",
                                        "parsed",
                                        "logprobs",
                                        "response_id",
                                        "parsed_arguments",
                                        "include_usage",
                                        "format",
                                        "include_obfuscation"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (json_string_is(k, names[i]))
            return true;
    return json_is_empty(value) || str_eqz(value, "\"auto\"");
}

int reader_leave_out(const struct reader *r, const struct place *at, struct json_string k,
                     struct str value)
{
    return says_nothing(k, value) ? 0 : reader_lose(r, at, k.raw);
}

/* Most are told apart by their first byte. */
static size_t find_field(const struct fields *f, struct json_string k)
{
    bool is_plain = !k.has_escapes && k.raw.n;
    for (size_t i = 0; i < f->n; i++)
        if ((!is_plain || f->names[i][0] == *k.raw.p) && json_string_is(k, f->names[i]))
            return i;
    return f->n;
}

struct str reader_get(const struct reader *r, struct str object, const char *name)
{
    struct json_cur c;
    struct json_string k;
    struct str value, ret = {NULL, 0};
    json_begin_known(&c, object, r->ends);
    if (json_peek(&c) != JSON_OBJECT || !json_enter_object(&c))
        return ret;
    while (json_next_member(&c, &k) && json_skip(&c, &value))
        if (json_string_is(k, name))
            ret = value;
    return ret;
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
        if (UNLIKELY(i >= f->nread) && i < f->n && reader_leave_out(r, at, k, value) != 0)
            return -1;
    }
    return 0;
}

int reader_fields(const struct reader *r, const struct place *at, struct str object,
                  const struct fields *f, struct str *ret)
{
    struct json_cur c;
    json_begin_known(&c, object, r->ends);
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

int reader_words(const struct reader *r, const struct place *in, const char *name,
                 struct str raw, struct json_text *ret)
{
    *ret = (struct json_text){{NULL, 0}};
    if (!raw.p)
        return 0;
    if (!raw_is(raw, '"'))
        return reader_refuse_member(r, in, name, "it must be a string");
    *ret = json_text_of(r->arena, str_sub(raw, 1, raw.n - 1));
    return ret->raw.p ? 0 : err_nomem(r->err);
}

/* -- kinds of values ----------------------------------------------------------------- */

static bool is_of_kind(struct str raw, enum reader_kind kind)
{
    switch (kind) {
    case KIND_NUMBER:
        return raw_is(raw, '-') || (raw.n && raw.p[0] >= '0' && raw.p[0] <= '9');
    case KIND_FLAG:
        return str_eqz(raw, "true") || str_eqz(raw, "false");
    case KIND_STRING:
        return raw_is(raw, '"');
    case KIND_OBJECT:
        return raw_is(raw, '{');
    case KIND_ARRAY:
        return raw_is(raw, '[');
    }
    return false;
}

int reader_check(const struct reader *r, const struct place *in, const char *name,
                 struct str raw, enum reader_kind kind)
{
    static const char *const whys[] = {[KIND_NUMBER] = "it must be a number",
                                       [KIND_FLAG] = "it must be true or false",
                                       [KIND_STRING] = "it must be a string",
                                       [KIND_OBJECT] = "it must be an object",
                                       [KIND_ARRAY] = "it must be an array"};
    return !raw.p || str_eqz(raw, "null") || is_of_kind(raw, kind)
               ? 0
               : reader_refuse_member(r, in, name, whys[kind]);
}

int reader_check_other(const struct reader *r, struct json_string k, struct str value)
{
    static const struct {
        const char *name;
        enum reader_kind kind;
    } rows[] = {
        {"audio", KIND_OBJECT},
        {"best_of", KIND_NUMBER},
        {"logit_bias", KIND_OBJECT},
        {"logprobs", KIND_FLAG},
        {"metadata", KIND_OBJECT},
        {"min_tokens", KIND_NUMBER},
        {"modalities", KIND_ARRAY},
        {"parallel_tool_calls", KIND_FLAG},
        {"prediction", KIND_OBJECT},
        {"prompt_cache_key", KIND_STRING},
        {"prompt_cache_retention", KIND_STRING},
        {"repeat_last_n", KIND_NUMBER},
        {"repeat_penalty", KIND_NUMBER},
        {"repetition_penalty", KIND_NUMBER},
        {"safety_identifier", KIND_STRING},
        {"service_tier", KIND_STRING},
        {"store", KIND_FLAG},
        {"top_logprobs", KIND_NUMBER},
        {"typical_p", KIND_NUMBER},
        {"user", KIND_STRING},
        {"verbosity", KIND_STRING},
    };
    if (json_is_empty(value) || str_eqz(value, "0"))
        return 0;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (json_string_is(k, rows[i].name))
            return reader_check(r, NULL, rows[i].name, value, rows[i].kind);
    return 0;
}

int reader_sampling(const struct reader *r, const struct place *in,
                    const char *const names[SAMPLING_COUNT], struct json_string k,
                    struct str value)
{
    for (int i = 0; i < SAMPLING_COUNT; i++)
        if (names[i] && json_string_is(k, names[i])) {
            r->c->sampling[i] = value;
            return reader_check(r, in, names[i], value, KIND_NUMBER) != 0 ? -1 : 1;
        }
    return 0;
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

static bool enter_array(struct json_cur *c, struct str raw, const struct json_ends *ends)
{
    if (!raw.p)
        return false;
    json_begin_known(c, raw, ends);
    return json_peek(c) == JSON_ARRAY && json_enter_array(c);
}

bool array_begin(struct json_cur *c, struct str raw)
{
    return enter_array(c, raw, NULL);
}

bool reader_array(const struct reader *r, struct json_cur *c, struct str raw)
{
    return enter_array(c, raw, r->ends);
}

bool array_next(struct json_cur *c, struct str *ret)
{
    return json_next_element(c) && json_skip(c, ret);
}

static size_t count_in(struct str raw, const struct json_ends *ends)
{
    struct json_cur c;
    struct str element;
    size_t n = 0;
    if (!enter_array(&c, raw, ends))
        return 0;
    while (array_next(&c, &element))
        n++;
    return n;
}

size_t array_count(struct str raw)
{
    return count_in(raw, NULL);
}

size_t reader_count(const struct reader *r, struct str raw)
{
    return count_in(raw, r->ends);
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
