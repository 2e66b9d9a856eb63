/* value.c -- walking a schema and writing the least that satisfies it.
 *
 * Every property listed in `required` is written, and no other: it is what strict
 * function calling demands and what lenient ones accept.  The schema is a span of a
 * body that has been validated, so a walk ends; its depth is bounded by the scanner's
 * and by DEPTH_MAX (a schema may be deeper than an answer should be). */
#include "sim/value.h"

#include "core/random.h"

#include "sim/text.h"
#include "json/scan.h"
#include "json/write.h"

enum { DEPTH_MAX = 24, LENGTH_MAX = 64 };

static void write_value(struct buf *out, struct str schema, uint64_t *seed,
                        unsigned depth);

static int64_t bound(struct str schema, const char *key, int64_t otherwise)
{
    double v;
    struct str raw = json_get(schema, key);
    if (!raw.p || !str_to_double(raw, &v) || v < -1e15 || v > 1e15)
        return otherwise;
    return (int64_t)v;
}

static void write_number(struct buf *out, struct str schema, uint64_t *seed,
                         bool is_whole)
{
    int64_t low = bound(schema, "minimum", bound(schema, "exclusiveMinimum", -1) + 1);
    int64_t high = bound(schema, "maximum", low + 9);
    uint64_t r = random_next(seed);
    if (high > low && high - low < INT32_MAX)
        low += (int64_t)(r % (uint64_t)(high - low));
    buf_i64(out, low);
    if (!is_whole && high > low)
        buf_lit(out, ".5");
}

static void write_text(struct buf *out, struct str schema, uint64_t *seed)
{
    int64_t least = bound(schema, "minLength", 1);
    int64_t most = bound(schema, "maxLength", INT32_MAX);
    char text[LENGTH_MAX];
    size_t n = 0;
    do {
        struct str word = sim_word(random_next(seed));
        for (size_t i = 0; i < word.n && n < sizeof text; i++)
            text[n++] = word.p[i];
    } while ((int64_t)n < least && n < sizeof text);
    if (most >= 0 && (int64_t)n > most)
        n = (size_t)most;
    json_write_string(out, (struct str){text, n});
}

static void write_first_of(struct buf *out, struct str list, uint64_t *seed,
                           unsigned depth)
{
    struct json_cur c;
    struct str raw;
    json_begin(&c, list);
    if (!json_enter_array(&c) || !json_next_element(&c) || !json_skip(&c, &raw))
        buf_lit(out, "null");
    else
        write_value(out, raw, seed, depth + 1);
}

static void write_enum(struct buf *out, struct str list, uint64_t *seed)
{
    struct json_cur c;
    struct str raw, chosen = STR("null");
    uint64_t n = 0;
    json_begin(&c, list);
    if (json_enter_array(&c))
        while (json_next_element(&c) && json_skip(&c, &raw))
            if (random_next(seed) % ++n == 0)
                chosen = raw;
    buf_append(out, chosen);
}

static void write_list(struct buf *out, struct str schema, uint64_t *seed, unsigned depth)
{
    struct str items = json_get(schema, "items");
    int64_t n = bound(schema, "minItems", 1);
    buf_byte(out, '[');
    for (int64_t i = 0; i < n && i < LENGTH_MAX; i++) {
        if (i)
            buf_lit(out, ", ");
        write_value(out, items.p ? items : STR("{}"), seed, depth + 1);
    }
    buf_byte(out, ']');
}

/* The schema of a property: keys are compared as written, escapes and all. */
static struct str property(struct str properties, struct str raw_key)
{
    struct json_cur c;
    struct json_string key;
    struct str raw;
    json_begin(&c, properties);
    if (json_enter_object(&c))
        while (json_next_member(&c, &key) && json_skip(&c, &raw))
            if (str_eq(key.raw, raw_key))
                return raw;
    return STR("{}");
}

static void write_object(struct buf *out, struct str schema, uint64_t *seed,
                         unsigned depth)
{
    struct str properties = json_get(schema, "properties");
    struct json_cur c;
    struct json_string key;
    bool is_first = true;
    json_begin(&c, json_get(schema, "required"));
    buf_byte(out, '{');
    if (json_peek(&c) == JSON_ARRAY && json_enter_array(&c)) {
        while (json_next_element(&c) && json_read_string(&c, &key)) {
            buf_append(out, is_first ? STR("\"") : STR(", \""));
            buf_append(out, key.raw);
            buf_lit(out, "\": ");
            write_value(out, property(properties, key.raw), seed, depth + 1);
            is_first = false;
        }
    }
    buf_byte(out, '}');
}

/* The raw "type", or the first of a list of types. */
static struct str type_of(struct str schema)
{
    struct str type = json_get(schema, "type"), raw;
    struct json_cur c;
    json_begin(&c, type.p ? type : STR("\"\""));
    if (json_peek(&c) == JSON_ARRAY && json_enter_array(&c) && json_next_element(&c) &&
        json_skip(&c, &raw))
        return raw;
    if (!type.p && json_get(schema, "properties").p)
        return STR("\"object\"");
    return type;
}

static void write_typed(struct buf *out, struct str schema, uint64_t *seed,
                        unsigned depth)
{
    struct str type = type_of(schema);
    if (str_eqz(type, "\"object\""))
        write_object(out, schema, seed, depth);
    else if (str_eqz(type, "\"array\""))
        write_list(out, schema, seed, depth);
    else if (str_eqz(type, "\"integer\"") || str_eqz(type, "\"number\""))
        write_number(out, schema, seed, str_eqz(type, "\"integer\""));
    else if (str_eqz(type, "\"boolean\""))
        buf_append(out, random_next(seed) & 1 ? STR("true") : STR("false"));
    else if (str_eqz(type, "\"null\""))
        buf_lit(out, "null");
    else
        write_text(out, schema, seed);
}

static void write_value(struct buf *out, struct str schema, uint64_t *seed,
                        unsigned depth)
{
    struct str raw;
    if (depth > DEPTH_MAX)
        buf_lit(out, "null");
    else if ((raw = json_get(schema, "const")).p)
        buf_append(out, raw);
    else if ((raw = json_get(schema, "enum")).p)
        write_enum(out, raw, seed);
    else if ((raw = json_get(schema, "anyOf")).p || (raw = json_get(schema, "oneOf")).p)
        write_first_of(out, raw, seed, depth);
    else
        write_typed(out, schema, seed, depth);
}

void sim_value(struct buf *out, struct str schema, uint64_t seed)
{
    if (!schema.p)
        schema = STR("{\"type\":\"object\",\"required\":[\"answer\"]}");
    write_value(out, schema, &seed, 0);
}
