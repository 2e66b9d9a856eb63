/* spoken.c -- see spoken.h.
 *
 * Every event of a translated stream is read here, so each of its bytes is looked at
 * twice at most: once by its members, once more where a member has some of its own. */
#include "dialect/spoken.h"

#include "dialect/seal.h"
#include "json/halves.h"
#include "json/scan.h"
#include "json/write.h"

struct reading {
    struct arena *arena;
    struct str issuer;
    struct spoken *to;
    bool keeps_halves;
    bool failed;
};

/* A string that has no escape stays where it is. */
static struct str text_at(struct reading *r, struct json_cur *c)
{
    struct str ret = {NULL, 0};
    struct json_string s;
    if (json_peek(c) != JSON_STRING) {
        json_skip(c, NULL);
        return ret;
    }
    if (!json_read_string(c, &s))
        return ret;
    ret = !s.has_escapes    ? s.raw
          : r->keeps_halves ? halves_read(r->arena, s)
                            : json_unescape(r->arena, s);
    r->failed |= !ret.p;
    return ret;
}

static uint32_t number_at(struct json_cur *c, uint32_t other)
{
    struct str raw;
    uint64_t n;
    if (!json_skip(c, &raw) || !str_to_u64(raw, &n) || n > UINT32_MAX)
        return other;
    return (uint32_t)n;
}

static struct str raw_at(struct json_cur *c)
{
    struct str raw;
    if (!json_skip(c, &raw) || str_eqz(raw, "null"))
        return (struct str){NULL, 0};
    return raw;
}

static size_t count_elements(struct json_cur c)
{
    size_t n = 0;
    json_enter_array(&c);
    while (json_next_element(&c) && json_skip(&c, NULL))
        n++;
    return n;
}

/* -- calls -----------------------------------------------------------------------------
 */

static void read_function(struct reading *r, struct json_cur *c, struct spoken_call *to)
{
    struct json_string k;
    if (json_peek(c) != JSON_OBJECT) {
        json_skip(c, NULL);
        return;
    }
    json_enter_object(c);
    while (json_next_member(c, &k)) {
        if (json_string_is(k, "name"))
            to->name = text_at(r, c);
        else if (json_string_is(k, "arguments"))
            to->arguments = text_at(r, c);
        else
            json_skip(c, NULL);
    }
}

static void read_call(struct reading *r, struct json_cur *c, struct spoken_call *to)
{
    struct json_string k;
    json_enter_object(c);
    while (json_next_member(c, &k)) {
        if (json_string_is(k, "index"))
            to->index = number_at(c, to->index);
        else if (json_string_is(k, "id"))
            to->id = text_at(r, c);
        else if (json_string_is(k, "function"))
            read_function(r, c, to);
        else
            json_skip(c, NULL);
    }
}

static void read_calls(struct reading *r, struct json_cur *c)
{
    struct spoken *to = r->to;
    if (json_peek(c) != JSON_ARRAY) {
        json_skip(c, NULL);
        return;
    }
    size_t n = count_elements(*c);
    to->calls = arena_array(r->arena, struct spoken_call, n + 1);
    to->ncalls = 0;
    r->failed |= !to->calls;
    json_enter_array(c);
    while (json_next_element(c)) {
        if (r->failed || json_peek(c) != JSON_OBJECT) {
            json_skip(c, NULL);
            continue;
        }
        struct spoken_call *call = &to->calls[to->ncalls];
        *call = (struct spoken_call){.index = (uint32_t)to->ncalls};
        to->ncalls++;
        read_call(r, c, call);
    }
}

/* -- seals -----------------------------------------------------------------------------
 */

/* weir's own seal, or one around what has none; p == NULL: it has no issuer. */
static struct str sealed(struct reading *r, struct str data)
{
    const struct seal own = {.issuer = r->issuer, .payload = data};
    struct seal seal;
    struct buf b;
    if (seal_read(data, &seal))
        return data;
    if (!r->issuer.n)
        return (struct str){NULL, 0};
    buf_init(&b, data.n + 256);
    seal_write(&own, &b);
    struct str ret = arena_strdup(r->arena, buf_view(&b));
    r->failed |= b.failed || !ret.p;
    buf_release(&b);
    return ret;
}

static void read_seals(struct reading *r, struct json_cur *c)
{
    struct spoken *to = r->to;
    struct json_string k;
    if (json_peek(c) != JSON_ARRAY) {
        json_skip(c, NULL);
        return;
    }
    to->seals = arena_array(r->arena, struct str, count_elements(*c) + 1);
    to->nseals = 0;
    r->failed |= !to->seals;
    json_enter_array(c);
    while (json_next_element(c)) {
        struct str data = {NULL, 0};
        if (json_peek(c) != JSON_OBJECT) {
            json_skip(c, NULL);
            continue;
        }
        json_enter_object(c);
        while (json_next_member(c, &k))
            if (json_string_is(k, "data"))
                data = text_at(r, c);
            else
                json_skip(c, NULL);
        data = data.n && !r->failed ? sealed(r, data) : (struct str){NULL, 0};
        if (data.p)
            to->seals[to->nseals++] = data;
    }
}

