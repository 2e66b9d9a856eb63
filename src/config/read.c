/* read.c -- typed values out of YAML nodes, with units, environment and remedies. */
#include "config/read.h"

#include "facts/nearest.h"

#include <stdio.h>
#include <stdlib.h>

const struct ynode *read_child(const struct ynode *map, const char *name)
{
    if (map->kind != YNODE_MAP)
        return NULL;
    for (const struct ynode *c = map->first; c; c = c->next)
        if (str_eqz(c->key->text, name))
            return c;
    return NULL;
}

size_t read_count(const struct ynode *n)
{
    size_t count = 0;
    for (const struct ynode *c = n->first; c; c = c->next)
        count++;
    return count;
}

static void unknown_key(struct reading *rd, const struct ynode *key,
                        const struct field *fields, size_t nfields, const char *where)
{
    struct nearest near;
    char words[200];
    nearest_init(&near, key->text);
    for (size_t i = 0; i < nfields; i++)
        nearest_offer(&near, str_of(fields[i].name));
    near.n = near.n ? 1 : 0;
    nearest_print(&near, words, sizeof words);
    fault_at(rd->faults, key, "unknown key '%.*s' in %s; did you mean '%s'?",
             (int)(key->text.n > 60 ? 60 : key->text.n), key->text.p, where, words);
}

bool read_fields(struct reading *rd, const struct ynode *n, const struct field *fields,
                 size_t nfields, void *out, const char *where)
{
    if (n->kind != YNODE_MAP) {
        fault_at(rd->faults, n, "%s must be a mapping (key: value), not %s", where,
                 ynode_kind_name(n));
        return false;
    }
    for (const struct ynode *c = n->first; c; c = c->next) {
        size_t i = 0;
        while (i < nfields && !str_eqz(c->key->text, fields[i].name))
            i++;
        if (i == nfields)
            unknown_key(rd, c->key, fields, nfields, where);
        else
            fields[i].read(rd, c, (char *)out + fields[i].offset);
    }
    return true;
}

void read_nothing(struct reading *rd, const struct ynode *n, void *out)
{
    (void)rd;
    (void)n;
    (void)out;
}

static const char *key_name(const struct ynode *n)
{
    return n->key ? n->key->text.p : "the value";
}

bool read_is_scalar(struct reading *rd, const struct ynode *n)
{
    if (n->kind == YNODE_SCALAR &&
        !(n->is_plain &&
          (n->text.n == 0 || str_eqz(n->text, "~") || str_eqz(n->text, "null"))))
        return true;
    fault_at(rd->faults, n, "%s needs a value, not %s", key_name(n),
             n->kind == YNODE_SCALAR ? "nothing" : ynode_kind_name(n));
    return false;
}

void read_text(struct reading *rd, const struct ynode *n, void *out)
{
    if (!read_is_scalar(rd, n))
        return;
    for (size_t i = 0; i < n->text.n; i++)
        if ((unsigned char)n->text.p[i] < ' ') {
            fault_at(rd->faults, n, "%s holds a control character", key_name(n));
            return;
        }
    if (n->text.n == 0)
        fault_at(rd->faults, n, "%s must not be empty", key_name(n));
    else
        *(struct str *)out = n->text;
}

const char *read_getenv(struct reading *rd, struct str name)
{
    char copy[128];
    if (name.n == 0 || name.n >= sizeof copy)
        return NULL;
    memcpy(copy, name.p, name.n);
    copy[name.n] = '\0';
    return rd->getenv_fn ? rd->getenv_fn(copy) : getenv(copy);
}

/* Replaces each ${NAME}; a name that is not set is a fault, not an empty string. */
void read_expanded(struct reading *rd, const struct ynode *n, void *out)
{
    struct str text = STR(""), rest;
    struct buf b;
    read_text(rd, n, &text);
    buf_init(&b, 64 * 1024);
    for (rest = text; rest.n;) {
        ptrdiff_t at = str_find(rest, STR("${"));
        ptrdiff_t end = at < 0 ? -1 : str_index(str_sub(rest, (size_t)at, rest.n), '}');
        if (end < 0)
            break;
        struct str name = str_sub(rest, (size_t)at + 2, (size_t)(at + end));
        const char *value = read_getenv(rd, name);
        if (!value)
            fault_at(rd->faults, n,
                     "the environment variable %.*s is not set; export it, or name "
                     "another source",
                     STR_ARG(name));
        buf_append(&b, str_sub(rest, 0, (size_t)at));
        buf_append(&b, str_of(value ? value : ""));
        rest = str_sub(rest, (size_t)(at + end) + 1, rest.n);
    }
    buf_append(&b, rest);
    if (buf_len(&b))
        *(struct str *)out = arena_strdup(rd->arena, buf_view(&b));
    buf_release(&b);
}

