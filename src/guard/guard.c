/* guard.c -- labels from what was declared, remembered and found. */
#include "guard/guard.h"

/* Of two that say the same, the one who said it first is named, but anybody before the
 * operator's default. */
static void raise_to(struct label *l, enum sensitivity to, const char *source,
                     const char *detail)
{
    bool is_first_word = to == l->effective && to > SENSITIVITY_PUBLIC && !l->is_known;
    if (to > l->effective || is_first_word)
        *l = (struct label){to, true, source, detail, 0};
}

struct label guard_label(const struct label_inputs *in)
{
    enum sensitivity fallback =
        in->fallback == SENSITIVITY_UNLABELLED ? SENSITIVITY_PUBLIC : in->fallback;
    struct label l = {in->header, true, "header", NULL, 0};
    raise_to(&l, in->key, "key", NULL);
    if (l.effective == SENSITIVITY_UNLABELLED)
        l = (struct label){fallback, false, "default", NULL, 0};
    /* A configured default of internal holds even when a client says public. */
    if (fallback > l.effective)
        raise_to(&l, fallback, "default", NULL);
    raise_to(&l, in->session, "session", NULL);
    if (l.source && strcmp(l.source, "session") == 0)
        l.by = in->session_by;
    raise_to(&l, in->found, "scan", in->found_why);
    return l;
}

const char *label_name(const struct label *l)
{
    return sensitivity_name(l->is_known ? l->effective : SENSITIVITY_UNLABELLED);
}

struct str label_words(const struct label *l, struct arena *a)
{
    struct str level = str_of(sensitivity_name(l->effective));
    const struct str unknown[] = {STR("unlabelled, "), level, STR(" by default")};
    const struct str known[] = {level,
                                STR(" ("),
                                str_of(l->source),
                                l->detail ? STR(": ") : STR(""),
                                l->detail ? str_of(l->detail) : STR(""),
                                STR(")")};
    return l->is_known ? arena_join(a, known, ARRAY_LEN(known))
                       : arena_join(a, unknown, ARRAY_LEN(unknown));
}
