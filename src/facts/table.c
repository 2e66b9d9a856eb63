/* table.c -- jansson underneath, faults with an address on top. */
#include "facts/table.h"

#include "facts/date.h"

#include <math.h>

int table_fault(const struct table *t, size_t row, const char *field, const char *why,
                struct err *err)
{
    return err_set(err, ERR_CONFIG, "bad_facts", "%s facts, row %zu, %s: %s", t->file,
                   row + 1, field, why);
}

static int read_head(struct table *t, struct err *err)
{
    const json_t *format = json_object_get(t->root, "format");
    const char *built = json_string_value(json_object_get(t->root, "built"));
    if (json_integer_value(format) != 1)
        return err_set(err, ERR_CONFIG, "bad_facts",
                       "%s facts: \"format\" must be 1; this file is for another weir",
                       t->file);
    if (!built || !date_parse(str_of(built), &t->built_days))
        return err_set(err, ERR_CONFIG, "bad_facts",
                       "%s facts: \"built\" must be a date such as 2026-07-01", t->file);
    t->stale_after_days =
        json_integer_value(json_object_get(t->root, "stale_after_days"));
    return 0;
}

static int read_rows(struct table *t, struct err *err)
{
    t->rows = json_object_get(t->root, "rows");
    t->n = json_array_size(t->rows);
    if (!json_is_array(t->rows) || t->n == 0)
        return err_set(err, ERR_CONFIG, "bad_facts",
                       "%s facts: \"rows\" must be an array with at least one row",
                       t->file);
    for (size_t i = 0; i < t->n; i++)
        if (!json_is_object(json_array_get(t->rows, i)))
            return table_fault(t, i, "row", "is not an object", err);
    return 0;
}

static int open_with(struct table *t, const char *file, struct str text,
                     struct arena *arena, bool with_head, struct err *err)
{
    json_error_t je;
    *t = (struct table){.file = file, .arena = arena};
    t->root = json_loadb(text.p ? text.p : "", text.n, JSON_REJECT_DUPLICATES, &je);
    if (!t->root)
        return err_set(err, ERR_CONFIG, "bad_facts", "%s facts: line %d, column %d: %s",
                       file, je.line, je.column, je.text);
    if ((with_head && read_head(t, err) < 0) || read_rows(t, err) < 0) {
        table_close(t);
        return -1;
    }
    return 0;
}

int table_open(struct table *t, const char *file, struct str text, struct arena *arena,
               struct err *err)
{
    return open_with(t, file, text, arena, true, err);
}

int table_open_rows(struct table *t, const char *file, struct str text,
                    struct arena *arena, struct err *err)
{
    return open_with(t, file, text, arena, false, err);
}

void table_close(struct table *t)
{
    json_decref(t->root);
    t->root = NULL;
}

static const json_t *field_of(const struct table *t, size_t row, const char *field)
{
    const json_t *v = json_object_get(json_array_get(t->rows, row), field);
    return json_is_null(v) ? NULL : v;
}

int table_str(const struct table *t, size_t row, const char *field, struct str *ret,
              struct err *err)
{
    const json_t *v = field_of(t, row, field);
    if (!v)
        return 0;
    if (!json_is_string(v))
        return table_fault(t, row, field, "must be text in quotes", err);
    struct str copy =
        arena_strdup(t->arena, (struct str){json_string_value(v), json_string_length(v)});
    if (!copy.p)
        return err_nomem(err);
    *ret = copy;
    return 0;
}

int table_number(const struct table *t, size_t row, const char *field, double *ret,
                 struct err *err)
{
    const json_t *v = field_of(t, row, field);
    if (!v)
        return 0;
    double x = json_number_value(v);
    if (!json_is_number(v) || !isfinite(x) || x < 0)
        return table_fault(t, row, field, "must be a number, 0 or more", err);
    *ret = x;
    return 0;
}

int table_u64(const struct table *t, size_t row, const char *field, uint64_t *ret,
              struct err *err)
{
    const json_t *v = field_of(t, row, field);
    if (!v)
        return 0;
    if (!json_is_integer(v) || json_integer_value(v) < 0)
        return table_fault(t, row, field, "must be a whole number, 0 or more", err);
    *ret = (uint64_t)json_integer_value(v);
    return 0;
}

int table_bool(const struct table *t, size_t row, const char *field, bool *ret,
               struct err *err)
{
    const json_t *v = field_of(t, row, field);
    if (!v)
        return 0;
    if (!json_is_boolean(v))
        return table_fault(t, row, field, "must be true or false", err);
    *ret = json_is_true(v);
    return 0;
}

int table_date(const struct table *t, size_t row, const char *field, int64_t *ret,
               struct err *err)
{
    const json_t *v = field_of(t, row, field);
    if (!v)
        return 0;
    if (!json_is_string(v) || !date_parse(str_of(json_string_value(v)), ret))
        return table_fault(t, row, field, "must be a date such as 2026-07-01", err);
    return 0;
}

int table_source(const struct table *t, size_t row, struct str *ret_source,
                 int64_t *ret_days, struct err *err)
{
    *ret_source = (struct str){0};
    *ret_days = INT64_MIN;
    if (table_str(t, row, "source", ret_source, err) < 0 ||
        table_date(t, row, "source_date", ret_days, err) < 0)
        return -1;
    if (ret_source->n == 0)
        return table_fault(t, row, "source", "is missing: say where the row is from",
                           err);
    if (*ret_days == INT64_MIN)
        return table_fault(t, row, "source_date", "is missing", err);
    return 0;
}

bool table_is_stale(int64_t today, int64_t days, int64_t stale_after_days)
{
    return today - days > stale_after_days;
}
