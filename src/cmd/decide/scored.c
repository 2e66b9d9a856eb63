/* scored.c -- see scored.h. */
#include "cmd/decide/scored.h"

#include "core/hash.h"
#include "core/mem.h"

enum { FIRST_SLOTS = 1024 };

void scored_read_score(struct json_cur *c, double *ret)
{
    enum json_type type = json_peek(c);
    struct str raw;
    bool is_right = false;
    if (type == JSON_TRUE || type == JSON_FALSE) {
        if (json_read_bool(c, &is_right))
            *ret = is_right;
    } else if (type != JSON_NUMBER) {
        json_fail(c, "a score is a number from 0 to 1, or true or false");
    } else if (json_skip(c, &raw) && !(str_to_double(raw, ret) && *ret >= 0 && *ret <= 1))
        json_fail(c, "a score is out of range: it goes from 0 to 1, so divide it by the "
                     "most that can be had");
}

/* The bytes of the line go before its texts do. */
static void read_text(struct json_cur *c, struct arena *a, struct str *ret)
{
    struct json_string s;
    if (json_read_string(c, &s))
        *ret = arena_strdup(a, json_unescape(a, s));
}

void scored_read_id(struct json_cur *c, struct arena *a, struct str *ret)
{
    struct str raw;
    if (json_peek(c) == JSON_STRING)
        read_text(c, a, ret);
    else if (json_peek(c) != JSON_NUMBER)
        json_fail(c, "an \"id\" is a text or a number");
    else if (json_skip(c, &raw))
        *ret = arena_strdup(a, raw);
}

void scored_read_prompt(struct json_cur *c, struct arena *a, struct str *ret)
{
    if (json_peek(c) == JSON_STRING)
        read_text(c, a, ret);
    else
        json_fail(c, "a \"prompt\" is a text: what the user asked");
}

/* -- ids ---------------------------------------------------------------------------- */

/* Two digests stand for an id: with 128 bits no two ids of a file share them. */
struct id_slot {
    uint64_t a, b;
    size_t line; /* 0: the slot is free */
};

void id_set_release(struct id_set *s)
{
    mem_free(s->slots);
    *s = (struct id_set){0};
}

static struct id_slot *find(struct id_slot *slots, size_t cap, uint64_t a, uint64_t b)
{
    size_t i = (size_t)a & (cap - 1);
    while (slots[i].line && (slots[i].a != a || slots[i].b != b))
        i = (i + 1) & (cap - 1);
    return &slots[i];
}

static bool grow(struct id_set *s)
{
    if (2 * s->n < s->cap)
        return true;
    size_t cap = s->cap ? 2 * s->cap : FIRST_SLOTS;
    struct id_slot *slots = mem_zalloc(cap * sizeof *slots);
    if (!slots)
        return false;
    for (size_t i = 0; i < s->cap; i++)
        if (s->slots[i].line)
            *find(slots, cap, s->slots[i].a, s->slots[i].b) = s->slots[i];
    mem_free(s->slots);
    s->slots = slots;
    s->cap = cap;
    return true;
}

int id_set_add(struct id_set *s, struct str id, size_t line, struct err *err)
{
    uint64_t a = siphash_once((struct siphash_key){1, 2}, id);
    uint64_t b = siphash_once((struct siphash_key){3, 4}, id);
    if (!grow(s))
        return err_nomem(err);
    struct id_slot *at = find(s->slots, s->cap, a, b);
    if (at->line)
        return err_set(err, ERR_CONFIG, "id_twice",
                       "the id \"%.*s\" is that of line %zu; give each line its own",
                       (int)(id.n < 100 ? id.n : 100), id.p, at->line);
    *at = (struct id_slot){a, b, line};
    s->n++;
    return 0;
}
