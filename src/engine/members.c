/* members.c -- see members.h. */
#include "engine/members.h"

#include "json/scan.h"

bool members_read(struct str object, const char *const *names, size_t n, struct str *ret)
{
    struct json_cur c;
    struct json_string k;
    struct str value;
    memset(ret, 0, n * sizeof *ret);
    json_begin(&c, object);
    if (json_peek(&c) != JSON_OBJECT || !json_enter_object(&c))
        return false;
    while (json_next_member(&c, &k) && json_skip(&c, &value))
        for (size_t i = 0; i < n; i++)
            if (json_string_is(k, names[i]))
                ret[i] = str_eqz(value, "null") ? (struct str){NULL, 0} : value;
    if (json_finish(&c, NULL) == 0)
        return true;
    memset(ret, 0, n * sizeof *ret);
    return false;
}

bool elements_begin(struct json_cur *c, struct str raw)
{
    json_begin(c, raw);
    return json_peek(c) == JSON_ARRAY && json_enter_array(c);
}

bool elements_next(struct json_cur *c, struct str *ret)
{
    return json_next_element(c) && json_skip(c, ret);
}
