/* schema.c -- does a JSON value fit a JSON Schema?
 *
 * The keywords of one schema object are found in one pass, then each is held against the
 * value.  A path to the value is kept as a chain on the stack and written out only when
 * something does not fit. */
#include "judge/schema.h"

#include "json/scan.h"

#include <math.h>
#include <stdio.h>

/* READ_BYTES bounds the work: an object's members are looked up by reading it again. */
enum { SCHEMA_DEPTH = 24, READ_BYTES = 8 << 20, PATH_BYTES = 120 };

enum keyword {
    K_TYPE,
    K_ENUM,
    K_CONST,
    K_REQUIRED,
    K_PROPERTIES,
    K_ADDITIONAL,
    K_ITEMS,
    K_PREFIX,
    K_MIN_ITEMS,
    K_MAX_ITEMS,
    K_MIN_LENGTH,
    K_MAX_LENGTH,
    K_MINIMUM,
    K_MAXIMUM,
    K_ABOVE,
    K_BELOW,
    K_ANY_OF,
    K_ONE_OF,
    K_ALL_OF,
    K_REF,
    K_COUNT
};
static const char *const keywords[K_COUNT] = {"type",
                                              "enum",
                                              "const",
                                              "required",
                                              "properties",
                                              "additionalProperties",
                                              "items",
                                              "prefixItems",
                                              "minItems",
                                              "maxItems",
                                              "minLength",
                                              "maxLength",
                                              "minimum",
                                              "maximum",
                                              "exclusiveMinimum",
                                              "exclusiveMaximum",
                                              "anyOf",
                                              "oneOf",
                                              "allOf",
                                              "$ref"};
/* Say nothing that a value could break. */
static const char *const harmless[] = {
    "title",  "description", "default",  "examples",   "$schema",  "$id",
    "$defs",  "definitions", "$comment", "deprecated", "readOnly", "writeOnly",
    "strict", "name",        "$anchor",  "nullable"};

struct step { /* from the whole value to a part */
    const struct step *up;
    struct str name; /* p == NULL: the index */
    size_t index;
};

struct check {
    struct str root;
    struct arena *arena;
    struct schema_result *ret;
    size_t nread;   /* bytes of schema and value, each time they are read */
    unsigned quiet; /* inside anyOf: a misfit is not told */
};

static bool fits(struct check *k, struct str schema, struct str value,
                 const struct step *at, unsigned depth);

/* -- telling ------------------------------------------------------------------------- */

static size_t put_path(const struct step *at, char *out, size_t cap)
{
    if (!at)
        return (size_t)snprintf(out, cap, "$");
    size_t n = put_path(at->up, out, cap);
    if (n >= cap)
        return cap;
    int m = at->name.p
                ? snprintf(out + n, cap - n, ".%.*s", STR_ARG(str_sub(at->name, 0, 40)))
                : snprintf(out + n, cap - n, "[%zu]", at->index);
    return n + (size_t)m < cap ? n + (size_t)m : cap;
}

static bool misfit(struct check *k, const struct step *at, const char *what,
                   struct str detail)
{
    char path[PATH_BYTES];
    if (k->quiet || k->ret->why.p)
        return false;
    put_path(at, path, sizeof path);
    k->ret->why =
        arena_printf(k->arena, "%s: %s%.*s", path, what, STR_ARG(str_sub(detail, 0, 60)));
    return false;
}

/* -- reading a schema -----------------------------------------------------------------
 */

static void note_unread(struct check *k)
{
    k->ret->has_unread = true;
}

static bool may_read(struct check *k, size_t n)
{
    k->nread += n;
    return k->nread <= READ_BYTES;
}

static bool read_keywords(struct check *k, struct str schema, struct str found[K_COUNT])
{
    struct json_cur c;
    struct json_string key;
    struct str raw;
    json_begin(&c, schema);
    if (json_peek(&c) != JSON_OBJECT || !json_enter_object(&c))
        return false;
    while (json_next_member(&c, &key) && json_skip(&c, &raw)) {
        size_t i = 0, h = 0;
        while (i < K_COUNT && !str_eqz(key.raw, keywords[i]))
            i++;
        while (h < ARRAY_LEN(harmless) && !str_eqz(key.raw, harmless[h]))
            h++;
        if (i < K_COUNT)
            found[i] = raw;
        else if (h == ARRAY_LEN(harmless))
            note_unread(k);
    }
    return json_ok(&c);
}

