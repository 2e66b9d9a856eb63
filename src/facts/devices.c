/* devices.c -- loading hardware rows; devices_ask.c finds one by the name people use. */
#include "facts/devices.h"

#include "core/mem.h"
#include "facts/devices_rows.h"
#include "facts/money.h"
#include "facts/table.h"

#include <stdio.h>

enum { DEVICES_ARENA = 16 << 20 };

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

static int read_sizes(const struct table *t, size_t row, struct device *d,
                      struct err *err)
{
    const json_t *o = json_array_get(t->rows, row);
    const json_t *list = json_object_get(o, "memory_options_gb");
    const json_t *prices = json_object_get(o, "prices_usd_by_memory");
    size_t n = json_array_size(list);
    if (n > DEVICE_SIZES)
        return table_fault(t, row, "memory_options_gb", "has more than weir holds", err);
    for (size_t i = 0; i < n; i++) {
        char key[24];
        d->sizes[i] = json_number_value(json_array_get(list, i));
        if (d->sizes[i] <= (i ? d->sizes[i - 1] : 0))
            return table_fault(t, row, "memory_options_gb", "must be GB, ascending", err);
        snprintf(key, sizeof key, "%g", d->sizes[i]);
        const char *price = json_string_value(json_object_get(prices, key));
        d->size_nanousd[i] = -1;
        if (price && money_parse_usd(str_of(price), "devices facts, prices_usd_by_memory",
                                     &d->size_nanousd[i], err) < 0)
            return -1;
    }
    d->nsizes = n > 1 ? n : 0;
    if (n == 1)
        d->memory_gb = d->sizes[0];
    return 0;
}

/* ["tdp_w", ...] as one short text. */
static int read_unverified(const struct table *t, size_t row, struct device *d,
                           struct err *err)
{
    const json_t *list = json_object_get(json_array_get(t->rows, row), "unverified");
    d->unverified = STR("");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *field = json_string_value(json_array_get(list, i));
        d->unverified = arena_printf(t->arena, "%.*s%s%s", STR_ARG(d->unverified),
                                     i ? ", " : "", field ? field : "?");
        if (!d->unverified.p)
            return err_nomem(err);
    }
    return 0;
}

static int read_sources(const struct table *t, size_t row, struct device *d,
                        struct err *err)
{
    const json_t *fields = json_object_get(json_array_get(t->rows, row), "field_sources");
    const char *price = json_string_value(json_object_get(fields, "launch_price_usd"));
    const char *power = json_string_value(json_object_get(fields, "load_w"));
    d->price_source = arena_strdup(t->arena, str_of(price ? price : ""));
    d->power_source = arena_strdup(t->arena, str_of(power ? power : ""));
    d->price_unverified = price && strstr(price, "unverified");
    return d->price_source.p && d->power_source.p ? 0 : err_nomem(err);
}

static int read_row(const struct table *t, size_t row, struct device *d, struct err *err)
{
    if (table_str(t, row, "name", &d->name, err) < 0 ||
        read_kind(t, row, &d->kind, err) < 0 ||
        table_number(t, row, "memory_gb", &d->memory_gb, err) < 0 ||
        table_number(t, row, "bandwidth_gbs", &d->bandwidth_gbs, err) < 0 ||
        table_number(t, row, "tdp_w", &d->tdp_w, err) < 0 ||
        table_number(t, row, "idle_w", &d->idle_w, err) < 0 ||
        table_number(t, row, "load_w", &d->load_w, err) < 0 ||
        table_number(t, row, "prefill_tflops", &d->prefill_tflops, err) < 0 ||
        table_number(t, row, "prefill_moe_tflops", &d->prefill_moe_tflops, err) < 0 ||
        table_u64(t, row, "gpu_cores", &d->gpu_cores, err) < 0 ||
        table_bool(t, row, "unified", &d->is_unified, err) < 0 ||
        table_source(t, row, &d->source, &d->source_days, err) < 0 ||
        read_price(t, row, d, err) < 0 || read_conflicts(t, row, d, err) < 0 ||
        read_sizes(t, row, d, err) < 0 || read_unverified(t, row, d, err) < 0 ||
        read_sources(t, row, d, err) < 0)
        return -1;
    if (d->name.n == 0)
        return table_fault(t, row, "name", "is missing", err);
    if (d->bandwidth_gbs <= 0 || d->bandwidth_gbs > 100000)
        return table_fault(t, row, "bandwidth_gbs", "must be above 0 GB/s", err);
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
    int rc = d->rows ? names_create(&d->arena, &t, &d->names, err) : err_nomem(err);
    for (size_t i = 0; rc == 0 && i < t.n; i++) {
        rc = read_row(&t, i, &d->rows[i], err);
        if (rc == 0)
            rc = names_add_row(d->names, &t, i, d->rows[i].name, err);
    }
    if (rc == 0)
        rc = names_finish(d->names, err);
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
