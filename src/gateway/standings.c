/* standings.c -- a list, walked when a configuration is read and never by a request. */
#include "gateway/standings.h"

#include "core/mem.h"

struct entry {
    struct entry *next;
    char *identity, *model;
    struct standing standing;
};

struct standings {
    struct entry *first;
};

struct standings *standings_create(void)
{
    return mem_new(struct standings);
}

static void free_entry(struct entry *e)
{
    mem_free(e->identity);
    mem_free(e->model);
    mem_free(e);
}

void standings_free(struct standings *t)
{
    while (t && t->first) {
        struct entry *e = t->first;
        t->first = e->next;
        free_entry(e);
    }
    mem_free(t);
}

struct standing *standings_for(struct standings *t, const struct config_model *m)
{
    struct str identity = m->engine->identity;
    for (struct entry *e = t->first; e; e = e->next)
        if (str_eqz(identity, e->identity) && str_eqz(m->upstream, e->model))
            return &e->standing;
    struct entry *e = mem_new(struct entry);
    if (!e)
        return NULL;
    e->identity = mem_strndup(identity.n ? identity.p : "", identity.n);
    e->model = mem_strndup(m->upstream.n ? m->upstream.p : "", m->upstream.n);
    if (!e->identity || !e->model) {
        free_entry(e);
        return NULL;
    }
    e->next = t->first;
    t->first = e;
    return &e->standing;
}