void read_path(struct reading *rd, const struct ynode *n, void *out)
{
    struct str path = STR("");
    read_expanded(rd, n, &path);
    if (path.n == 0)
        return;
    if (str_starts(path, STR("~/"))) {
        const char *home = read_getenv(rd, STR("HOME"));
        if (!home) {
            fault_at(rd->faults, n,
                     "HOME is not set, so ~ has no meaning; write the path");
            return;
        }
        path = arena_printf(rd->arena, "%s/%.*s", home, (int)(path.n - 2), path.p + 2);
    }
    *(struct str *)out = path;
}

/* Splits "32MiB" into 32 and "MiB". */
static bool split_unit(struct str text, uint64_t *ret_number, struct str *ret_unit)
{
    size_t digits = 0;
    while (digits < text.n && text.p[digits] >= '0' && text.p[digits] <= '9')
        digits++;
    *ret_unit = str_trim(str_sub(text, digits, text.n));
    return str_to_u64(str_sub(text, 0, digits), ret_number);
}

struct unit {
    const char *name;
    uint64_t factor;
};

static bool scale(struct str text, const struct unit *units, size_t nunits, uint64_t max,
                  uint64_t *ret)
{
    uint64_t number = 0;
    struct str unit;
    if (!split_unit(text, &number, &unit))
        return false;
    for (size_t i = 0; i < nunits; i++)
        if (str_eqz(unit, units[i].name))
            return !__builtin_mul_overflow(number, units[i].factor, ret) && *ret <= max;
    return false;
}

void read_duration_ms(struct reading *rd, const struct ynode *n, void *out)
{
    static const struct unit units[] = {
        {"ms", 1}, {"s", 1000}, {"m", 60 * 1000}, {"h", 3600 * 1000}};
    uint64_t ms = 0;
    if (!read_is_scalar(rd, n))
        return;
    if (scale(n->text, units, ARRAY_LEN(units), 7ULL * 24 * 3600 * 1000, &ms) && ms > 0)
        *(uint32_t *)out = (uint32_t)ms;
    else
        fault_at(rd->faults, n,
                 "%s is '%.*s'; it must be a time with its unit, like 500ms, 10s, 5m or "
                 "1h (at most 7 days)",
                 key_name(n), STR_ARG(n->text));
}

void read_size(struct reading *rd, const struct ynode *n, void *out)
{
    static const struct unit units[] = {
        {"", 1}, {"B", 1}, {"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}};
    uint64_t bytes = 0;
    if (!read_is_scalar(rd, n))
        return;
    if (scale(n->text, units, ARRAY_LEN(units), 1ULL << 40, &bytes) && bytes > 0)
        *(uint64_t *)out = bytes;
    else
        fault_at(rd->faults, n,
                 "%s is '%.*s'; it must be a size like 1048576, 512KiB or 32MiB",
                 key_name(n), STR_ARG(n->text));
}

void read_u64(struct reading *rd, const struct ynode *n, void *out)
{
    uint64_t v = 0;
    if (!read_is_scalar(rd, n))
        return;
    if (str_to_u64(n->text, &v))
        *(uint64_t *)out = v;
    else
        fault_at(rd->faults, n, "%s is '%.*s'; it must be a whole number, 0 or more",
                 key_name(n), STR_ARG(n->text));
}

void read_u32(struct reading *rd, const struct ynode *n, void *out)
{
    uint64_t v = UINT64_MAX;
    size_t before = rd->faults->nerrors;
    read_u64(rd, n, &v);
    if (v <= 1000000)
        *(uint32_t *)out = (uint32_t)v;
    else if (rd->faults->nerrors == before)
        fault_at(rd->faults, n, "%s is %.*s; more than 1000000 is surely a slip",
                 key_name(n), STR_ARG(n->text));
}

void read_text_list(struct reading *rd, const struct ynode *n, void *out)
{
    struct text_list *list = out;
    if (n->kind != YNODE_LIST) {
        fault_at(rd->faults, n, "%s must be a list, like [a, b]", key_name(n));
        return;
    }
    size_t count = read_count(n);
    list->items = arena_array(rd->arena, struct str, count + 1);
    list->nodes = arena_array(rd->arena, const struct ynode *, count + 1);
    for (const struct ynode *c = n->first; c && list->items && list->nodes; c = c->next) {
        list->nodes[list->n] = c;
        read_text(rd, c, &list->items[list->n]);
        list->n += list->items[list->n].n > 0;
    }
}

void read_word_fault(struct reading *rd, const struct ynode *n, const char *what,
                     const char *const *words, size_t nwords)
{
    char all[300] = "";
    size_t at = 0;
    for (size_t i = 0; i < nwords; i++) {
        int w = snprintf(all + at, sizeof all - at, "%s%s", i ? ", " : "", words[i]);
        if (w < 0 || (size_t)w >= sizeof all - at)
            break;
        at += (size_t)w;
    }
    fault_at(rd->faults, n, "%s is '%.*s'; it must be one of: %s", what,
             (int)(n->text.n > 60 ? 60 : n->text.n), n->text.n ? n->text.p : "", all);
}
