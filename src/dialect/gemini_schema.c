/* gemini_schema.c -- Google's own kind of schema, as JSON Schema.
 *
 * It is OpenAPI 3.0's with types in capitals: {"type":"OBJECT","nullable":true}; limits
 * may be numbers in strings, as in all of Google's JSON.  Order of properties and
 * examples ask for nothing that a schema could say, and are left out. */
#include "dialect/gemini.h"
#include "json/write.h"

enum { MOST_TIMES = 2, SPARE_BYTES = 4096, MOST_WORD_BYTES = 32 };

enum inner { IS_VALUE, IS_SCHEMA, IS_SCHEMAS, IS_NAMED, IS_NUMBER, IS_LEFT_OUT };

static enum inner inner_of(struct json_string k)
{
    static const struct {
        const char *name;
        enum inner inner;
    } rows[] = {
        {"properties", IS_NAMED},
        {"items", IS_SCHEMA},
        {"additionalProperties", IS_SCHEMA},
        {"anyOf", IS_SCHEMAS},
        {"oneOf", IS_SCHEMAS},
        {"allOf", IS_SCHEMAS},
        {"prefixItems", IS_SCHEMAS},
        {"$defs", IS_NAMED},
        {"definitions", IS_NAMED},
        {"defs", IS_NAMED},
        {"minItems", IS_NUMBER},
        {"maxItems", IS_NUMBER},
        {"minLength", IS_NUMBER},
        {"maxLength", IS_NUMBER},
        {"minProperties", IS_NUMBER},
        {"maxProperties", IS_NUMBER},
        {"propertyOrdering", IS_LEFT_OUT},
        {"example", IS_LEFT_OUT},
        {"nullable", IS_LEFT_OUT},
        {"type", IS_LEFT_OUT},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (gemini_is(k, rows[i].name))
            return rows[i].inner;
    return IS_VALUE;
}

/* Which of them stood somewhere in it. */
struct schema_writing {
    struct json_writer w;
    bool has_ordering, has_example;
};

static void leave_out(struct json_writer *w, struct json_string k)
{
    struct schema_writing *s = CONTAINER_OF(w, struct schema_writing, w);
    s->has_ordering |= gemini_is(k, "propertyOrdering");
    s->has_example |= gemini_is(k, "example");
}

/* As JSON Schema has it: likeThis. */
static void write_name(struct json_writer *w, struct json_string k)
{
    static const char *const names[] = {"anyOf",
                                        "oneOf",
                                        "allOf",
                                        "prefixItems",
                                        "minItems",
                                        "maxItems",
                                        "minLength",
                                        "maxLength",
                                        "minProperties",
                                        "maxProperties",
                                        "additionalProperties"};
    if (w->needs_comma)
        buf_byte(w->out, ',');
    w->needs_comma = false;
    buf_byte(w->out, '"');
    struct str name = k.raw;
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (gemini_is(k, names[i]))
            name = str_of(names[i]);
    buf_append(w->out, name);
    buf_lit(w->out, "\":");
}

static void write_schema(struct json_writer *w, struct str raw);

static void write_schemas(struct json_writer *w, struct str raw)
{
    struct json_cur c;
    struct str one;
    json_array_open(w);
    if (array_begin(&c, raw))
        while (array_next(&c, &one))
            write_schema(w, one);
    json_array_close(w);
}

static void write_named(struct json_writer *w, struct str raw)
{
    struct json_cur c;
    struct json_string k;
    struct str value;
    json_begin(&c, raw);
    if (json_peek(&c) != JSON_OBJECT) {
        json_raw(w, raw);
        return;
    }
    json_object_open(w);
    json_enter_object(&c);
    while (json_next_member(&c, &k) && json_skip(&c, &value)) {
        if (w->needs_comma)
            buf_byte(w->out, ',');
        w->needs_comma = false;
        buf_byte(w->out, '"');
        buf_append(w->out, k.raw); /* the client's own name: as it is */
        buf_lit(w->out, "\":");
        write_schema(w, value);
    }
    json_object_close(w);
}

static void write_value(struct json_writer *w, enum inner inner, struct str value)
{
    switch (inner) {
    case IS_SCHEMA:
        write_schema(w, value);
        break;
    case IS_SCHEMAS:
        write_schemas(w, value);
        break;
    case IS_NAMED:
        write_named(w, value);
        break;
    case IS_NUMBER: /* "3" */
        json_raw(w, raw_is(value, '"') && value.n > 2 ? str_sub(value, 1, value.n - 1)
                                                      : value);
        break;
    case IS_VALUE:
    case IS_LEFT_OUT:
        json_raw(w, value);
        break;
    }
}

/* "OBJECT", "TYPE_UNSPECIFIED", or what JSON Schema has: "object", ["string","null"]. */
static void write_type(struct json_writer *w, struct str type, bool is_nullable)
{
    char word[MOST_WORD_BYTES];
    size_t n = type.n < sizeof word ? type.n : 0;
    if (!type.p || str_eqz(type, "\"TYPE_UNSPECIFIED\""))
        return;
    json_key(w, "type");
    for (size_t i = 0; i < n; i++)
        word[i] =
            type.p[i] >= 'A' && type.p[i] <= 'Z' ? (char)(type.p[i] | 0x20) : type.p[i];
    struct str own = raw_is(type, '"') && n ? (struct str){word, n} : type;
    if (!is_nullable || !raw_is(type, '"')) {
        json_raw(w, own);
        return;
    }
    json_array_open(w);
    json_raw(w, own);
    json_str(w, STR("null"));
    json_array_close(w);
}

static void write_schema(struct json_writer *w, struct str raw)
{
    struct json_cur c;
    struct json_string k;
    struct str value;
    json_begin(&c, raw);
    if (json_peek(&c) != JSON_OBJECT) {
        json_raw(w, raw);
        return;
    }
    json_object_open(w);
    write_type(w, gemini_get(NULL, raw, "type"),
               str_eqz(gemini_get(NULL, raw, "nullable"), "true"));
    json_enter_object(&c);
    while (json_next_member(&c, &k) && json_skip(&c, &value)) {
        enum inner inner = inner_of(k);
        if (inner == IS_LEFT_OUT) {
            leave_out(w, k);
            continue;
        }
        write_name(w, k);
        write_value(w, inner, value);
    }
    json_object_close(w);
}

int gemini_schema(const struct reader *r, struct str raw, struct str *ret)
{
    struct schema_writing s = {.has_ordering = false};
    struct buf out;
    buf_init(&out, MOST_TIMES * raw.n + SPARE_BYTES);
    json_writer_init(&s.w, &out);
    write_schema(&s.w, raw);
    *ret = out.failed ? (struct str){NULL, 0} : arena_strdup(r->arena, buf_view(&out));
    buf_release(&out);
    if (!ret->p)
        return err_nomem(r->err);
    if (s.has_ordering && reader_lose_name(r, STR("schema.propertyOrdering")) != 0)
        return -1;
    return s.has_example ? reader_lose_name(r, STR("schema.example")) : 0;
}
