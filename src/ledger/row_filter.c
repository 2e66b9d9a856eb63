/* row_filter.c -- see row_filter.h. */
#include "ledger/row_filter.h"

#include "ledger/ledger.h"
#include "json/scan.h"

static const char *const sides[] = {"local", "cloud", "none", NULL};
static const char *const labels[] = {"public", "unlabelled", "internal", "confidential",
                                     NULL};
static const char *const outcomes[] = {"ok",        "error",       "refused",
                                       "cancelled", "interrupted", NULL};

enum field { SIDE, LABEL, OUTCOME, KEY, ENGINE, MODEL, FIELDS };
static const struct {
    struct str name;
    const char *const *values; /* NULL: any */
    const char *said;
} fields[] = {
    [SIDE] = {STR_INIT("side:"), sides, "local, cloud or none"},
    [LABEL] = {STR_INIT("label:"), labels,
               "public, unlabelled, internal or confidential"},
    [OUTCOME] = {STR_INIT("outcome:"), outcomes,
                 "ok, error, refused, cancelled or interrupted"},
    [KEY] = {STR_INIT("key:"), NULL, NULL},
    [ENGINE] = {STR_INIT("engine:"), NULL, NULL},
    [MODEL] = {STR_INIT("model:"), NULL, NULL},
};

/* FIELDS: the word names none. */
static enum field field_of(struct str word, struct str *ret_value)
{
    for (enum field f = 0; f < FIELDS; f++)
        if (str_starts_nocase(word, fields[f].name)) {
            *ret_value = str_sub(word, fields[f].name.n, SIZE_MAX);
            return f;
        }
    return FIELDS;
}

/* The word behind a minus. */
static bool take_minus(struct str *word)
{
    if (word->n < 2 || word->p[0] != '-')
        return false;
    *word = str_sub(*word, 1, SIZE_MAX);
    return true;
}

static bool is_one_of(struct str word, const char *const *all)
{
    while (*all && !str_eqz(word, *all))
        all++;
    return *all != NULL;
}

/* "app:writer": letters before a colon. "llama3:8b" is a text. */
static bool looks_like_field(struct str word)
{
    size_t n = 0;
    while (n < word.n && ((word.p[n] | 0x20) >= 'a' && (word.p[n] | 0x20) <= 'z'))
        n++;
    return n > 0 && n < word.n && word.p[n] == ':';
}

int row_filter_check(struct str filter, struct err *err)
{
    struct str rest = filter, word, value = {NULL, 0};
    if (filter.n > ROW_FILTER_BYTES)
        return err_set(err, ERR_BAD_REQUEST, "invalid_filter",
                       "a filter has %d bytes at most", ROW_FILTER_BYTES);
    while (str_split(&rest, ' ', &word)) {
        (void)take_minus(&word);
        enum field f = field_of(word, &value);
        if (f != FIELDS && fields[f].values && !is_one_of(value, fields[f].values))
            return err_set(err, ERR_BAD_REQUEST, "invalid_filter", "%.*s: write %s%s",
                           STR_ARG(word), fields[f].name.p, fields[f].said);
        if (f == FIELDS && looks_like_field(word))
            return err_set(err, ERR_BAD_REQUEST, "invalid_filter",
                           "%.*s: before a colon write side, label, outcome, key, engine "
                           "or model",
                           STR_ARG(word));
    }
    return 0;
}

/* The next of the reasons; rule and detail are raw, between their quotes. */
static bool next_reason(struct json_cur *c, struct str *ret_rule, struct str *ret_detail)
{
    struct json_string key, value;
    struct str none = {NULL, 0};
    *ret_rule = *ret_detail = none;
    if (!json_next_element(c) || !json_object_or_skip(c))
        return false;
    while (json_next_member(c, &key)) {
        bool is_rule = json_string_is(key, "rule");
        if (!is_rule && !json_string_is(key, "detail")) {
            json_skip(c, NULL);
            continue;
        }
        if (json_read_string(c, &value))
            *(is_rule ? ret_rule : ret_detail) = value.raw;
    }
    return json_ok(c);
}

static bool open_reasons(struct json_cur *c, struct str reasons)
{
    json_begin(c, reasons);
    return reasons.n > 0 && json_enter_array(c);
}

bool row_was_masked(struct str reasons)
{
    struct json_cur c;
    struct str rule, detail;
    if (!open_reasons(&c, reasons))
        return false;
    while (next_reason(&c, &rule, &detail))
        if (str_eqz(rule, "mask"))
            return true;
    return false;
}

static bool stands_in_reasons(struct str word, struct str reasons)
{
    struct json_cur c;
    struct str rule, detail;
    if (!open_reasons(&c, reasons))
        return false;
    while (next_reason(&c, &rule, &detail))
        if (str_contains_nocase(rule, word) || str_contains_nocase(detail, word))
            return true;
    return false;
}

static bool stands_in(struct str word, const struct row_facts *r)
{
    const struct str texts[] = {r->id,   r->key,   r->asked,   r->model, r->engine,
                                r->side, r->label, r->outcome, r->error};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        if (str_contains_nocase(texts[i], word))
            return true;
    return stands_in_reasons(word, r->reasons);
}

static bool is_labelled(const struct row_facts *r)
{
    return str_eqz(r->label, "confidential") || str_eqz(r->label, "internal");
}

static bool has_value(enum field f, struct str value, const struct row_facts *r)
{
    switch (f) {
    case SIDE:
        return str_eq(value, r->side.n ? r->side : STR("none"));
    case LABEL:
        return str_eq(value, r->label);
    case OUTCOME:
        return str_eq(value, r->outcome);
    case KEY:
        return str_eq(value, r->key);
    case ENGINE:
        return str_eq(value, r->engine);
    case MODEL:
        return str_eq(value, r->model) || str_eq(value, r->asked);
    case FIELDS:
        break;
    }
    return false;
}

static bool holds(struct str word, const struct row_facts *r)
{
    struct str value = {NULL, 0};
    enum field f = field_of(word, &value);
    if (f != FIELDS)
        return has_value(f, value, r);
    if (str_eq_nocase(word, STR("local")) || str_eq_nocase(word, STR("cloud")))
        return str_eq_nocase(word, r->side);
    if (str_eq_nocase(word, STR("errors")))
        return !str_eqz(r->outcome, "ok");
    if (str_eq_nocase(word, STR("left")))
        return r->was_at_cloud;
    if (str_eq_nocase(word, STR("held")))
        return is_labelled(r) && !str_eqz(r->side, "cloud");
    if (str_eq_nocase(word, STR("masked")))
        return row_was_masked(r->reasons);
    return stands_in(word, r);
}

bool row_filter_has(struct str filter, const struct row_facts *row)
{
    struct str rest = filter, word;
    while (str_split(&rest, ' ', &word)) {
        bool is_not = take_minus(&word);
        if (word.n && holds(word, row) == is_not)
            return false;
    }
    return true;
}

struct row_facts row_facts_of(const struct ledger_row *row, char id[17])
{
    ledger_format_uid(row->open.uid, id);
    return (struct row_facts){
        .id = str_of(id),
        .key = row->open.key,
        .asked = row->open.model_asked,
        .model = row->model_used,
        .engine = row->engine,
        .side = row->has_engine ? str_of(side_name(row->side)) : STR(""),
        .label = str_of(row->open.label),
        .outcome = str_of(outcome_name(row->outcome)),
        .error = row->error_code,
        .reasons = row->reasons_json,
        .was_at_cloud = row->was_at_cloud,
    };
}
