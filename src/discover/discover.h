/* discover.h -- what answers on this machine, and which cloud keys are set.
 *
 * A discovery is a picture of one moment: engines found on loopback by their
 * fingerprints, and providers whose API key stands in the environment.  It is turned
 * into the text of a weir.yaml (yaml.h), and only that text is configured: so what
 * `weir up` serves is exactly what `weir up --write` saves.
 *
 * Control calls go to loopback, in parallel, with short deadlines, past any
 * proxy; cloud providers are not called at all.  Names and versions come from whoever
 * listens on a port, so everything kept is printable ASCII of bounded length.
 *
 * A loopback address says nothing about where a prompt ends up.  What makes an engine
 * local is a fingerprint that a proxy does not carry by accident (probe.h); whatever
 * else answers counts as cloud. */
#ifndef WEIR_DISCOVER_DISCOVER_H
#define WEIR_DISCOVER_DISCOVER_H

#include "config/kinds.h"
#include "core/arena.h"
#include "core/err.h"
#include "facts/prices.h"

enum {
    DISCOVER_MAX_ENGINES = 24,
    DISCOVER_MAX_MODELS = 200, /* of one engine; more are left out and counted */
    DISCOVER_ARENA_BYTES = 16 << 20
};

enum load_state { LOAD_UNKNOWN, LOAD_NO, LOAD_YES };

struct found_model {
    struct str name;
    bool is_cloud;
    struct str why;            /* of a cloud model on a local engine; or empty */
    enum load_state load;      /* in memory now? */
    uint64_t context_tokens;   /* what the engine reads of one request; 0: unknown */
    uint64_t trained_tokens;   /* what the model was made for; 0: unknown */
    uint64_t params;           /* 0: unknown */
    uint64_t size_bytes;       /* of the weights; 0: unknown */
    unsigned caps;             /* enum capability; CAP_CHAT or CAP_EMBEDDINGS always */
    unsigned caps_unknown;     /* what the engine does not tell; it is tried */
    struct str price_name;     /* "openai/gpt-5.5", cloud providers only */
    const struct price *price; /* NULL: unknown; owned by the price list */
};

struct found_engine {
    struct str name; /* unique in the discovery */
    enum engine_kind kind;
    enum side side;
    struct str why;     /* why it counts as local or cloud */
    struct str url;     /* "http://127.0.0.1:11434/v1" */
    struct str key_env; /* "OPENAI_API_KEY", or empty */
    struct str profile; /* of a simulated one */
    uint32_t slots;     /* requests it answers at once; 0: unknown */
    bool is_router;     /* a llama-server that serves several models by their names */
    struct found_model *models;
    size_t nmodels, nleft_out;
    struct str problem; /* why it cannot be used ("asks for an API key"); or empty */
    unsigned misses;    /* refreshes in a row it did not answer; see discover_keep() */
};

struct discovery {
    struct arena arena;
    struct found_engine engines[DISCOVER_MAX_ENGINES];
    size_t nengines;
    bool is_simulated; /* nothing usable was found */
    /* Engine and model of each role; engine < 0: nobody. */
    struct {
        int engine, model;
    } roles[ROLE_COUNT];
};

/* One place to look at: 127.0.0.1 first, ::1 when nothing answers there. */
struct discover_port {
    struct str name; /* what the engine is called when nothing better is known */
    uint16_t port;   /* 0: do not look */
    bool is_child;   /* weir started it: local whatever it says */
};

enum { DISCOVER_MAX_PORTS = 16 };

typedef const char *discover_getenv_fn(const char *name);

struct discover_options {
    struct discover_port ports[DISCOVER_MAX_PORTS];
    size_t nports;
    uint16_t own_port;             /* never asked: that is weir itself */
    bool no_cloud;                 /* leave the API keys of the environment alone */
    discover_getenv_fn *getenv_fn; /* NULL: getenv */
    const struct prices *prices;
};

/* The four well-known places: ollama, lm-studio, llama-server, vllm. */
void discover_default_ports(struct discover_options *o);

/* Looks, within about three seconds.  Always succeeds in finding something: with
 * nothing there, the simulated engines.  -1 only when memory is out. */
int discover_run(const struct discover_options *o, struct discovery **ret,
                 struct err *err);
void discover_free(struct discovery *d); /* NULL is fine */

/* Copies engines of `was` that nobody answered for in `d` into it, unless they have
 * been missing twice already: an engine that is busy loading must not lose its models.
 * A place where something answers is never kept, whoever it was before. */
int discover_keep(struct discovery *d, const struct discovery *was);

/* The parts of discover_run(), for the tests: pure, no network. */
void discover_add_providers(struct discovery *d, const struct discover_options *o);
void discover_add_simulated(struct discovery *d, const struct prices *prices);
void discover_assign_roles(struct discovery *d);

#endif