/* -- a choice --------------------------------------------------------------------------
 */

static void read_message(struct reading *r, struct json_cur *c)
{
    struct spoken *to = r->to;
    struct json_string k;
    if (json_peek(c) != JSON_OBJECT) {
        json_skip(c, NULL);
        return;
    }
    json_enter_object(c);
    while (json_next_member(c, &k)) {
        if (json_string_is(k, "content"))
            to->text = text_at(r, c);
        else if (json_string_is(k, "reasoning_content") ||
                 (json_string_is(k, "reasoning") && !to->reasoning.p))
            to->reasoning = text_at(r, c);
        else if (json_string_is(k, "refusal"))
            to->refusal = text_at(r, c);
        else if (json_string_is(k, "tool_calls"))
            read_calls(r, c);
        else if (json_string_is(k, "reasoning_details"))
            read_seals(r, c);
        else if (json_string_is(k, "images"))
            to->images = raw_at(c);
        else if (json_string_is(k, "annotations"))
            to->annotations = raw_at(c);
        else
            json_skip(c, NULL);
    }
}

static void read_choice(struct reading *r, struct json_cur *c)
{
    struct spoken *to = r->to;
    struct json_string k;
    if (json_peek(c) != JSON_OBJECT) {
        json_skip(c, NULL);
        return;
    }
    json_enter_object(c);
    while (json_next_member(c, &k)) {
        if (json_string_is(k, "delta") || json_string_is(k, "message"))
            read_message(r, c);
        else if (json_string_is(k, "text"))
            to->text = text_at(r, c);
        else if (json_string_is(k, "finish_reason"))
            to->finish = text_at(r, c);
        else if (json_string_is(k, "stop_reason"))
            to->stopped_by = text_at(r, c);
        else if (json_string_is(k, "logprobs"))
            to->logprobs = raw_at(c);
        else if (json_string_is(k, "index"))
            to->choice = number_at(c, 0);
        else
            json_skip(c, NULL);
    }
}

/* The choices, of which there is room for `most`; the others are stepped over. */
static size_t read_choices(struct reading *r, struct json_cur *c, struct spoken *all,
                           size_t most)
{
    size_t n = 0;
    if (json_peek(c) != JSON_ARRAY) {
        json_skip(c, NULL);
        return 0;
    }
    json_enter_array(c);
    while (json_next_element(c)) {
        if (n == most) {
            json_skip(c, NULL);
            continue;
        }
        r->to = &all[n++];
        read_choice(r, c);
    }
    return n;
}

static int read_answer(struct reading *r, struct str data, struct spoken *all,
                       size_t most, size_t *ret_n, struct err *err)
{
    struct json_cur c;
    struct json_string k;
    struct str id = {NULL, 0}, model = {NULL, 0};
    *ret_n = 0;
    json_begin(&c, data);
    if (json_peek(&c) != JSON_OBJECT)
        return 0;
    json_enter_object(&c);
    while (json_next_member(&c, &k)) {
        if (json_string_is(k, "choices"))
            *ret_n = read_choices(r, &c, all, most);
        else if (json_string_is(k, "id"))
            id = text_at(r, &c);
        else if (json_string_is(k, "model"))
            model = text_at(r, &c);
        else
            json_skip(&c, NULL);
    }
    for (size_t i = 0; i < most; i++) {
        all[i].id = id;
        all[i].model = model;
    }
    return r->failed ? err_nomem(err) : 0;
}

int spoken_read(struct str data, struct str issuer, struct arena *a, struct spoken *ret,
                struct err *err)
{
    struct reading r = {.arena = a, .issuer = issuer, .to = ret};
    size_t n;
    *ret = (struct spoken){.ncalls = 0};
    return read_answer(&r, data, ret, 1, &n, err);
}

static int read_sole(const struct event *e, struct arena *a, struct spoken *ret,
                     struct err *err)
{
    const struct json_string raw = {.raw = e->sole, .has_escapes = true};
    bool has_escapes = !e->sole_is_plain && memchr(e->sole.p, '\\', e->sole.n);
    struct str text = has_escapes ? halves_read(a, raw) : e->sole;
    *ret = (struct spoken){.choice = e->choice};
    if (e->sole_kind == SOLE_TEXT) {
        ret->text = text;
    } else if (e->sole_kind == SOLE_THOUGHT) {
        ret->reasoning = text;
    } else {
        ret->calls = arena_array(a, struct spoken_call, 1);
        ret->ncalls = ret->calls != NULL;
        if (ret->calls)
            *ret->calls = (struct spoken_call){.index = e->sole_call, .arguments = text};
        return ret->calls && text.p ? 0 : err_nomem(err);
    }
    return text.p ? 0 : err_nomem(err);
}

