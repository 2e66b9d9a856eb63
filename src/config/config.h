/* config.h -- what the operator wrote: checked, immutable, shared by reference.
 *
 * A snapshot is built once from YAML and never changes; a reload builds another and
 * swaps the pointer.  Requests hold a reference for as long as they live, so an old
 * snapshot dies with its last request.  Everything in it lives in its own arena.
 *
 * Every fault of a file is found at once, each with file:line:column and a remedy;
 * unknown keys are faults.  Secrets (api keys) are held only here, are never printed,
 * and are wiped when the snapshot dies. */
#ifndef WEIR_CONFIG_CONFIG_H
#define WEIR_CONFIG_CONFIG_H

#include "config/guard.h"
#include "config/kinds.h"
#include "core/arena.h"
#include "core/buf.h"
#include "core/err.h"

#include <stdatomic.h>

enum {
    CONFIG_MAX_ENGINES = 64,
    CONFIG_MAX_MODELS = 1024,
    CONFIG_KEY_HASH_BYTES = 32,
    CONFIG_MAX_OPINIONS = 3
};

struct config_timeouts {
    uint32_t connect_ms;    /* 3 s */
    uint32_t first_byte_ms; /* 60 s cloud, 300 s local: a model load is not a failure */
    uint32_t idle_ms;       /* 120 s */
    uint32_t total_ms;      /* 30 min */
};

struct config_engine;
struct config_model {
    struct str name;     /* what clients ask for */
    struct str upstream; /* what the engine is asked for; = name unless `as:` differs */
    struct str price; /* "provider/model" in the price list; empty: derived, see below */
    const struct config_engine *engine;
    uint32_t index;          /* place in config->models */
    uint64_t context_tokens; /* 0: unknown */
    uint64_t context_max; /* no more than so many fit, however it is served; 0: unknown */
    unsigned caps;        /* enum capability bits: it can do this */
    unsigned caps_unknown; /* ... perhaps: asked for it when no other surely can */
    bool is_cloud;         /* the engine's side, unless the model says otherwise */
};

struct config_engine {
    struct str name;
    enum engine_kind kind;
    enum engine_speech speaks;
    enum side side;
    struct str url;  /* as written */
    struct str host; /* of the url */
    uint16_t port;
    bool is_tls;
    struct str base_path; /* of the url without trailing '/', e.g. "/v1" or "/api/v1" */
    struct str api_key;   /* resolved; empty: none; secret */
    struct str ca_file;
    uint32_t max_inflight; /* 0: no limit; default 4 local, no limit cloud */
    uint32_t max_queue;    /* default 64 */
    struct config_timeouts timeouts;
    struct str default_params; /* JSON object text: members added when absent; or empty */
    struct str default_system; /* system message put first when the request has none */
    struct str sim_profile;    /* kind sim */
    bool may_forward; /* local: gets requests whose members make it send them elsewhere */
    const struct config_model *models; /* array, nmodels */
    size_t nmodels;
    uint32_t index;      /* place in config->engines */
    struct str identity; /* name, url, key digest, ca: what must be equal for its
                          * pools and breaker to live on through a reload */
};

enum { CONFIG_MAX_LISTENS = 8 };

/* Where clients connect. */
struct config_listen {
    struct str address;         /* "127.0.0.1:11434" */
    struct str host;            /* of it, without brackets */
    const struct str *dialects; /* what is spoken there, by name; */
    size_t ndialects;           /* ... 0: all there are */
    bool if_free;               /* when somebody else listens there, weir goes without */
};

struct config_key {
    struct str name;
    unsigned char hash[CONFIG_KEY_HASH_BYTES]; /* SHA-256 of the key */
    enum sensitivity sensitivity;
    enum policy policy;
    bool has_policy;
    const struct config_guard_actions *guard; /* before the section's; NULL: none */
    bool has_escalate, escalate;              /* instead of the section's `when` */
    uint32_t id; /* place in config->keys + 1; 0 is "no key" */
};

/* Local answers are judged before they are given, and a stronger model is asked where one
 * is too weak (gateway/escalate.h). */
struct config_escalate {
    bool is_on;   /* for requests that do not say otherwise */
    bool may_ask; /* the section is there: a request may say that it wants it */
    double threshold;
    uint32_t hold_ms, hold_tokens; /* of a stream: then its local answer is final */
    const struct config_model *opinions[CONFIG_MAX_OPINIONS]; /* local ones */
    size_t nopinions;
    const struct config_model *judge; /* NULL: no model judges */
};

/* What policy learned keeps to (route/calibrate.h). */
enum learned_wish { LEARNED_SHARE, LEARNED_QUALITY, LEARNED_MONTH };
/* off: nothing more is kept; rows: the row of a scored request keeps what its score was
 * made of (route/learned/noted.h); on: and weir learns from outcomes while it runs. */
enum learned_learn { LEARN_OFF, LEARN_ROWS, LEARN_ON };
struct config_learned {
    enum learned_wish wish;
    double value;       /* share and quality: 0..1; month: USD */
    struct str weights; /* a file of `weir train router`; empty: those built in */
    unsigned weights_line, weights_column; /* where the file names it */
    bool moves_freely;    /* each request by itself: no conversation keeps its side */
    uint32_t explore_ppm; /* of a million turns: to the other side, to learn */
    enum learned_learn learn;
    struct str adapter; /* a file of `weir train router --ledger`; empty: none */
    unsigned adapter_line, adapter_column;
};