/* "#/$defs/x" within the whole schema; p == NULL: not found. */
static struct str resolve(struct check *k, struct str ref)
{
    struct str at = k->root, part;
    struct str rest = str_sub(ref, 1, ref.n ? ref.n - 1 : 0); /* without its quotes */
    if (!rest.n || rest.p[0] != '#' || str_find(rest, STR("~")) >= 0 ||
        str_find(rest, STR("\\")) >= 0)
        return (struct str){NULL, 0};
    rest = str_sub(rest, 1, rest.n);
    if (rest.n && rest.p[0] == '/')
        rest = str_sub(rest, 1, rest.n);
    while (at.p && str_split(&rest, '/', &part)) {
        char name[64];
        if (part.n >= sizeof name)
            return (struct str){NULL, 0};
        memcpy(name, part.p, part.n);
        name[part.n] = '\0';
        at = json_get(at, name);
    }
    return at;
}

/* -- types ----------------------------------------------------------------------------
 */

static const char *kind_of(struct str value, bool *ret_is_integer)
{
    struct json_cur c;
    double d;
    json_begin(&c, value);
    *ret_is_integer = false;
    switch (json_peek(&c)) {
    case JSON_OBJECT:
        return "object";
    case JSON_ARRAY:
        return "array";
    case JSON_STRING:
        return "string";
    case JSON_NUMBER:
        *ret_is_integer = str_to_double(value, &d) && d == floor(d);
        return "number";
    case JSON_TRUE:
    case JSON_FALSE:
        return "boolean";
    case JSON_NULL:
        return "null";
    default:
        return "nothing";
    }
}

static bool is_of_type(struct str type, struct str value)
{
    bool is_integer;
    struct str kind = str_of(kind_of(value, &is_integer));
    struct str name = str_sub(type, 1, type.n ? type.n - 1 : 0);
    return str_eq(name, kind) || (is_integer && str_eqz(name, "integer"));
}

static bool type_fits(struct check *k, struct str type, struct str value,
                      const struct step *at)
{
    struct json_cur c;
    struct str one;
    bool ok = false, ignored;
    json_begin(&c, type);
    if (json_peek(&c) == JSON_STRING) {
        ok = is_of_type(type, value);
    } else if (json_peek(&c) == JSON_ARRAY && json_enter_array(&c)) {
        while (json_next_element(&c) && json_skip(&c, &one))
            ok |= is_of_type(one, value);
    } else {
        note_unread(k);
        return true;
    }
    if (ok)
        return true;
    struct str what =
        arena_printf(k->arena, "%.*s, not %s", STR_ARG(str_sub(type, 0, 40)),
                     kind_of(value, &ignored));
    return misfit(k, at, "the schema wants ", what);
}

static bool is_among(struct str list, struct str value)
{
    struct json_cur c;
    struct str one;
    json_begin(&c, list);
    if (!json_array_or_skip(&c))
        return true;
    while (json_next_element(&c) && json_skip(&c, &one))
        if (json_same_value(one, value))
            return true;
    return false;
}

/* -- numbers and lengths --------------------------------------------------------------
 */

static bool limit_of(struct str raw, double *ret)
{
    return raw.p && str_to_double(raw, ret);
}

static bool in_limits(struct check *k, const struct str *f, double v, enum keyword least,
                      enum keyword most, const struct step *at, const char *what)
{
    double limit;
    if (limit_of(f[least], &limit) && v < limit)
        return misfit(k, at, what, arena_printf(k->arena, "at least %g", limit));
    if (limit_of(f[most], &limit) && v > limit)
        return misfit(k, at, what, arena_printf(k->arena, "at most %g", limit));
    return true;
}

