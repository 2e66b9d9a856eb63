/* member.c -- finding a member and the comma that goes with it. */
#include "dialect/member.h"

#include "json/ends.h"
#include "json/scan.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool member_find(struct str object, const char *key, struct member *ret)
{
    return member_find_known(object, NULL, key, ret);
}

bool member_find_known(struct str object, const struct json_ends *ends, const char *key,
                       struct member *ret)
{
    struct json_cur c;
    struct json_string k;
    struct member found = {0};
    bool is_first = true, is_newest = false;
    if (object.n > UINT32_MAX)
        return false;
    json_begin_known(&c, object, ends);
    if (!json_enter_object(&c))
        return false;
    for (; json_next_member(&c, &k); is_first = false) {
        struct str value;
        if (!json_skip(&c, &value))
            return false;
        is_newest = json_string_is(k, key);
        if (!is_newest)
            continue;
        found.at = (uint32_t)(k.raw.p - 1 - object.p);
        found.value_at = (uint32_t)(value.p - object.p);
        found.end = found.value_at + (uint32_t)value.n;
        found.first = is_first;
    }
    if (json_finish(&c, NULL) != 0 || !found.end)
        return false;
    found.last = is_newest;
    *ret = found;
    return true;
}

void member_span(struct str object, const struct member *m, uint32_t *ret_from,
                 uint32_t *ret_to)
{
    uint32_t from = m->at, to = m->end;
    if (!m->last) {
        while (to < object.n && is_blank(object.p[to]))
            to++;
        if (to < object.n && object.p[to] == ',')
            to++;
    } else if (!m->first) {
        while (from && is_blank(object.p[from - 1]))
            from--;
        if (from && object.p[from - 1] == ',')
            from--;
    }
    *ret_from = from;
    *ret_to = to;
}

void member_cut(struct str object, const struct member *m, struct buf *out)
{
    uint32_t from, to;
    member_span(object, m, &from, &to);
    buf_append(out, str_sub(object, 0, from));
    buf_append(out, str_sub(object, to, object.n));
}