struct config_alias {
    struct str from, to; /* to: a model name, "auto", "local", "cloud" or a role */
};

/* For browsers of this machine; none; or for those that come through a proxy on this
 * machine, which speaks TLS to them under a name. */
enum config_page { CONFIG_PAGE_HERE, CONFIG_PAGE_OFF, CONFIG_PAGE_BEHIND };

enum access_log { ACCESS_LOG_TEXT, ACCESS_LOG_JSON, ACCESS_LOG_OFF };

struct config {
    atomic_uint refs;
    struct arena arena;
    struct str path;        /* the file, for messages; empty when built in */
    bool is_file;           /* path is one that can be read again */
    struct str digest;      /* SHA-256 of its text, 64 hexadecimal digits */
    struct str listen;      /* "127.0.0.1:4141": the first of `listens` */
    struct str listen_host; /* of it, without brackets; a Host field may carry it */
    const struct config_listen *listens;
    size_t nlistens;
    uint32_t workers;
    struct str state_dir;
    bool is_default_state_dir; /* the file gives none */
    enum access_log access_log;
    enum policy policy;
    enum sensitivity default_sensitivity; /* PUBLIC unless configured */
    uint64_t max_body_bytes;              /* 32 MiB */
    uint64_t max_buffered_bytes;          /* 256 MiB, all requests together */
    uint64_t max_vault_bytes;             /* 0: a quarter of that; counted in it */
    uint32_t header_timeout_ms;           /* 10 s */
    uint32_t body_timeout_ms;             /* 30 s */
    uint32_t quiet_ms;                    /* 10 s; 0: streams get no pings */
    uint32_t drain_timeout_ms;            /* 30 s */
    uint64_t keep_rows_ms, keep_audit_ms; /* 0: for ever */
    uint32_t ledger_node;                 /* 0 to 255; of request ids */
    const struct config_engine *engines;
    size_t nengines;
    const struct config_model *const *models; /* of all engines, in order */
    size_t nmodels;
    const struct config_model *roles[ROLE_COUNT]; /* NULL when not configured */
    const struct config_model *mirror_to;         /* NULL: nothing is mirrored */
    uint32_t mirror_ppm;                          /* of a million sessions */
    struct config_escalate escalate;
    struct config_learned learned;
    const struct config_alias *aliases;
    size_t naliases;
    const struct config_key *keys;
    size_t nkeys;
    struct config_guard guard;
    const struct str *cors; /* allowed Origins, exact */
    size_t ncors;
    enum config_page page;
    struct str page_origin, page_host; /* behind: "https://weir.example.com", and what a
                                          Host field then says */
    const struct str *hosts;           /* extra names a Host field may carry */
    size_t nhosts;
};

struct config_fault {
    unsigned line, column; /* from 1; 0 when it concerns the file as a whole */
    struct str text;
    bool is_warning;
};

/* The faults of one reading; lives until config_faults_release(). */
struct config_faults {
    struct arena arena;
    struct config_fault *items;
    size_t n, nerrors, cap;
};
void config_faults_init(struct config_faults *f);
void config_faults_release(struct config_faults *f);
/* One more error, found by whoever reads the snapshot further. */
void config_fault_add(struct config_faults *f, unsigned line, unsigned column,
                      const char *text);
/* A warning about the file as a whole. */
void config_warning_add(struct config_faults *f, const char *text);
/* "weir.yaml:12:5: error: unknown key 'modls' in engines[0]; did you mean 'models'?" */
void config_faults_print(const struct config_faults *f, const char *path,
                         struct buf *out);

/* A checked snapshot with one reference, or NULL with every error in *faults (also
 * warnings may be there on success).  getenv_fn resolves ${NAME}; NULL: getenv. */
typedef const char *config_getenv_fn(const char *name);
struct config *config_load(const char *path, config_getenv_fn *getenv_fn,
                           struct config_faults *faults);
struct config *config_parse(struct str yaml, const char *path,
                            config_getenv_fn *getenv_fn, struct config_faults *faults);
struct config *config_ref(const struct config *c);
void config_unref(struct config *c); /* NULL is fine */

/* What a reload may not change; the name of the key that differs, or NULL. */
const char *config_needs_restart(const struct config *was, const struct config *now);

/* API keys: "wk_" and 43 characters of base64url (256 random bits). */
int config_key_generate(char out[64], struct err *err);
/* SHA-256 as 64 hexadecimal digits; p is NULL when memory is out. */
struct str config_text_digest(struct str text, struct arena *a);
void config_key_hash(struct str key, unsigned char out[CONFIG_KEY_HASH_BYTES]);
/* The key's entry, every hash compared in constant time, or NULL. */
const struct config_key *config_key_find(const struct config *c, struct str key);

/* A model by its name or as ENGINE/MODEL, a local one first; NULL: there is none. */
const struct config_model *config_model_named(const struct config *c, struct str name);
const struct config_engine *config_engine_find(const struct config *c, struct str name);
/* The built-in configuration: simulated local and cloud engines, for a first look. */
struct str config_builtin_yaml(void);

/* A key as people copy it: blanks and line ends around it are none of it. */
struct str secret_trim(struct str key);
/* What keeps it from being one ("holds a blank ..."), to stand behind its name; NULL:
 * nothing.  Never quotes it. */
const char *secret_fault(struct str key);

#endif
