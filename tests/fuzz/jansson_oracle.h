/* jansson_oracle.h -- what jansson thinks of a text, for comparing the scanner to it.
 *
 * Its header has names that src/json/scan.h has too, so they are set aside here.
 * What it refuses although RFC 8259 allows it: numbers past its C types, lone
 * surrogates in escapes, NUL in keys; those texts say nothing about us.  And what it
 * accepts although it should not: a NUL after a number is lost when it is put back. */
#ifndef WEIR_TESTS_FUZZ_JANSSON_ORACLE_H
#define WEIR_TESTS_FUZZ_JANSSON_ORACLE_H

#define JSON_OBJECT JANSSON_OBJECT
#define JSON_ARRAY  JANSSON_ARRAY
#define JSON_STRING JANSSON_STRING
#define JSON_TRUE   JANSSON_TRUE
#define JSON_FALSE  JANSSON_FALSE
#define JSON_NULL   JANSSON_NULL
#include <jansson.h>
#undef JSON_OBJECT
#undef JSON_ARRAY
#undef JSON_STRING
#undef JSON_TRUE
#undef JSON_FALSE
#undef JSON_NULL

#include "json/scan.h"

static inline json_t *oracle_load(struct str text, json_error_t *e)
{
    return json_loadb(text.p, text.n, JSON_DECODE_ANY | JSON_ALLOW_NUL, e);
}

static inline bool oracle_is_at_its_own_limit(const json_error_t *e)
{
    enum json_error_code code = json_error_code(e);
    return code == json_error_numeric_overflow || code == json_error_null_byte_in_key ||
           code == json_error_stack_overflow || strstr(e->text, "invalid Unicode");
}

/* NULL when the scanner and jansson agree on text, else what they disagree about. */
static inline const char *oracle_dissent(struct str text)
{
    json_error_t e;
    struct json_cur c;
    json_begin(&c, text);
    json_skip(&c, NULL);
    bool ours = json_finish(&c, NULL) == 0;
    json_t *tree = oracle_load(text, &e);
    bool theirs = tree != NULL;
    json_decref(tree);
    if (ours && !theirs && !oracle_is_at_its_own_limit(&e))
        return "accepted what jansson refuses";
    bool has_nul = text.n > 0 && memchr(text.p, '\0', text.n);
    if (!ours && theirs && !has_nul && !strstr(c.problem, "nested"))
        return "refused what jansson accepts";
    return NULL;
}

#endif
