/* toolnames.c -- see toolnames.h. */
#include "engine/toolnames.h"

#include "core/hash.h"
#include "json/scan.h"
#include "json/write.h"

enum {
    MOST_BYTES = 64,              /* every form takes as many */
    END_BYTES = 18,               /* "_x" and 16 digits */
    SLOTS = 2048,                 /* of a table that stays half empty at the least */
    MOST_NAMES = SLOTS / 2,       /* no provider takes as many tools */
    MOST_NAMED_BYTES = 64 * 1024, /* of the client's, all of them together */
    MOST_TOLD_BYTES = 6 * MOST_NAMED_BYTES + MOST_NAMES * (MOST_BYTES + 8)
};

/* -- a name ----------------------------------------------------------------------------
 */

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_of(char c, const char *more)
{
    return is_letter(c) || (c >= '0' && c <= '9') || (c && strchr(more, c) != NULL);
}

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

/* As toolname_made() ends them. */
static bool looks_made(struct str name)
{
    if (name.n < END_BYTES)
        return false;
    struct str end = str_sub(name, name.n - END_BYTES, name.n);
    for (size_t i = 2; i < END_BYTES; i++)
        if (!is_hex(end.p[i]))
            return false;
    return str_starts(end, STR("_x"));
}

static bool takes(const struct name_form *f, struct str name)
{
    if (name.n == 0 || name.n > f->most || looks_made(name))
        return false;
    for (size_t i = 0; i < name.n; i++)
        if (!is_of(name.p[i], f->more))
            return false;
    return !f->begins_with_letter || is_letter(name.p[0]);
}

/* No secret: each weir must make the same of it. */
static uint64_t digest_of(struct str name)
{
    static const struct siphash_key key = {5, 6};
    return siphash_once(key, name);
}

struct str toolname_made(struct str name, struct arena *a)
{
    char head[MOST_BYTES - END_BYTES];
    size_t n = 0;
    for (size_t i = 0; i < name.n && n < sizeof head; i++) {
        bool is_good = is_of(name.p[i], "-");
        if (n == 0 && !is_letter(name.p[i]))
            head[n++] = '_';
        if (is_good)
            head[n++] = name.p[i];
        else if (n && head[n - 1] != '_')
            head[n++] = '_';
    }
    return arena_printf(a, "%.*s_x%016llx", (int)n, head,
                        (unsigned long long)digest_of(name));
}

/* -- those of a request ----------------------------------------------------------------
 */

struct pair {
    struct str name, made;
};

struct fitting {
    const struct engine_asking *q;
    const struct engine_translator *row;
    struct arena *arena;
    struct pair *pairs; /* NULL: none was made yet */
    uint16_t *slots;    /* 0: free; else the number of a pair, from 1 */
    size_t npairs, nbytes;
    struct err *err;
};

static int cannot(struct fitting *f, const char *what)
{
    return engine_refuse(f->q, f->row->form, what, f->err);
}

static int note(struct fitting *f, const struct pair *p)
{
    struct buf *names = f->q->names;
    f->nbytes += p->name.n;
    if (f->nbytes > MOST_NAMED_BYTES)
        return cannot(f, "names of tools as long as these");
    buf_byte(names, buf_len(names) ? ',' : '{');
    json_write_string(names, p->made);
    buf_byte(names, ':');
    json_write_string(names, p->name);
    return names->failed ? err_nomem(f->err) : 0;
}

static int make(struct fitting *f, struct str *name)
{
    uint64_t digest = digest_of(*name);
    size_t at = digest % SLOTS;
    for (; f->slots[at]; at = (at + 1) % SLOTS) {
        const struct pair *p = &f->pairs[f->slots[at] - 1];
        if (str_eq(p->name, *name)) {
            *name = p->made;
            return 0;
        }
        if (digest_of(p->name) == digest)
            return cannot(f, "two names of tools that have the same digest");
    }
    if (f->npairs == MOST_NAMES)
        return cannot(f, "names of tools as many as these");
    struct pair *p = &f->pairs[f->npairs++];
    *p = (struct pair){*name, toolname_made(*name, f->arena)};
    if (!p->made.p)
        return err_nomem(f->err);
    f->slots[at] = (uint16_t)f->npairs;
    *name = p->made;
    return note(f, p);
}

static int fit(struct fitting *f, struct str *name)
{
    if (LIKELY(takes(f->row->names, *name)))
        return 0;
    if (!f->pairs) {
        f->pairs = arena_array(f->arena, struct pair, MOST_NAMES);
        f->slots = arena_array(f->arena, uint16_t, SLOTS);
        if (!f->pairs || !f->slots)
            return err_nomem(f->err);
    }
    return make(f, name);
}

static int fit_needed(struct fitting *f, struct str *name)
{
    return name->n ? fit(f, name) : cannot(f, "a tool without a name");
}

static int fit_message(struct fitting *f, struct message *m)
{
    for (size_t i = 0; i < m->ncalls; i++)
        if (fit_needed(f, &m->calls[i].name) != 0)
            return -1;
    return m->name.n ? fit(f, &m->name) : 0;
}

