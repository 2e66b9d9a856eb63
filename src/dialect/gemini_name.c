/* gemini_name.c -- names of members as Google's APIs take them: systemInstruction, and
 * system_instruction too.  Both at once is a member given twice. */
#include "dialect/gemini.h"

enum { MOST_NAMES = 64 };

/* Most are told apart by their first byte, which is never a capital. */
bool gemini_is(struct json_string name, const char *camel)
{
    size_t i = 0;
    if (UNLIKELY(name.has_escapes))
        return json_string_is(name, camel);
    if (name.raw.n == 0 || *name.raw.p != *camel)
        return false;
    for (; *camel; camel++) {
        bool is_capital = *camel >= 'A' && *camel <= 'Z';
        if (is_capital && i + 1 < name.raw.n && name.raw.p[i] == '_' &&
            name.raw.p[i + 1] == (*camel | 0x20))
            i++;
        else if (i >= name.raw.n || name.raw.p[i] != *camel)
            return false;
        i++;
    }
    return i == name.raw.n;
}

int gemini_find(struct json_string name, const char *const *names, size_t n,
                uint64_t *seen, struct err *err)
{
    for (size_t i = 0; i < n && i < MOST_NAMES; i++) {
        if (!gemini_is(name, names[i]))
            continue;
        uint64_t bit = (uint64_t)1 << i;
        if (*seen & bit) {
            err_set(err, ERR_BAD_REQUEST, "duplicate_key",
                    "'%s' is given twice in one object", names[i]);
            return GEMINI_REFUSED;
        }
        *seen |= bit;
        return (int)i;
    }
    return GEMINI_UNKNOWN;
}

int gemini_fields_at(const struct reader *r, const struct place *at, struct json_cur *c,
                     const struct fields *f, struct str *ret)
{
    struct json_string k;
    struct str value;
    uint64_t seen = 0;
    memset(ret, 0, f->nread * sizeof *ret);
    if (json_peek(c) != JSON_OBJECT || !json_enter_object(c))
        return reader_refuse(r, at, "it must be an object");
    while (json_next_member(c, &k) && json_skip(c, &value)) {
        int i = gemini_find(k, f->names, f->n, &seen, r->err);
        const struct place own = {at, k.raw, NO_INDEX};
        if (i == GEMINI_REFUSED)
            return -1;
        if (i == GEMINI_UNKNOWN && !json_is_empty(value))
            return reader_refuse(r, &own, "it has no place there");
        if (i >= 0 && (size_t)i < f->nread && !str_eqz(value, "null"))
            ret[i] = value;
        if (UNLIKELY(i >= 0 && (size_t)i >= f->nread) &&
            reader_leave_out(r, at, k, value) != 0)
            return -1;
    }
    return 0;
}

int gemini_fields(const struct reader *r, const struct place *at, struct str object,
                  const struct fields *f, struct str *ret)
{
    struct json_cur c;
    json_begin_known(&c, object, r->ends);
    return gemini_fields_at(r, at, &c, f, ret);
}

struct str gemini_get(const struct json_ends *ends, struct str object, const char *camel)
{
    struct json_cur c;
    struct json_string k;
    struct str value, ret = {NULL, 0};
    json_begin_known(&c, object, ends);
    if (json_peek(&c) != JSON_OBJECT || !json_enter_object(&c))
        return ret;
    while (json_next_member(&c, &k) && json_skip(&c, &value))
        if (gemini_is(k, camel))
            ret = value;
    return ret;
}

struct str gemini_number(struct str raw)
{
    struct json_cur c;
    struct str inner = raw_is(raw, '"') ? str_sub(raw, 1, raw.n - 1) : raw;
    if (!inner.n)
        return raw;
    json_begin(&c, inner);
    return json_peek(&c) == JSON_NUMBER && json_skip(&c, NULL) &&
                   json_finish(&c, NULL) == 0
               ? inner
               : raw;
}

bool gemini_list_begin(const struct json_ends *ends, struct str raw,
                       struct gemini_list *ret)
{
    *ret = (struct gemini_list){.is_list = false};
    if (!raw.p || str_eqz(raw, "null"))
        return false;
    json_begin_known(&ret->c, raw, ends);
    ret->is_list = json_peek(&ret->c) == JSON_ARRAY && json_enter_array(&ret->c);
    if (!ret->is_list)
        ret->alone = raw;
    return true;
}

bool gemini_list_next(struct gemini_list *p, struct str *ret)
{
    if (p->is_list)
        return array_next(&p->c, ret);
    *ret = p->alone;
    p->alone = (struct str){NULL, 0};
    return ret->p != NULL;
}

size_t gemini_list_count(const struct json_ends *ends, struct str raw)
{
    struct gemini_list list;
    struct str one;
    size_t n = 0;
    if (gemini_list_begin(ends, raw, &list))
        while (gemini_list_next(&list, &one))
            n++;
    return n;
}