static bool number_fits(struct check *k, const struct str *f, struct str value,
                        const struct step *at)
{
    double v, limit;
    if (!str_to_double(value, &v))
        return true;
    if (limit_of(f[K_ABOVE], &limit) && v <= limit)
        return misfit(k, at, "the schema wants more than ",
                      arena_printf(k->arena, "%g", limit));
    if (limit_of(f[K_BELOW], &limit) && v >= limit)
        return misfit(k, at, "the schema wants less than ",
                      arena_printf(k->arena, "%g", limit));
    return in_limits(k, f, v, K_MINIMUM, K_MAXIMUM, at, "the schema wants ");
}

static bool string_fits(struct check *k, const struct str *f, struct str value,
                        const struct step *at)
{
    struct json_cur c;
    struct json_string s;
    size_t n = 0;
    if (!f[K_MIN_LENGTH].p && !f[K_MAX_LENGTH].p)
        return true;
    json_begin(&c, value);
    if (!json_read_string(&c, &s))
        return true;
    for (const char *p = s.raw.p, *end = p + s.raw.n; p < end; n++) {
        char out[4];
        if (*p == '\\')
            json_take_escape(&p, end, out);
        else
            for (p++; p < end && ((unsigned char)*p & 0xc0) == 0x80;)
                p++;
    }
    return in_limits(k, f, (double)n, K_MIN_LENGTH, K_MAX_LENGTH, at,
                     "the schema wants characters: ");
}

/* -- arrays and objects ---------------------------------------------------------------
 */

static bool array_fits(struct check *k, const struct str *f, struct str value,
                       const struct step *at, unsigned depth)
{
    struct json_cur c, p;
    struct str one, schema;
    struct step here = {at, {NULL, 0}, 0};
    bool has_prefix = false;
    json_begin(&c, value);
    json_begin(&p, f[K_PREFIX].p ? f[K_PREFIX] : STR("[]"));
    has_prefix = json_array_or_skip(&p);
    if (!json_enter_array(&c))
        return true;
    for (; json_next_element(&c) && json_skip(&c, &one); here.index++) {
        schema = f[K_ITEMS];
        if (has_prefix && json_next_element(&p))
            json_skip(&p, &schema);
        else
            has_prefix = false;
        if (schema.p && !fits(k, schema, one, &here, depth))
            return false;
    }
    return in_limits(k, f, (double)here.index, K_MIN_ITEMS, K_MAX_ITEMS, at,
                     "the schema wants elements: ");
}

static struct str find_member(struct check *k, struct str object, struct str raw_key)
{
    struct json_cur c;
    struct json_string key;
    struct str raw;
    if (!object.p || !may_read(k, object.n))
        return (struct str){NULL, 0};
    json_begin(&c, object);
    if (!json_object_or_skip(&c))
        return (struct str){NULL, 0};
    while (json_next_member(&c, &key) && json_skip(&c, &raw))
        if (str_eq(key.raw, raw_key))
            return raw;
    return (struct str){NULL, 0};
}

static bool has_required(struct check *k, struct str required, struct str value,
                         const struct step *at)
{
    struct json_cur c;
    struct json_string name;
    json_begin(&c, required);
    if (!json_array_or_skip(&c))
        return true;
    while (json_next_element(&c)) {
        if (!json_read_string(&c, &name))
            return true;
        if (!find_member(k, value, name.raw).p && k->nread <= READ_BYTES)
            return misfit(k, at, "a member is missing: ", name.raw);
    }
    return true;
}

static bool object_fits(struct check *k, const struct str *f, struct str value,
                        const struct step *at, unsigned depth)
{
    struct json_cur c;
    struct json_string key;
    struct str one;
    if (f[K_REQUIRED].p && !has_required(k, f[K_REQUIRED], value, at))
        return false;
    if (!f[K_PROPERTIES].p && !f[K_ADDITIONAL].p)
        return true;
    json_begin(&c, value);
    if (!json_enter_object(&c))
        return true;
    while (k->nread <= READ_BYTES && json_next_member(&c, &key) && json_skip(&c, &one)) {
        struct step here = {at, key.raw, 0};
        struct str schema = find_member(k, f[K_PROPERTIES], key.raw);
        if (!schema.p)
            schema = f[K_ADDITIONAL];
        if (!schema.p)
            continue;
        if (str_eqz(schema, "false"))
            return misfit(k, at, "the schema knows no member ", key.raw);
        if (!fits(k, schema, one, &here, depth))
            return false;
    }
    return true;
}

