/* pattern.c -- words and expressions, looked for in a text. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "sim/pattern.h"

#include <pcre2.h>

enum {
    MATCH_LIMIT = 1000000, /* steps of one search */
    HEAP_LIMIT_KIB = 32 * 1024,
    WHY_BYTES = 160
};

/* PCRE2 has its own name for a byte. */
static PCRE2_SPTR bytes_of(struct str s)
{
    union {
        const char *text;
        PCRE2_SPTR bytes;
    } u = {s.p};
    return u.bytes;
}

static int bad(int code, const char *name, struct str what, struct err *err)
{
    union {
        PCRE2_UCHAR in[WHY_BYTES];
        char text[WHY_BYTES];
    } why;
    pcre2_get_error_message(code, why.in, sizeof why.in);
    return err_set(err, ERR_BAD_REQUEST, "bad_script", "'%s': %.*s: %s", name,
                   STR_ARG(what), why.text);
}

void sim_pattern_release(struct sim_pattern *p)
{
    pcre2_code_free(p->code);
    p->code = NULL;
}

int sim_pattern_compile(struct sim_pattern *p, const char *name, struct err *err)
{
    /* As POSIX has it: '.' is any character, '$' the end of the text. */
    const uint32_t options = PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_DOTALL |
                             PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_BACKSLASH_C;
    PCRE2_SIZE at;
    int code;
    sim_pattern_release(p); /* a rule may say it twice: the last one counts */
    if (p->text.n < 2 || p->text.p[0] != '/' || p->text.p[p->text.n - 1] != '/')
        return 0;
    struct str inside = str_sub(p->text, 1, p->text.n - 1);
    p->code = pcre2_compile(bytes_of(inside), inside.n, options, &code, &at, NULL);
    if (!p->code)
        return bad(code, name, inside, err);
    pcre2_pattern_info(p->code, PCRE2_INFO_CAPTURECOUNT, &p->groups);
    return 0;
}

static void catch (const struct sim_pattern *p, struct str in, pcre2_match_data *found,
                   struct sim_caught *caught)
{
    const PCRE2_SIZE *at = pcre2_get_ovector_pointer(found);
    for (size_t i = 1; i <= p->groups && caught->n < SIM_MAX_CAPTURES; i++)
        caught->texts[++caught->n] =
            at[2 * i] == PCRE2_UNSET ? STR("") : str_sub(in, at[2 * i], at[2 * i + 1]);
}

int sim_pattern_find(const struct sim_pattern *p, struct str in,
                     struct sim_caught *caught, struct err *err)
{
    if (!p->code)
        return str_find(in, p->text) >= 0;
    pcre2_match_context *limits = pcre2_match_context_create(NULL);
    pcre2_match_data *found = pcre2_match_data_create_from_pattern(p->code, NULL);
    int code = PCRE2_ERROR_NOMEMORY;
    if (limits && found) {
        pcre2_set_match_limit(limits, MATCH_LIMIT);
        pcre2_set_heap_limit(limits, HEAP_LIMIT_KIB);
        struct str text = in.p ? in : STR("");
        code = pcre2_match(p->code, bytes_of(text), text.n, 0, 0, found, limits);
        if (code > 0)
            catch (p, in, found, caught);
    }
    pcre2_match_data_free(found);
    pcre2_match_context_free(limits);
    if (code == PCRE2_ERROR_NOMEMORY)
        return err_nomem(err);
    if (code < 0 && code != PCRE2_ERROR_NOMATCH)
        return bad(code, "when", p->text, err);
    return code > 0;
}
