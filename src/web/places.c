/* places.c -- see places.h. */
#include "web/places.h"

#include "core/descriptors.h"

void places_init(struct places *p, const char *what, uint32_t of_visit,
                 uint32_t of_worker, uint32_t most)
{
    *p = (struct places){
        .what = what, .of_visit = of_visit, .of_worker = of_worker, .most = most};
    pthread_mutex_init(&p->mutex, NULL);
}

void places_release(struct places *p)
{
    pthread_mutex_destroy(&p->mutex);
}

/* nvisits: it has none yet. */
static size_t find(const struct places *p, uint64_t visit)
{
    size_t i = 0;
    while (i < p->nvisits && p->visits[i].visit != visit)
        i++;
    return i;
}

static int refuse(struct err *err, const char *code, const struct places *p, uint32_t n,
                  const char *whose)
{
    return err_set(err, ERR_RATE_LIMIT, code,
                   "%s has all of its %u %s in use: close pages that nobody needs; this "
                   "one asks again by itself",
                   whose, (unsigned)n, p->what);
}

static int take(struct places *p, uint64_t visit, uint32_t worker, uint32_t most,
                struct err *err)
{
    size_t i = find(p, visit);
    if (most == 0)
        return err_set(err, ERR_RATE_LIMIT, "page_full",
                       "so many connections of apps are open that none is left for "
                       "pages; this one asks again by itself");
    if (i < p->nvisits && p->visits[i].n >= p->of_visit)
        return refuse(err, "page_visit_full", p, p->of_visit, "this visit");
    if (p->nof_worker[worker] >= p->of_worker)
        return refuse(err, "page_full", p, p->of_worker, "this worker of weir");
    if (p->n >= most)
        return refuse(err, "page_full", p, most, "weir");
    if (i == p->nvisits)
        p->visits[p->nvisits++] = (struct places_visit){visit, 0};
    p->visits[i].n++;
    p->nof_worker[worker]++;
    p->n++;
    return 0;
}

int places_take(struct places *p, uint64_t visit, uint32_t worker, uint32_t most,
                struct err *err)
{
    pthread_mutex_lock(&p->mutex);
    int rc = take(p, visit, worker, most < p->most ? most : p->most, err);
    pthread_mutex_unlock(&p->mutex);
    return rc;
}

void places_give_back(struct places *p, uint64_t visit, uint32_t worker)
{
    pthread_mutex_lock(&p->mutex);
    size_t i = find(p, visit);
    if (i < p->nvisits && --p->visits[i].n == 0)
        p->visits[i] = p->visits[--p->nvisits];
    p->nof_worker[worker]--;
    p->n--;
    pthread_mutex_unlock(&p->mutex);
}

uint32_t places_of_descriptors(int fd)
{
    int clients = descriptors_ceilings().of_clients;
    return fd >= clients - clients / PAGES_SHARE ? 0 : (uint32_t)(clients / PAGES_SHARE);
}
