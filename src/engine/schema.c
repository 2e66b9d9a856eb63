/* schema.c -- see schema.h.  A schema is walked once; what stands in it as a value (an
 * enum, a default) is copied as it is, whatever it looks like. */
#include "engine/schema.h"

#include "json/scan.h"

struct copying {
    struct json_cur c;
    struct buf *out;
    bool has_lost;
};

static void copy_schema(struct copying *k);

static bool is_one_of(struct json_string name, const char *const *names)
{
    for (; *names; names++)
        if (json_string_is(name, *names))
            return true;
    return false;
}

/* The value under the cursor, which stays there. */
static struct str ahead(const struct copying *k)
{
    struct json_cur c = k->c;
    struct str raw = {NULL, 0};
    (void)json_skip(&c, &raw);
    return raw;
}

static void copy_raw(struct copying *k)
{
    struct str raw;
    if (json_skip(&k->c, &raw))
        buf_append(k->out, raw);
}

static void write_name(struct copying *k, struct str name, bool *is_first)
{
    buf_append(k->out, *is_first ? STR("\"") : STR(",\""));
    buf_append(k->out, name);
    buf_lit(k->out, "\":");
    *is_first = false;
}

/* {"name": schema, ...} */
static void copy_named(struct copying *k)
{
    struct json_string name;
    bool is_first = true;
    if (json_peek(&k->c) != JSON_OBJECT) {
        copy_raw(k);
        return;
    }
    buf_byte(k->out, '{');
    json_enter_object(&k->c);
    while (json_next_member(&k->c, &name)) {
        write_name(k, name.raw, &is_first);
        copy_schema(k);
    }
    buf_byte(k->out, '}');
}

/* [schema, ...], or one. */
static void copy_list(struct copying *k)
{
    bool is_first = true;
    if (json_peek(&k->c) != JSON_ARRAY) {
        copy_schema(k);
        return;
    }
    buf_byte(k->out, '[');
    json_enter_array(&k->c);
    while (json_next_element(&k->c)) {
        buf_append(k->out, is_first ? STR("") : STR(","));
        is_first = false;
        copy_schema(k);
    }
    buf_byte(k->out, ']');
}

/* Is it a bound or a word that is not known there? */
static bool goes(const struct copying *k, struct json_string name)
{
    static const char *const bounds[] = {
        "minimum",     "maximum",       "exclusiveMinimum", "exclusiveMaximum",
        "multipleOf",  "minLength",     "maxLength",        "maxItems",
        "uniqueItems", "minProperties", "maxProperties",    "$schema",
        NULL};
    static const char *const formats[] = {
        "\"date-time\"", "\"time\"", "\"date\"", "\"duration\"", "\"email\"",
        "\"hostname\"",  "\"uri\"",  "\"ipv4\"", "\"ipv6\"",     "\"uuid\""};
    struct str value = ahead(k);
    if (json_string_is(name, "minItems"))
        return !str_eqz(value, "0") && !str_eqz(value, "1");
    if (!json_string_is(name, "format"))
        return is_one_of(name, bounds);
    for (size_t i = 0; i < ARRAY_LEN(formats); i++)
        if (str_eqz(value, formats[i]))
            return false;
    return true;
}

static void copy_member(struct copying *k, struct json_string name, bool *is_first)
{
    static const char *const named[] = {"properties", "$defs", "definitions", NULL};
    static const char *const lists[] = {"items", "prefixItems", "anyOf", "allOf", NULL};
    if (goes(k, name)) {
        k->has_lost |= !json_string_is(name, "$schema");
        json_skip(&k->c, NULL);
    } else if (json_string_is(name, "oneOf")) {
        write_name(k, STR("anyOf"), is_first);
        copy_list(k);
    } else {
        write_name(k, name.raw, is_first);
        if (is_one_of(name, named))
            copy_named(k);
        else if (is_one_of(name, lists))
            copy_list(k);
        else
            copy_raw(k);
    }
}

static void copy_schema(struct copying *k)
{
    struct json_string name;
    struct str raw = ahead(k), type = json_get(raw, "type");
    bool is_first = true;
    if (json_peek(&k->c) != JSON_OBJECT) {
        copy_raw(k);
        return;
    }
    bool is_object =
        str_eqz(type, "\"object\"") || (!type.p && json_get(raw, "properties").p != NULL);
    buf_byte(k->out, '{');
    json_enter_object(&k->c);
    while (json_next_member(&k->c, &name)) {
        if (is_object && json_string_is(name, "additionalProperties")) {
            k->has_lost |= !str_eqz(ahead(k), "false");
            json_skip(&k->c, NULL);
        } else {
            copy_member(k, name, &is_first);
        }
    }
    if (is_object) {
        write_name(k, STR("additionalProperties"), &is_first);
        buf_lit(k->out, "false");
    }
    buf_byte(k->out, '}');
}

bool write_closed_schema(struct json_writer *w, struct str schema)
{
    struct copying k = {.out = w->out};
    json_begin(&k.c, schema);
    copy_schema(&k);
    w->needs_comma = true;
    return k.has_lost;
}