/* -- schemas of schemas ---------------------------------------------------------------
 */

static bool all_fit(struct check *k, struct str list, struct str value,
                    const struct step *at, unsigned depth)
{
    struct json_cur c;
    struct str one;
    json_begin(&c, list);
    if (!json_array_or_skip(&c))
        return true;
    while (json_next_element(&c) && json_skip(&c, &one))
        if (!fits(k, one, value, at, depth))
            return false;
    return true;
}

static bool any_fits(struct check *k, struct str list, struct str value,
                     const struct step *at, unsigned depth)
{
    struct json_cur c;
    struct str one;
    bool ok = false, is_empty = true;
    json_begin(&c, list);
    if (!json_array_or_skip(&c))
        return true;
    k->quiet++;
    while (!ok && json_next_element(&c) && json_skip(&c, &one)) {
        is_empty = false;
        ok = fits(k, one, value, at, depth);
    }
    k->quiet--;
    return ok || is_empty ||
           misfit(k, at, "no form fits that the schema allows", STR(""));
}

static bool values_fit(struct check *k, const struct str *f, struct str value,
                       const struct step *at, unsigned depth)
{
    switch (value.n ? value.p[0] : 0) {
    case '{':
        return object_fits(k, f, value, at, depth);
    case '[':
        return array_fits(k, f, value, at, depth);
    case '"':
        return string_fits(k, f, value, at);
    default:
        return number_fits(k, f, value, at);
    }
}

static bool fits(struct check *k, struct str schema, struct str value,
                 const struct step *at, unsigned depth)
{
    struct str f[K_COUNT] = {{NULL, 0}};
    if (str_eqz(schema, "true"))
        return true;
    if (depth >= SCHEMA_DEPTH || !may_read(k, schema.n + value.n) ||
        !read_keywords(k, schema, f)) {
        note_unread(k);
        return true;
    }
    if (f[K_REF].p) {
        struct str target = resolve(k, f[K_REF]);
        if (!target.p)
            note_unread(k);
        else if (!fits(k, target, value, at, depth + 1))
            return false;
    }
    if (f[K_TYPE].p && !type_fits(k, f[K_TYPE], value, at))
        return false;
    if (f[K_CONST].p && !json_same_value(f[K_CONST], value))
        return misfit(k, at, "the schema wants ", f[K_CONST]);
    if (f[K_ENUM].p && !is_among(f[K_ENUM], value))
        return misfit(k, at, "the schema wants one of ", f[K_ENUM]);
    if (f[K_ALL_OF].p && !all_fit(k, f[K_ALL_OF], value, at, depth + 1))
        return false;
    if (f[K_ANY_OF].p && !any_fits(k, f[K_ANY_OF], value, at, depth + 1))
        return false;
    if (f[K_ONE_OF].p && !any_fits(k, f[K_ONE_OF], value, at, depth + 1))
        return false;
    return values_fit(k, f, value, at, depth + 1);
}

static bool is_json(struct str s)
{
    struct json_cur c;
    json_begin(&c, s);
    json_skip(&c, NULL);
    return json_finish(&c, NULL) == 0;
}

struct schema_result schema_check(struct str schema, struct str value,
                                  struct arena *arena)
{
    struct schema_result r = {.fits = true};
    struct check k = {.root = schema, .arena = arena, .ret = &r};
    struct json_cur c;
    struct str inner;
    json_begin(&c, value);
    if (!is_json(schema) || !json_skip(&c, &inner)) {
        r.has_unread = true;
        return r;
    }
    r.fits = fits(&k, schema, inner, NULL, 0);
    return r;
}