int spoken_read_event(const struct event *e, struct str issuer,
                      struct spoken_halves *halves, struct arena *a, struct spoken *ret,
                      struct err *err)
{
    struct reading r = {.arena = a, .issuer = issuer, .to = ret, .keeps_halves = true};
    size_t n;
    int rc;
    if (e->sole_kind != SOLE_NONE) {
        rc = read_sole(e, a, ret, err);
    } else {
        *ret = (struct spoken){.ncalls = 0};
        rc = read_answer(&r, e->data, ret, 1, &n, err);
    }
    if (rc == 0 && spoken_join(halves, a, ret) != 0)
        rc = err_nomem(err);
    return rc;
}

bool spoken_has_halves(const struct event *e, const struct spoken_halves *halves)
{
    const struct json_string raw = {.raw = e->sole, .has_escapes = true};
    return halves->n || (!e->sole_is_plain && memchr(e->sole.p, '\\', e->sole.n) &&
                         json_odd_escapes(raw) & JSON_LONE_SURROGATE);
}

void spoken_write_sole(const struct event *e, struct buf *out)
{
    if (LIKELY(e->sole_is_plain))
        buf_append(out, e->sole);
    else
        json_rewrite_inside(out, e->sole);
}

enum sole_kind spoken_is_sole(const struct spoken *s, uint32_t *ret_call)
{
    bool has_call = s->ncalls == 1 && s->calls[0].arguments.n && !s->calls[0].id.n &&
                    !s->calls[0].name.n;
    int ntexts = (s->text.n > 0) + (s->reasoning.n > 0) + has_call;
    *ret_call = has_call ? s->calls[0].index : 0;
    if (ntexts != 1 || s->ncalls != has_call || s->refusal.n || s->nseals ||
        s->images.p || s->annotations.p || s->logprobs.p || s->finish.n ||
        s->stopped_by.n)
        return SOLE_NONE;
    return s->text.n ? SOLE_TEXT : s->reasoning.n ? SOLE_THOUGHT : SOLE_ARGUMENTS;
}

/* -- pictures ------------------------------------------------------------------------ */

bool spoken_images_begin(const struct spoken *s, struct json_cur *c)
{
    if (!s->images.p)
        return false;
    json_begin(c, s->images);
    return json_peek(c) == JSON_ARRAY && json_enter_array(c);
}

/* {"image_url":{"url":"data:image/png;base64,AA"}}, or the base64 alone. */
bool spoken_image_next(struct json_cur *c, struct spoken_image *ret)
{
    const struct str scheme = STR("data:"), mark = STR(";base64,");
    struct str one;
    while (json_next_element(c) && json_skip(c, &one)) {
        bool is_bare = one.p[0] == '"';
        struct str raw = is_bare ? one : json_path(one, "image_url", "url", NULL);
        if (raw.n < 2 || raw.p[0] != '"')
            continue;
        raw = str_sub(raw, 1, raw.n - 1);
        ptrdiff_t at = str_find(raw, mark);
        *ret = (struct spoken_image){STR(""), raw};
        if (str_starts(raw, scheme) && at > 0)
            *ret = (struct spoken_image){str_sub(raw, scheme.n, (size_t)at),
                                         str_sub(raw, (size_t)at + mark.n, raw.n)};
        else if (!is_bare)
            continue;
        return true;
    }
    return false;
}

int spoken_remark_images(struct spoken *s, struct arena *a, struct err *err)
{
    struct json_cur c;
    struct spoken_image one;
    if (!spoken_images_begin(s, &c))
        return 0;
    while (spoken_image_next(&c, &one)) {
        s->text = arena_printf(
            a, "%.*s(a picture, %.*s, stands here, for which this API has no place)",
            STR_ARG(s->text), STR_ARG(one.type.n ? one.type : STR("of no said type")));
        if (!s->text.p)
            return err_nomem(err);
    }
    return 0;
}

int spoken_read_all(struct str data, struct str issuer, struct arena *a,
                    struct spoken **ret, size_t *ret_n, struct err *err)
{
    struct reading r = {.arena = a, .issuer = issuer};
    struct json_cur c;
    size_t most = 1;
    struct str choices = json_get(data, "choices");
    json_begin(&c, choices.p ? choices : STR(""));
    if (json_peek(&c) == JSON_ARRAY)
        most += count_elements(c);
    *ret = arena_array(a, struct spoken, most);
    if (!*ret)
        return err_nomem(err);
    memset(*ret, 0, most * sizeof **ret);
    return read_answer(&r, data, *ret, most, ret_n, err);
}
