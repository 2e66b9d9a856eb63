/* allow_lines.c -- see allow_lines.h. */
#include "cmd/guard/allow_lines.h"

#include "core/mem.h"
#include "guard/held.h"
#include "guard/values.h"

#include <stdio.h>
#include <string.h>

bool allow_name(struct str value, char ret[ALLOW_NAME_BYTES])
{
    static const char head[] = "sha256:";
    unsigned char digest[32];
    if (!value_sha256(value, digest))
        return false;
    memcpy(ret, head, sizeof head);
    for (size_t i = 0; i < sizeof digest; i++)
        snprintf(ret + sizeof head - 1 + 2 * i, 3, "%02x", digest[i]);
    return true;
}

/* False: it was printed before, or there is no memory to know it again. */
static bool is_new(struct allow_lines *a, const char *name)
{
    for (size_t i = 0; i < a->n; i++)
        if (memcmp(a->name[i], name, ALLOW_NAME_BYTES) == 0)
            return false;
    if (a->n == a->cap) {
        size_t cap = a->cap ? 2 * a->cap : 64;
        void *more = mem_realloc(a->name, cap * sizeof *a->name);
        if (!more)
            return true;
        a->name = more;
        a->cap = cap;
    }
    memcpy(a->name[a->n++], name, ALLOW_NAME_BYTES);
    return true;
}

void allow_lines_print(struct allow_lines *a, const struct guard_rules *rules,
                       const char *path, struct str text, const struct span_list *l)
{
    for (size_t i = 0; i < l->n; i++) {
        const struct span *s = &l->v[i];
        const char *type = guard_type_name((enum guard_type)s->type);
        char name[ALLOW_NAME_BYTES];
        uint32_t line, column;
        if (s->is_allowed || guard_rules_span(rules, s, NULL) < ACTION_LOCAL)
            continue;
        held_place_in(text, s->start, &line, &column);
        if (!guard_may_let_go(s))
            printf("# %s %s:%u: its check digits are right, nobody lets it go\n", type,
                   path, line);
        else if (allow_name(str_sub(text, s->start, s->end), name) && is_new(a, name))
            printf("%s # %s %s:%u\n", name, type, path, line);
    }
}

void allow_lines_release(struct allow_lines *a)
{
    mem_free(a->name);
    *a = (struct allow_lines){0};
}
