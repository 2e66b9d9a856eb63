/* read.c -- typed values out of YAML nodes, with units, environment and remedies. */
#include "config/read.h"

#include "core/mem.h"
#include "facts/nearest.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

const struct ynode *read_child_str(const struct ynode *map, struct str name)
{
    if (map->kind != YNODE_MAP)
        return NULL;
    for (const struct ynode *c = map->first; c; c = c->next)
        if (str_eq(c->key->text, name))
            return c;
    return NULL;
}

const struct ynode *read_child(const struct ynode *map, const char *name)
{
    return read_child_str(map, str_of(name));
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
    nearest_print(&near, "; did you mean '", "'?", words, sizeof words);
    fault_at(rd->faults, key, "unknown key '%.*s' in %s%s",
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

static void read_printable(struct reading *rd, const struct ynode *n,
                           const char *but_allow, struct str *out)
{
    if (!read_is_scalar(rd, n))
        return;
    for (size_t i = 0; i < n->text.n; i++)
        if ((unsigned char)n->text.p[i] < ' ' && !strchr(but_allow, n->text.p[i])) {
            fault_at(rd->faults, n, "%s holds a control character", key_name(n));
            return;
        }
    if (n->text.n == 0)
        fault_at(rd->faults, n, "%s must not be empty", key_name(n));
    else
        *out = n->text;
}

void read_text(struct reading *rd, const struct ynode *n, void *out)
{
    read_printable(rd, n, "", out);
}

void read_prose(struct reading *rd, const struct ynode *n, void *out)
{
    read_printable(rd, n, "\n\t", out);
}

/* Names go into headers, log lines and "engine/model": so they are plain words. */
void read_name(struct reading *rd, const struct ynode *n, void *out)
{
    struct str name = STR("");
    bool is_ok = true;
    read_text(rd, n, &name);
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        is_ok &= (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                 (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
    }
    if (!is_ok || name.n > 64)
        fault_at(rd->faults, n,
                 "name is '%.*s'; it must be letters, digits, '-', '_' and '.', at most "
                 "64 of them",
                 (int)(name.n > 80 ? 80 : name.n), name.p);
    else if (name.n)
        *(struct str *)out = name;
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

void *read_alloc(struct reading *rd, size_t size)
{
    void *p = arena_alloc(rd->arena, size);
    if (!p)
        fault_at(rd->faults, NULL, "the file says more than memory can hold");
    return p;
}

/* One ${NAME}.  A name that is not set is a fault and not an empty string: an empty key
 * would be noticed much later, as the provider's 401. */
static bool append_variable(struct reading *rd, const struct ynode *n, struct str name,
                            struct buf *b)
{
    const char *value = read_getenv(rd, name);
    if (value && value[0]) {
        buf_append(b, str_of(value));
        return true;
    }
    fault_at(rd->faults, n, "%s: the environment variable %.*s is %s; export it first",
             key_name(n), (int)(name.n > 80 ? 80 : name.n), name.p,
             value ? "empty" : "not set");
    return false;
}

bool read_expand(struct reading *rd, const struct ynode *n, struct str text,
                 struct str *ret)
{
    bool is_ok = true;
    struct buf b;
    buf_init(&b, (size_t)64 * 1024);
    for (ptrdiff_t at; (at = str_find(text, STR("${"))) >= 0;) {
        ptrdiff_t end = str_index(str_sub(text, (size_t)at, text.n), '}');
        if (end < 0) {
            fault_at(rd->faults, n, "%s: ${ without its }", key_name(n));
            is_ok = false;
            break;
        }
        buf_append(&b, str_sub(text, 0, (size_t)at));
        is_ok &=
            append_variable(rd, n, str_sub(text, (size_t)at + 2, (size_t)(at + end)), &b);
        text = str_sub(text, (size_t)(at + end) + 1, text.n);
    }
    buf_append(&b, text);
    if (is_ok) {
        *ret = b.failed ? (struct str){NULL, 0} : arena_strdup(rd->arena, buf_view(&b));
        is_ok = ret->p != NULL;
        if (!is_ok)
            fault_at(rd->faults, n, "%s is too long", key_name(n));
    }
    mem_wipe(b.p, b.cap); /* it may have been a key */
    buf_release(&b);
    return is_ok;
}

bool read_expand_path(struct reading *rd, const struct ynode *n, struct str text,
                      struct str *ret)
{
    struct str path;
    if (!read_expand(rd, n, text, &path))
        return false;
    if (str_starts(path, STR("~/"))) {
        const char *home = read_getenv(rd, STR("HOME"));
        if (!home) {
            fault_at(rd->faults, n,
                     "HOME is not set, so ~ has no meaning; write the path");
            return false;
        }
        path = arena_printf(rd->arena, "%s/%.*s", home, (int)(path.n - 2), path.p + 2);
    }
    if (!path.p || path.n >= PATH_MAX) {
        fault_at(rd->faults, n, "%s is too long for a path", key_name(n));
        return false;
    }
    *ret = path;
    return true;
}

void read_expanded(struct reading *rd, const struct ynode *n, void *out)
{
    struct str text = STR("");
    read_text(rd, n, &text);
    if (text.n)
        read_expand(rd, n, text, out);
}

void read_path(struct reading *rd, const struct ynode *n, void *out)
{
    struct str text = STR("");
    read_text(rd, n, &text);
    if (text.n)
        read_expand_path(rd, n, text, out);
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
        {"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}};
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

void read_keep_ms(struct reading *rd, const struct ynode *n, void *out)
{
    static const struct unit units[] = {
        {"h", 3600000}, {"d", 24 * 3600000ULL}, {"w", 7 * 24 * 3600000ULL}};
    uint64_t ms = 0;
    if (!read_is_scalar(rd, n))
        return;
    if (str_eqz(n->text, "forever"))
        *(uint64_t *)out = 0;
    else if (scale(n->text, units, ARRAY_LEN(units), 36500ULL * 24 * 3600000, &ms) && ms)
        *(uint64_t *)out = ms;
    else
        fault_at(rd->faults, n,
                 "%s is '%.*s'; it must be forever, or a time like 12h, 400d or 52w",
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
    list->items = read_array(rd, struct str, count + 1);
    list->nodes = read_array(rd, const struct ynode *, count + 1);
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

void read_policy(struct reading *rd, const struct ynode *n, void *out)
{
    const char *words[POLICY_COUNT];
    for (int p = 0; p < POLICY_COUNT; p++)
        words[p] = policy_name((enum policy)p);
    if (n->kind != YNODE_SCALAR || !policy_parse(n->text, out))
        read_word_fault(rd, n, "policy", words, POLICY_COUNT);
}

void read_sensitivity(struct reading *rd, const struct ynode *n, void *out)
{
    static const char *const words[] = {"public", "internal", "confidential"};
    if (n->kind != YNODE_SCALAR || !sensitivity_parse(n->text, out))
        read_word_fault(rd, n, key_name(n), words, ARRAY_LEN(words));
}