int toolnames_fit(const struct engine_asking *q, struct arena *a, struct conversation *c,
                  struct err *err)
{
    struct fitting f = {.q = q,
                        .row = engine_translator(q->target->engine->speaks),
                        .arena = a,
                        .err = err};
    if (!f.row->names)
        return 0;
    buf_init(q->names, MOST_TOLD_BYTES);
    for (size_t i = 0; i < c->ntools; i++)
        if (fit_needed(&f, &c->tools[i].name) != 0)
            return -1;
    if (c->choice_name.n && fit(&f, &c->choice_name) != 0)
        return -1;
    for (size_t i = 0; i < c->nmessages; i++)
        if (fit_message(&f, &c->messages[i]) != 0)
            return -1;
    if (buf_len(q->names))
        buf_byte(q->names, '}');
    return 0;
}

/* -- back ------------------------------------------------------------------------------
 */

/* The client's name, a raw string; p == NULL: it is none that was made. */
static struct str own_name(struct str names, struct str made)
{
    struct json_cur c;
    struct json_string k;
    struct str own;
    if (!looks_made(made))
        return (struct str){NULL, 0};
    json_begin(&c, names);
    if (json_enter_object(&c))
        while (json_next_member(&c, &k) && json_skip(&c, &own))
            if (str_eq(k.raw, made))
                return own;
    return (struct str){NULL, 0};
}

/* Where a member called "name" has its value: behind the colon. */
static size_t after_key(struct str json, size_t at)
{
    size_t i = at;
    while (i < json.n && (json.p[i] == ' ' || json.p[i] == ':' || json.p[i] == '\t' ||
                          json.p[i] == '\n' || json.p[i] == '\r'))
        i++;
    return i > at && i < json.n && json.p[i] == '"' ? i : 0;
}

/* A quote that a backslash stands before is text within a string. */
void engine_names_back(struct str names, struct str json, struct buf *out)
{
    const struct str key = STR("\"name\"");
    size_t done = 0, at = 0;
    ptrdiff_t found;
    while ((found = str_find(str_sub(json, at, json.n), key)) >= 0) {
        at += (size_t)found + key.n;
        size_t value = after_key(json, at);
        bool is_text = at > key.n && json.p[at - key.n - 1] == '\\';
        if (!value || is_text)
            continue;
        struct str made = str_sub(json, value + 1, json.n);
        ptrdiff_t end = str_index(made, '"');
        struct str own = own_name(names, str_sub(made, 0, end < 0 ? 0 : (size_t)end));
        if (!own.p)
            continue;
        buf_append(out, str_sub(json, done, value));
        buf_append(out, own);
        done = at = value + (size_t)end + 2;
    }
    buf_append(out, str_sub(json, done, json.n));
}

void engine_names_in_words(struct str names, struct str words, struct buf *out)
{
    size_t done = 0, from = 0;
    while (names.n && from < words.n) {
        size_t to = from;
        while (to < words.n && is_of(words.p[to], "-"))
            to++;
        struct str own = own_name(names, str_sub(words, from, to));
        if (own.p) {
            buf_append(out, str_sub(words, done, from));
            buf_append(out, str_sub(own, 1, own.n - 1));
            done = to;
        }
        from = to + 1;
    }
    buf_append(out, str_sub(words, done, words.n));
}

void engine_names_in_err(struct str names, struct err *err)
{
    struct buf told;
    if (LIKELY(!names.n))
        return;
    buf_init(&told, MOST_TOLD_BYTES);
    engine_names_in_words(names, str_of(err->msg), &told);
    if (!told.failed) {
        struct err own = *err;
        err_set(err, own.kind, own.code, "%.*s", STR_ARG(buf_view(&told)));
        err->sys = own.sys;
    }
    buf_release(&told);
}

/* -- events ----------------------------------------------------------------------------
 */

int names_back_event(void *ctx, const struct event *e)
{
    const struct names_back *b = ctx;
    struct event own = *e;
    struct err error;
    struct buf raw, data;
    if (e->error) {
        error = *e->error;
        engine_names_in_err(b->names, &error);
        own.error = &error;
    } else if (LIKELY(str_find(e->data, STR("\"name\"")) < 0)) {
        return b->sink(b->ctx, e);
    }
    buf_init(&raw, e->raw.n + MOST_TOLD_BYTES);
    buf_init(&data, e->data.n + MOST_TOLD_BYTES);
    (e->error ? engine_names_in_words : engine_names_back)(b->names, e->raw, &raw);
    (e->error ? engine_names_in_words : engine_names_back)(b->names, e->data, &data);
    if (e->raw.n)
        own.raw = buf_view(&raw);
    if (e->data.n)
        own.data = buf_view(&data);
    int rc = raw.failed || data.failed ? err_nomem(b->err) : b->sink(b->ctx, &own);
    buf_release(&raw);
    buf_release(&data);
    return rc;
}
