/* route.h -- which engine answers, and why.  Pure: no I/O, no clock, no state.
 *
 * capability -> label -> pause -> pin -> policy -> health.  Every step that removes or
 * chooses something leaves a reason; the reasons stand in the ledger and in
 * x-weir-reason. */
#ifndef WEIR_ROUTE_ROUTE_H
#define WEIR_ROUTE_ROUTE_H

#include "config/config.h"
#include "dialect/chat.h"
#include "guard/guard.h"
#include "route/score.h"
#include "route/standing.h"

enum { ROUTE_MAX_REASONS = 12, ROUTE_MAX_TRIED = 8 };

struct reason {
    const char *rule;  /* static word: "label", "capability", "pin", "policy", "health" */
    struct str detail; /* arena or static */
};

/* What the router may know of an engine right now. */
struct engine_health {
    bool is_up;    /* the breaker lets requests through */
    bool has_room; /* a slot or a place in the queue */
    bool is_idle;  /* a slot right now */
    uint32_t retry_after_s;
    /* "is stopped by the operator": why it is not up; NULL: for its failures. */
    const char *held;
};

/* What a client may say about what it needs (x-weir-quality, x-weir-latency-ms,
 * x-weir-deadline-s); 0 and absent are told apart. */
enum deadline { DEADLINE_UNSAID, DEADLINE_NONE, DEADLINE_SECONDS };
struct route_hints {
    bool wants_quality;
    bool has_latency, has_tokens;
    uint32_t latency_ms;
    enum deadline deadline;
    uint32_t deadline_s;
    uint64_t tokens; /* instead of the estimate; for `weir route --tokens` */
};

/* What `weir bench` measured of a model: how soon one stream begins and how fast it goes
 * on, in the median. */
struct route_measured {
    uint32_t ttft_ms; /* 0: nobody measured it */
    double tok_s;     /* tokens a second after the first one; 0: unknown */
    int64_t day;      /* since 1970 */
};

struct route_query {
    const struct config *config;
    const struct chat *chat;
    const struct label *label;
    enum policy policy;
    struct route_hints hints;
    bool has_clearance; /* guard_screen() gave one: only then may a cloud engine win */
    struct str masked;  /* what leaves only as tags, in words; empty: nothing */
    struct str would;   /* what shadow mode does not enforce, in words; or empty */
    struct str paused;  /* no cloud model may be chosen, and why; or empty */
    const struct engine_health *health;                /* config->nengines */
    const struct config_model *tried[ROUTE_MAX_TRIED]; /* never chosen again */
    size_t ntried;
    /* An engine has said that the prompt does not fit a context of so many tokens: only
     * larger or unknown ones are chosen, the larger before the unknown.  0: none has. */
    uint64_t context_above;
    /* What was learnt of models, config->nmodels; an entry may be NULL, and so may all.
     */
    struct standing *const *standings;
    const struct route_measured *measured; /* config->nmodels; NULL: nothing is known */
    uint64_t now_ms;                       /* on the clock of their not_before_ms */
    struct route_learned *learned;         /* of policy learned; NULL: as local-first */
    /* A local model whose answer was judged too weak, and why: only a stronger one is
     * chosen, a cloud model where the request may leave, else the role local_large. NULL:
     * none was. */
    const struct config_model *weak;
    struct str weak_why;
};

/* Could this model take the request at all: label, policy, capabilities, context, and
 * for a cloud model that the client did not ask for the local side or a local model? */
struct route_query;
bool route_may_take(const struct route_query *q, const struct config_model *m);

struct route_choice {
    const struct config_model *model; /* and its engine */
    enum role role;
    uint32_t retry_after_s; /* with ERR_OVERLOAD: when to come again */
    bool is_low_quality;    /* the policy wishes for the cloud, the label forbids it */
    bool is_for_label; /* refused because of the label: without it some model could */
    bool is_auto;      /* the client left the choice to weir */
    struct reason reasons[ROUTE_MAX_REASONS];
    size_t nreasons;
};

/* 0 and a choice; or -1 and
 *   ERR_NOT_FOUND   "model_not_found" with the known names; "no_model_configured"
 *   ERR_BAD_REQUEST "confidential_pinned_to_cloud" (never a silent substitute),
 *                   "no_local_engine" (the label keeps it here, and no local model that
 *                   could do it is configured), "model_lacks_capability",
 *                   "context_length_exceeded", "policy_leaves_no_engine"
 *   ERR_OVERLOAD    "cloud_paused" (only a cloud model could take it, q->paused),
 *                   "no_local_engine", "no_engine_available", "queue_full": able engines
 *                   are configured but none has room or is well (ret->retry_after_s)
 * What waiting cannot change is never ERR_OVERLOAD: clients would ask again in vain.
 * Reasons are filled in either case. */
int route_decide(const struct route_query *q, struct arena *a, struct route_choice *ret,
                 struct err *err);

/* Whether a request may ask for this name: 0 and the engine's name, or "weir" where weir
 * chooses; -1 and ERR_NOT_FOUND "model_not_found". */
int route_find_name(const struct config *config, struct str name, struct str *ret_owner,
                    struct err *err);

/* "local-first: local engine has room" ...: the reasons in one line, at most n bytes,
 * safe as a header value. */
struct str route_reason_line(const struct route_choice *c, struct arena *a);
/* The same as a JSON array of {"rule","detail"}. */
struct str route_reasons_json(const struct route_choice *c, struct arena *a);

#endif
