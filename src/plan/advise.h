/* advise.h -- the published checklists, trees and tables, run as data.
 *
 * A rule asks one question, has one condition and one verdict; a table is an ordered
 * list of rules and speaks with the first that fires.  A rule whose question has no
 * answer leaves its table open: nothing is assumed.  0 is an answer; absence is not.
 *
 * The recommendation is not a vote.  The gate comes first: data that may not leave, or
 * is regulated, gets an architecture without any cloud, whatever every other rule says.
 * After it what binds decides: offline, then capability against latency and money; both
 * sides binding make a hybrid.  Money is computed as weir plan does; a threshold of an
 * article (50 million tokens, $500) is shown as the article's and decides nothing. */
#ifndef WEIR_PLAN_ADVISE_H
#define WEIR_PLAN_ADVISE_H

#include "core/arena.h"
#include "core/err.h"

enum question {
    Q_MAY_LEAVE, /* yes, no, some */
    Q_TOKENS_MONTH,
    Q_TTFT_MS,
    Q_FRONTIER,
    Q_PARALLEL,
    Q_TEAM,
    Q_API_SPEND, /* USD a month */
    Q_ENGINEERS,
    Q_OFFLINE,
    Q_REALTIME,
    Q_DEADLINE,
    Q_MULTIMODAL,
    Q_CONTEXT,
    Q_REQUESTS_MONTH,
    Q_PRIORITY,
    Q_COMPLIANCE,
    Q_TASK,
    QUESTIONS /* sentinel */
};
struct question_info {
    const char *key;   /* "may_leave", as in the rules; "--may-leave" as an option */
    const char *asks;  /* for people */
    const char *words; /* "yes|no|some", or NULL for a number */
};
extern const struct question_info questions[QUESTIONS];

enum verdict { SAYS_NOTHING, SAYS_LOCAL, SAYS_API, SAYS_HYBRID, SAYS_EVALUATE };
const char *verdict_name(enum verdict v);

struct answers {
    /* What a plan computed on this load: local, API, or hybrid where it is undecided;
     * SAYS_NOTHING: nothing was computed. */
    enum verdict money;
    struct {
        bool known;
        double number;
        char word[24];
    } v[QUESTIONS];
};

/* Sets one answer from text; the fault names the option and what it takes. */
int answers_set(struct answers *a, enum question q, struct str text, struct err *err);

enum rule_state { RULE_QUIET, RULE_FIRES, RULE_OPEN };

struct rule {
    struct str table, id, say, local, cloud, source;
    int64_t source_days;
    bool has_question;
    enum question question;
    struct str is; /* a word condition, or empty */
    bool has_at_least, has_at_most, has_above, has_below;
    double at_least, at_most, above, below;
    enum verdict then;
};

struct advice; /* opaque: the rules, immutable */
int advice_load(struct str json, struct advice **ret, struct err *err) NODISCARD;
void advice_free(struct advice *a);
size_t advice_count(const struct advice *a);
const struct rule *advice_at(const struct advice *a, size_t i);

enum rule_state rule_state(const struct rule *r, const struct answers *a);
/* "at least 50,000,000", "is no"; "" for a rule without a condition. */
void rule_condition(const struct rule *r, char out[64]);

/* What a table says: its first firing rule, or NULL; *ret_open tells that a rule before
 * it has no answer yet. */
const struct rule *advice_table(const struct advice *a, const char *table,
                                const struct answers *answers, bool *ret_open);

struct recommendation {
    enum verdict architecture; /* SAYS_LOCAL, SAYS_API or SAYS_HYBRID */
    const char *binds;         /* the constraint, in words; static */
    bool cloud_allowed;        /* false: no cloud engine may appear anywhere */
    bool is_mixed;             /* some data may not leave: unlabelled stays here */
};
/* Needs Q_MAY_LEAVE; anything else may be unknown.  -1 when it is not answered. */
int advice_recommend(const struct answers *a, struct recommendation *ret,
                     struct err *err);

/* The engines that are written down.  Texts are names of fact files. */
struct advice_models {
    const char *local;       /* "Qwen3.6-27B" */
    const char *local_tag;   /* what Ollama calls it */
    const char *device;      /* that it was chosen for, in words */
    bool is_here;            /* which is a card of this machine */
    const char *device_says; /* where it is from, a sentence; "": it was named */
    uint64_t local_context;
    const char *cloud, *cloud_kind, *cloud_url, *cloud_key;
    uint64_t cloud_context; /* 0: unknown */
};

/* The weir.yaml that implements it, in the arena. */
struct str advice_yaml(const struct recommendation *r, const struct advice_models *m,
                       struct arena *arena);

#endif
