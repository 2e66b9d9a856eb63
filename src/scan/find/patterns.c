/* patterns.c -- see patterns.h. */
#include "scan/find/patterns.h"

#include "core/mem.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

enum {
    MATCH_LIMIT = 200000, /* steps of one match; a window has 64 KB */
    DEPTH_LIMIT = 2000,
    HEAP_LIMIT_KIB = 4096,
    NEAR_BYTES = 80 /* on either side */
};

struct pattern {
    pcre2_code *code;
    const struct config_guard_rule *rule;
    uint16_t number;
};

struct patterns {
    pcre2_match_context *limits;
    struct pattern *items;
    size_t n;
};

static int bad(const struct config_guard_rule *r, const char *why, size_t at,
               struct err *err)
{
    return err_set(err, ERR_CONFIG, "bad_pattern",
                   "the pattern of rule '%.*s' (line %u) cannot be used: %s, at its "
                   "character %zu",
                   STR_ARG(r->name), r->line, why, at + 1);
}

static int compile(const struct config_guard_rule *r, struct pattern *ret,
                   struct err *err)
{
    uint32_t options = PCRE2_UTF | PCRE2_UCP | PCRE2_MATCH_INVALID_UTF |
                       PCRE2_NEVER_BACKSLASH_C | (r->ignores_case ? PCRE2_CASELESS : 0);
    PCRE2_UCHAR why[160];
    PCRE2_SIZE at;
    int code;
    uint32_t shortest = 0;
    union {
        const char *text;
        PCRE2_SPTR pattern;
    } in = {r->pattern.p};
    ret->code = pcre2_compile(in.pattern, r->pattern.n, options, &code, &at, NULL);
    if (!ret->code) {
        pcre2_get_error_message(code, why, sizeof why);
        union {
            const PCRE2_UCHAR *in;
            const char *text;
        } message = {why};
        return bad(r, message.text, at, err);
    }
    pcre2_pattern_info(ret->code, PCRE2_INFO_MINLENGTH, &shortest);
    if (shortest == 0)
        return bad(r, "it matches the empty text, so it would be found everywhere", 0,
                   err);
    pcre2_jit_compile(ret->code, PCRE2_JIT_COMPLETE); /* without it, it is interpreted */
    return 0;
}

int pattern_check(const struct config_guard_rule *rule, struct err *err)
{
    struct pattern p = {.code = NULL};
    int rc = compile(rule, &p, err);
    pcre2_code_free(p.code);
    return rc;
}

static int compile_all(struct patterns *p, const struct config_guard_rule *rules,
                       size_t n, struct err *err)
{
    for (size_t i = 0; i < n; i++) {
        struct pattern *item = &p->items[p->n];
        if (!rules[i].pattern.n)
            continue;
        p->n++;
        item->rule = &rules[i];
        item->number = (uint16_t)i;
        if (compile(&rules[i], item, err) < 0)
            return -1;
    }
    return 0;
}

struct patterns *patterns_create(const struct config_guard_rule *rules, size_t n,
                                 struct err *err)
{
    struct patterns *p = mem_new(struct patterns);
    if (p) {
        p->items = mem_zalloc((n + 1) * sizeof *p->items);
        p->limits = pcre2_match_context_create(NULL);
    }
    if (!p || !p->items || !p->limits) {
        patterns_free(p);
        err_nomem(err);
        return NULL;
    }
    pcre2_set_match_limit(p->limits, MATCH_LIMIT);
    pcre2_set_depth_limit(p->limits, DEPTH_LIMIT);
    pcre2_set_heap_limit(p->limits, HEAP_LIMIT_KIB);
    if (compile_all(p, rules, n, err) == 0)
        return p;
    patterns_free(p);
    return NULL;
}

void patterns_free(struct patterns *p)
{
    if (!p)
        return;
    for (size_t i = 0; p->items && i < p->n; i++)
        pcre2_code_free(p->items[i].code);
    pcre2_match_context_free(p->limits);
    mem_free(p->items);
    mem_free(p);
}

static bool has_near(const struct config_guard_rule *r, struct str text, size_t start,
                     size_t end)
{
    size_t from = start > NEAR_BYTES ? start - NEAR_BYTES : 0;
    struct str around = str_sub(text, from, end + NEAR_BYTES);
    for (size_t i = 0; i < r->nnear; i++)
        if (str_contains_nocase(around, r->near[i]))
            return true;
    return r->nnear == 0;
}

static int find_one(const struct pattern *item, pcre2_match_context *limits,
                    struct str text, patterns_hit *hit, void *ctx)
{
    pcre2_match_data *data = pcre2_match_data_create_from_pattern(item->code, NULL);
    union {
        const char *text;
        PCRE2_SPTR subject;
    } in = {text.p};
    int rc = data ? 1 : PCRE2_ERROR_NOMEMORY;
    for (size_t at = 0; rc > 0 && at < text.n;) {
        rc =
            pcre2_match(item->code, in.subject, text.n, at, PCRE2_NOTEMPTY, data, limits);
        if (rc <= 0)
            break;
        const PCRE2_SIZE *place = pcre2_get_ovector_pointer(data);
        if (place[0] < place[1] && has_near(item->rule, text, place[0], place[1]))
            hit(ctx, place[0], place[1], item->number);
        at = place[1] > at ? place[1] : at + 1; /* \K may put the end before `at` */
    }
    pcre2_match_data_free(data);
    return rc >= 0 || rc == PCRE2_ERROR_NOMATCH ? 0 : -1;
}

int patterns_find(const struct patterns *p, struct str text, patterns_hit *hit, void *ctx)
{
    int rc = 0;
    for (size_t i = 0; i < p->n; i++)
        if (find_one(&p->items[i], p->limits, text, hit, ctx) < 0)
            rc = -1;
    return rc;
}
