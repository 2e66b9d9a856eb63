/* guard.c -- labels from declarations, and the clearance that follows from them.
 *
 * A clearance remembers which bytes it was made for: a request whose body is rebuilt
 * needs a new one.  The struct is defined here and nowhere else, so nothing outside
 * this folder can make or change one. */
#include "guard/guard.h"

struct clearance {
    const char *body;
    size_t body_bytes;
};

struct label guard_label(const struct label_inputs *in)
{
    enum sensitivity fallback =
        in->fallback == SENSITIVITY_UNLABELLED ? SENSITIVITY_PUBLIC : in->fallback;
    struct label l = {.effective = in->header, .source = "header", .is_declared = true};
    if (in->key > l.effective) {
        l.effective = in->key;
        l.source = "key";
    }
    if (l.effective == SENSITIVITY_UNLABELLED)
        l = (struct label){.effective = fallback, .source = "default"};
    else if (fallback > l.effective) {
        /* A configured default of internal holds even when a client says public. */
        l.effective = fallback;
        l.source = "default";
    }
    return l;
}

const char *label_name(const struct label *l)
{
    return sensitivity_name(l->is_declared ? l->effective : SENSITIVITY_UNLABELLED);
}

const struct clearance *guard_clear(const struct label *l, const struct chat *chat,
                                    struct arena *a, struct err *err)
{
    if (l->effective != SENSITIVITY_PUBLIC) {
        err_set(err, ERR_FORBIDDEN, "label_stays_local",
                "a request that is %s (by %s) stays on local engines",
                sensitivity_name(l->effective), l->source);
        return NULL;
    }
    struct clearance *c = arena_new(a, struct clearance);
    if (!c) {
        err_nomem(err);
        return NULL;
    }
    c->body = chat->body.p;
    c->body_bytes = chat->body.n;
    return c;
}

bool clearance_covers(const struct clearance *c, const struct chat *chat)
{
    return c && c->body == chat->body.p && c->body_bytes == chat->body.n;
}

bool guard_scans(void)
{
    return false;
}
