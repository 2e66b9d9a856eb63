/* devices.c -- loading hardware rows and finding one by the name people use. */
#include "facts/devices.h"

#include "core/mem.h"
#include "facts/money.h"
#include "facts/nearest.h"
#include "facts/table.h"

#include <math.h>

enum { DEVICES_ARENA = 4 << 20 };

struct devices {
    struct arena arena;
    struct device *rows;
    size_t n;
    int64_t built_days;
};

static int read_kind(const struct table *t, size_t row, enum device_kind *ret,
                     struct err *err)
{
    static const struct {
        const char *vendor;
        enum device_kind kind;
    } kinds[] = {{"NVIDIA", DEVICE_NVIDIA},
                 {"AMD", DEVICE_AMD},
                 {"Intel", DEVICE_INTEL},
                 {"Apple", DEVICE_APPLE},
                 {"CPU", DEVICE_CPU}};
    struct str vendor = {0};
    if (table_str(t, row, "vendor", &vendor, err) < 0)
        return -1;
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        if (str_eqz(vendor, kinds[i].vendor)) {
            *ret = kinds[i].kind;
            return 0;
        }
    }
    return table_fault(t, row, "vendor", "must be NVIDIA, AMD, Intel, Apple or CPU", err);
}

static int read_price(const struct table *t, size_t row, struct device *d,
                      struct err *err)
{
    struct str price = {0};
    d->price_nanousd = -1;
    if (table_str(t, row, "launch_price_usd", &price, err) < 0)
        return -1;
    if (price.n == 0)
        return 0;
    return money_parse_usd(price, "devices facts, launch_price_usd", &d->price_nanousd,
                           err);
}

/* The fields other sources give differently, as one short text. */
static int read_conflicts(const struct table *t, size_t row, struct device *d,
                          struct err *err)
{
    const json_t *list = json_object_get(json_array_get(t->rows, row), "conflicts");
    struct str text = STR("");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *c = json_array_get(list, i);
        const char *field = json_string_value(json_object_get(c, "field"));
        text = arena_printf(t->arena, "%.*s%s%s: %g", STR_ARG(text), i ? ", " : "",
                            field ? field : "?",
                            json_number_value(json_object_get(c, "other")));
        if (!text.p)
            return err_nomem(err);
    }
    d->conflict = text;
    d->has_conflict = text.n > 0;
    return 0;
}

static int read_row(const struct table *t, size_t row, struct device *d, struct err *err)
{
    if (table_str(t, row, "name", &d->name, err) < 0 ||
        read_kind(t, row, &d->kind, err) < 0 ||
        table_number(t, row, "memory_gb", &d->memory_gb, err) < 0 ||
        table_number(t, row, "bandwidth_gbs", &d->bandwidth_gbs, err) < 0 ||
        table_number(t, row, "tdp_w", &d->tdp_w, err) < 0 ||
        table_bool(t, row, "unified", &d->is_unified, err) < 0 ||
        table_source(t, row, &d->source, &d->source_days, err) < 0 ||
        read_price(t, row, d, err) < 0 || read_conflicts(t, row, d, err) < 0)
        return -1;
    if (d->name.n == 0)
        return table_fault(t, row, "name", "is missing", err);
    if (d->bandwidth_gbs <= 0 || d->bandwidth_gbs > 100000)
        return table_fault(t, row, "bandwidth_gbs", "must be above 0 GB/s", err);
    const json_t *fields = json_object_get(json_array_get(t->rows, row), "field_sources");
    const char *price_source =
        json_string_value(json_object_get(fields, "launch_price_usd"));
    d->price_unverified = price_source && strstr(price_source, "unverified");
    return 0;
}

int devices_load(struct str json, struct devices **ret, struct err *err)
{
    struct table t;
    struct devices *d = mem_new(struct devices);
    if (!d)
        return err_nomem(err);
    arena_init(&d->arena, DEVICES_ARENA);
    if (table_open(&t, "devices", json, &d->arena, err) < 0) {
        devices_free(d);
        return -1;
    }
    d->rows = arena_array(&d->arena, struct device, t.n);
    int rc = d->rows ? 0 : err_nomem(err);
    for (size_t i = 0; rc == 0 && i < t.n; i++)
        rc = read_row(&t, i, &d->rows[i], err);
    d->n = t.n;
    d->built_days = t.built_days;
    table_close(&t);
    if (rc < 0) {
        devices_free(d);
        return -1;
    }
    *ret = d;
    return 0;
}

