/* json_same.c -- whether two JSON values are the same, however they are written. */
#include "judge/schema.h"
#include "json/scan.h"

/* Members are looked up by reading the object again. */
enum { SAME_DEPTH = 16, SAME_MEMBERS = 64 };

static bool same(struct str a, struct str b, unsigned depth);

static bool same_strings(struct json_cur *a, struct json_cur *b)
{
    struct json_string x, y;
    if (!json_read_string(a, &x) || !json_read_string(b, &y))
        return false;
    if (!x.has_escapes && !y.has_escapes)
        return str_eq(x.raw, y.raw);
    /* Character by character: an escape is at most four bytes. */
    const char *p = x.raw.p, *q = y.raw.p, *pe = p + x.raw.n, *qe = q + y.raw.n;
    char u[4], v[4];
    unsigned nu = 0, nv = 0, iu = 0, iv = 0;
    while (p < pe || q < qe || iu < nu || iv < nv) {
        if (iu == nu && p < pe) {
            iu = 0;
            nu = *p == '\\' ? json_take_escape(&p, pe, u) : (u[0] = *p++, 1u);
        }
        if (iv == nv && q < qe) {
            iv = 0;
            nv = *q == '\\' ? json_take_escape(&q, qe, v) : (v[0] = *q++, 1u);
        }
        if (iu == nu || iv == nv || u[iu++] != v[iv++])
            return false;
    }
    return true;
}

static bool same_arrays(struct json_cur *a, struct json_cur *b, unsigned depth)
{
    struct str x, y;
    if (!json_enter_array(a) || !json_enter_array(b))
        return false;
    for (;;) {
        bool more = json_next_element(a);
        if (more != json_next_element(b))
            return false;
        if (!more)
            return json_ok(a) && json_ok(b);
        if (!json_skip(a, &x) || !json_skip(b, &y) || !same(x, y, depth))
            return false;
    }
}

static struct str member_of(struct str object, struct json_string name)
{
    struct json_cur c;
    struct json_string key;
    struct str raw, found = {NULL, 0};
    json_begin(&c, object);
    if (!json_enter_object(&c))
        return found;
    while (json_next_member(&c, &key) && json_skip(&c, &raw))
        if (str_eq(key.raw, name.raw))
            found = raw;
    return found;
}

static size_t count_members(struct str object)
{
    struct json_cur c;
    struct json_string key;
    size_t n = 0;
    json_begin(&c, object);
    if (json_enter_object(&c))
        while (json_next_member(&c, &key) && json_skip(&c, NULL))
            n++;
    return n;
}

static bool same_objects(struct str a, struct str b, unsigned depth)
{
    struct json_cur c;
    struct json_string key;
    struct str mine;
    if (str_eq(a, b))
        return true;
    size_t n = count_members(a);
    if (n > SAME_MEMBERS || n != count_members(b))
        return false;
    json_begin(&c, a);
    if (!json_enter_object(&c))
        return false;
    while (json_next_member(&c, &key)) {
        if (!json_skip(&c, &mine))
            return false;
        struct str other = member_of(b, key);
        if (!other.p || !same(mine, other, depth))
            return false;
    }
    return json_ok(&c);
}

static bool same(struct str a, struct str b, unsigned depth)
{
    struct json_cur x, y;
    double u, v;
    if (depth == SAME_DEPTH)
        return false;
    json_begin(&x, a);
    json_begin(&y, b);
    enum json_type t = json_peek(&x);
    if (t != json_peek(&y) || t == JSON_NONE)
        return false;
    switch (t) {
    case JSON_STRING:
        return same_strings(&x, &y);
    case JSON_NUMBER:
        return json_skip(&x, &a) && json_skip(&y, &b) &&
               (str_eq(a, b) || (str_to_double(a, &u) && str_to_double(b, &v) && u == v));
    case JSON_ARRAY:
        return same_arrays(&x, &y, depth + 1);
    case JSON_OBJECT:
        return same_objects(a, b, depth + 1);
    default:
        return true;
    }
}

bool json_same_value(struct str a, struct str b)
{
    return same(a, b, 0);
}
