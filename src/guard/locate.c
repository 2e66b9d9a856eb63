/* locate.c -- see locate.h.  Strings with escapes cannot be located yet, and stay. */
#include "guard/locate.h"

static int add_spans(const struct guard_rules *g, const struct config_key *key,
                     const struct body_scan *scan, const struct located *at,
                     struct str body, struct mask_span *out, size_t *n, struct err *err)
{
    struct str raw = str_sub(body, at->raw_start, at->raw_end);
    for (size_t i = 0; i < at->n; i++) {
        const struct span *s = &scan->spans.v[at->first + i];
        if (guard_rules_span(g, s, key) == ACTION_CLEAR)
            continue;
        if (at->is_key || str_index(raw, '\\') >= 0)
            return err_set(err, ERR_INTERNAL, "unmaskable",
                           "a value at byte %u cannot be masked", at->raw_start);
        out[(*n)++] =
            (struct mask_span){.start = at->raw_start + s->start,
                               .end = at->raw_start + s->end,
                               .type = guard_type_name((enum guard_type)s->type),
                               .depth = 1};
    }
    return 0;
}

int guard_raw_spans(const struct guard_rules *g, const struct config_key *key,
                    const struct body_scan *scan, struct str body, struct arena *a,
                    struct mask_span **ret, size_t *ret_n, struct err *err)
{
    *ret = arena_array(a, struct mask_span, scan->spans.n + 1);
    *ret_n = 0;
    if (!*ret)
        return err_nomem(err);
    for (size_t i = 0; i < scan->nat; i++)
        if (add_spans(g, key, scan, &scan->at[i], body, *ret, ret_n, err) < 0)
            return -1;
    return 0;
}
