/* agent_id.c -- see agent_id.h. */
#include "scan/agent_id.h"

#include "json/scan.h"

enum { DIGEST_DIGITS = 64, UUID_BYTES = 36, MAX_BYTES = 512 };

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

static bool is_uuid(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        bool is_joint = i == 8 || i == 13 || i == 18 || i == 23;
        if (is_joint ? s.p[i] != '-' : !is_hex(s.p[i]))
            return false;
    }
    return s.n == UUID_BYTES;
}

static bool is_digest(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!is_hex(s.p[i]))
            return false;
    return s.n == DIGEST_DIGITS;
}

static bool is_id(struct json_string name, struct str id)
{
    if (json_string_is(name, "device_id"))
        return id.n == 0 || is_uuid(id) || is_digest(id);
    return (json_string_is(name, "account_uuid") || json_string_is(name, "session_id")) &&
           (id.n == 0 || is_uuid(id));
}

bool agent_id_is(struct str name, struct str text)
{
    struct json_cur c;
    struct json_string k, id;
    if (LIKELY(!str_eqz(name, "user_id")) || text.n > MAX_BYTES ||
        !str_starts(text, STR("{")))
        return false;
    json_begin(&c, text);
    json_enter_object(&c);
    while (json_next_member(&c, &k)) {
        if (json_peek(&c) != JSON_STRING || !json_read_string(&c, &id) ||
            !is_id(k, id.raw))
            return false;
    }
    return json_finish(&c, NULL) == 0;
}

bool agent_ids_are_in(struct str member)
{
    return str_eqz(member, "client_metadata");
}

struct str agent_id_name(struct str name, struct str value)
{
    return str_eqz(name, "session_id") && is_uuid(value) ? STR("request_id") : name;
}

void agent_id_rename(char *json, size_t n)
{
    const struct str name = STR("\"session_id\":\""), plain = STR("\"request_id\":\"");
    struct str all = {json, n};
    ptrdiff_t at = str_find(all, name);
    if (at < 0)
        return;
    size_t from = (size_t)at + name.n;
    if (is_uuid(str_sub(all, from, from + UUID_BYTES)) &&
        str_starts(str_sub(all, from + UUID_BYTES, n), STR("\"")))
        memcpy(json + at, plain.p, plain.n);
}
