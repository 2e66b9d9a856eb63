/* internal.h -- what the files of route/ share: the list of models still in play. */
#ifndef WEIR_ROUTE_INTERNAL_H
#define WEIR_ROUTE_INTERNAL_H

#include "route/route.h"

/* What kept the models of one side from taking a request that may go there. */
struct shortage {
    size_t n;       /* of its models that the request may mean */
    unsigned lacks; /* what none of them can do */
    bool is_narrow; /* one can do it all, but for the length of the prompt */
    bool is_able;   /* one can */
};

/* How the client named what it wants, after aliases. */
enum pin { PIN_AUTO, PIN_LOCAL, PIN_CLOUD, PIN_MODEL };

struct candidates {
    const struct config_model *items[CONFIG_MAX_MODELS];
    size_t n;
};

struct asked {
    enum pin pin;
    enum role role;  /* when a role was named */
    struct str word; /* what it came down to: "auto", a model's name, ... */
    bool is_alias;
};

static inline enum side model_side(const struct config_model *m)
{
    return m->is_cloud ? SIDE_CLOUD : SIDE_LOCAL;
}

/* Fills *c with the models the request may mean.  -1: unknown name, 404. */
int route_resolve(const struct config *config, const struct chat *chat,
                  struct candidates *c, struct asked *ret, struct err *err);

/* What stands behind a provider's name in front ("openai/gpt-4o", "models/x"), as clients
 * that know many providers write it; empty when none does. */
struct str fold_provider(struct str name);
/* What stands before ":latest", which clients of Ollama put behind a name without a tag;
 * empty when that does not stand there. */
struct str fold_latest(struct str name);
/* Fills *c with the models that `word` means in another spelling: Ollama's own (":latest"
 * is implied, case does not count, "library/" may stand before), or without the maker's
 * part of a name ("Qwen/Qwen3-8B").  1: found; 0: there is none; -1: it may be several
 * models that are not the same, and *err names two. */
int fold_find(const struct config *config, struct str word, struct candidates *c,
              struct err *err);

/* Joins up to n strings in the arena; the result may be short when memory is. */
struct str route_join(struct arena *a, const struct str *parts, size_t n);
#define ROUTE_JOIN(a, ...)                                                               \
    route_join((a), (const struct str[]){__VA_ARGS__},                                   \
               sizeof((const struct str[]){__VA_ARGS__}) / sizeof(struct str))

/* "no local model can take images": what `s` says, in words. */
struct str shortage_words(const struct shortage *s, enum side side, struct arena *a);

void route_reason(struct route_choice *choice, const char *rule, struct str detail);

#endif
