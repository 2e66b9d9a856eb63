/* test_row_filter.c -- which rows a filter's words let through, and which words are none.
 */
#include "ledger/row_filter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct ledger_row held_row(void)
{
    return (struct ledger_row){
        .open = {.key = STR("Writer"),
                 .model_asked = STR("auto"),
                 .label = "confidential"},
        .side = SIDE_LOCAL,
        .has_engine = true,
        .engine = STR("desk"),
        .model_used = STR("llama3:8b"),
        .outcome = OUTCOME_OK,
        .reasons_json = STR("[{\"rule\":\"label\",\"detail\":\"confidential (scan: "
                            "national_id)\"},{\"rule\":\"local-first\",\"detail\":\"an "
                            "engine here can do it\",\"n\":1}]"),
    };
}

static struct ledger_row masked_row(void)
{
    return (struct ledger_row){
        .open = {.key = STR("app"), .model_asked = STR("cloud"), .label = "unlabelled"},
        .side = SIDE_CLOUD,
        .has_engine = true,
        .engine = STR("sky"),
        .model_used = STR("big"),
        .outcome = OUTCOME_OK,
        .was_at_cloud = true,
        .reasons_json = STR("[{\"rule\":\"mask\",\"detail\":\"PERSON 1, EMAIL 1\"}]"),
    };
}

static struct ledger_row refused_row(void)
{
    return (struct ledger_row){
        .open = {.model_asked = STR("cloud"), .label = "internal"},
        .outcome = OUTCOME_REFUSED,
        .error_code = STR("confidential_pinned_to_cloud"),
    };
}

static bool has(const char *filter, struct ledger_row row)
{
    char id[17];
    row.open.uid = 1;
    const struct row_facts facts = row_facts_of(&row, id);
    return row_filter_has(str_of(filter), &facts);
}

static void test_words(void **state)
{
    (void)state;
    static const struct {
        const char *filter;
        bool held, masked, refused;
    } cases[] = {
        {"", true, true, true},
        {"  ", true, true, true},
        {"local", true, false, false},
        {"cloud", false, true, false}, /* the side, not what was asked for */
        {"left", false, true, false},
        {"-left", true, false, true},
        {"errors -left", false, false, true},
        {"-errors -side:local", false, true, false},
        {"-person", true, false, true},
        {"-", true, true, true}, /* a text: it stands in each id */
        {"errors", false, false, true},
        {"held", true, false, true},
        {"masked", false, true, false},
        {"held errors", false, false, true},
        {"held  local", true, false, false},
        {"side:none", false, false, true},
        {"side:cloud", false, true, false},
        {"label:confidential", true, false, false},
        {"label:internal", false, false, true},
        {"outcome:ok", true, true, false},
        {"outcome:refused", false, false, true},
        {"key:Writer", true, false, false},
        {"key:writer", false, false, false}, /* names are exact */
        {"KEY:Writer", true, false, false},  /* fields are not, ... */
        {"-Key:Writer", false, true, true},
        {"HELD Local", true, false, false},
        {"writer", true, false, false}, /* ... and texts are not */
        {"engine:sky", false, true, false},
        {"model:big", false, true, false},
        {"model:cloud", false, true, true}, /* asked for */
        {"llama3:8b", true, false, false},  /* a colon makes no field */
        {"national_id", true, false, false},
        {"person", false, true, false},
        {"pinned", false, false, true},
        {"detail", false, false, false}, /* a member's name is no text */
        {"wr-0000", true, true, true},
        {"nothing", false, false, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(has(cases[i].filter, held_row()), cases[i].held);
        assert_int_equal(has(cases[i].filter, masked_row()), cases[i].masked);
        assert_int_equal(has(cases[i].filter, refused_row()), cases[i].refused);
    }
}

static void test_what_is_no_filter(void **state)
{
    (void)state;
    static const struct {
        const char *filter, *said; /* NULL: it is one */
    } cases[] = {
        {"", NULL},
        {"held key:app x", NULL},
        {"key:", NULL},
        {"side:moon", "side:moon: write side:local, cloud or none"},
        {"held label:secret",
         "label:secret: write label:public, unlabelled, internal or confidential"},
        {"-side:moon", "side:moon: write side:local, cloud or none"},
        {"label:", "label:: write label:public, unlabelled, internal or confidential"},
        {"outcome:fine",
         "outcome:fine: write outcome:ok, error, refused, cancelled or interrupted"},
        {"app:writer",
         "app:writer: before a colon write side, label, outcome, key, engine or model"},
        {"llama3:8b -:x", NULL},
    };
    struct err err;
    char longest[ROW_FILTER_BYTES + 1];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        err_init(&err);
        int rc = row_filter_check(str_of(cases[i].filter), &err);
        assert_int_equal(rc, cases[i].said ? -1 : 0);
        if (cases[i].said)
            assert_string_equal(err.msg, cases[i].said);
    }
    memset(longest, 'x', sizeof longest);
    assert_int_equal(row_filter_check((struct str){longest, ROW_FILTER_BYTES}, &err), 0);
    assert_int_equal(row_filter_check((struct str){longest, sizeof longest}, &err), -1);
    assert_string_equal(err.code, "invalid_filter");
}

/* Reasons that a newer weir wrote, or that are damaged, hold nothing. */
static void test_odd_reasons(void **state)
{
    (void)state;
    static const char *const odd[] = {"", "{}", "[1]", "[{\"rule\":1}]",
                                      "[{\"rule\":\"ma"};
    for (size_t i = 0; i < ARRAY_LEN(odd); i++)
        assert_false(row_was_masked(str_of(odd[i])));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_what_is_no_filter),
        cmocka_unit_test(test_odd_reasons),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