void devices_free(struct devices *d)
{
    if (!d)
        return;
    arena_reset(&d->arena);
    mem_free(d);
}

size_t devices_count(const struct devices *d)
{
    return d->n;
}

const struct device *devices_at(const struct devices *d, size_t i)
{
    return &d->rows[i];
}

int64_t devices_built_days(const struct devices *d)
{
    return d->built_days;
}

static struct str without_maker(struct str name)
{
    static const char *const makers[] = {"nvidia ", "geforce ", "apple ",
                                         "amd ",    "radeon ",  "intel "};
    for (bool again = true; again;) {
        again = false;
        for (size_t i = 0; i < ARRAY_LEN(makers); i++) {
            struct str m = str_of(makers[i]);
            if (str_starts_nocase(name, m)) {
                name = str_trim(str_sub(name, m.n, name.n));
                again = true;
            }
        }
    }
    return name;
}

/* Cuts " 16GB", " 16 GB" or " (40-core)" off the end. */
static struct str without_size(struct str name)
{
    size_t end = name.n;
    if (end && name.p[end - 1] == ')') {
        ptrdiff_t open = str_index(name, '(');
        return open > 0 ? str_trim(str_sub(name, 0, (size_t)open)) : name;
    }
    if (end < 3 || !str_eq_nocase(str_sub(name, end - 2, end), STR("GB")))
        return name;
    end -= 2;
    while (end && name.p[end - 1] == ' ')
        end--;
    size_t digits = end;
    while (digits && name.p[digits - 1] >= '0' && name.p[digits - 1] <= '9')
        digits--;
    if (digits == end || digits == 0 || name.p[digits - 1] != ' ')
        return name;
    return str_trim(str_sub(name, 0, digits));
}

static bool size_fits(const struct device *d, double memory_gb)
{
    return memory_gb <= 0 || d->memory_gb <= 0 || d->is_unified ||
           fabs(d->memory_gb - memory_gb) < 0.51;
}

const struct device *devices_find(const struct devices *d, struct str name,
                                  double memory_gb)
{
    struct str bare = without_maker(str_trim(name));
    struct str short_name = without_size(bare);
    const struct device *any = NULL;
    for (size_t i = 0; i < d->n; i++)
        if (nearest_same(without_maker(d->rows[i].name), bare) &&
            size_fits(&d->rows[i], memory_gb))
            return &d->rows[i];
    for (size_t i = 0; i < d->n && !any; i++)
        if (nearest_same(without_size(without_maker(d->rows[i].name)), short_name) &&
            size_fits(&d->rows[i], memory_gb))
            any = &d->rows[i];
    if (any)
        return any;
    /* "A100" for "A100 80GB", "H100" for "H100 PCIe 80GB". */
    for (size_t i = 0; i < d->n; i++) {
        struct str known = without_maker(d->rows[i].name);
        if (short_name.n >= 4 && str_starts_nocase(known, short_name) &&
            known.n > short_name.n && known.p[short_name.n] == ' ' &&
            size_fits(&d->rows[i], memory_gb))
            return &d->rows[i];
    }
    return NULL;
}

int devices_explain_unknown(const struct devices *d, struct str name, struct err *err)
{
    struct nearest near;
    char words[200];
    nearest_init(&near, name);
    for (size_t i = 0; i < d->n; i++)
        nearest_offer(&near, d->rows[i].name);
    nearest_print(&near, "; the nearest known are ", "", words, sizeof words);
    return err_set(err, ERR_CONFIG, "unknown_device",
                   "the device \"%.*s\" is unknown%s; weir facts devices lists all",
                   (int)(name.n > 60 ? 60 : name.n), name.p, words);
}
