/* judge.h -- was this local answer good enough?  Pure: no I/O, no clock, no state.
 *
 * What is looked at, cheapest first:
 *
 *     rules     the answer alone: empty, a refusal, cut off, loops, broken JSON, a call
 *               to no known tool, no final answer (rules.h)
 *     logprobs  how sure the engine was, where it says so (logprobs.h)
 *     opinions  for a task whose answer can be compared (task.h): the final answers of
 *               other local models, and whether they agree (final.h)
 *     verdict   what a judge model said (verdict.h)
 *     prompt    what the router thought before there was an answer
 *
 * judge() makes one score of all that is there.  It may be called again when more has
 * come: first with the answer alone, then with a second opinion, then with a verdict.
 * What is absent is unknown, and the score says what it would say without it.
 *
 *     struct judgement j;
 *     judge(&(struct judge_case){.question = &q, .answers = &a, .nanswers = 1,
 *                                .prompt_score = NAN, .verdict = NAN}, arena, &j);
 *     if (j.score >= JUDGE_THRESHOLD)  the local answer is good enough
 *     else if (judge_wants_opinion(&j))  ask a second local model, and judge again
 *
 * Texts are what a reader sees: unescaped, without the model's thoughts. */
#ifndef WEIR_JUDGE_JUDGE_H
#define WEIR_JUDGE_JUDGE_H

#include "dialect/conversation.h"
#include "dialect/event.h"
#include "judge/final.h"
#include "judge/logprobs.h"
#include "judge/task.h"

/* Keep the local answer from this score on, unless the operator says otherwise. */
#define JUDGE_THRESHOLD 0.75
enum { JUDGE_MAX_FINDINGS = 8, JUDGE_MAX_PARTS = 6, JUDGE_MAX_ANSWERS = 8 };

/* What was asked. */
struct judge_question {
    struct str prompt; /* the last user turn */
    enum answer_format format;
    struct str schema; /* of FORMAT_SCHEMA: raw JSON Schema; else p == NULL */
    const struct tool *tools;
    size_t ntools;
    enum tool_choice choice;
    struct str choice_name; /* of CHOICE_NAMED */
};

/* What came back. */
struct judge_answer {
    struct str text;    /* what the client would see; empty when there are only calls */
    struct str refusal; /* a refusal that the engine marks as one, or empty */
    const struct tool_call *calls;
    size_t ncalls;
    enum finish_reason finish;       /* FINISH_NONE: not said */
    const struct logprobs *logprobs; /* NULL: the engine gave none */
};

/* What a rule may find.  docs/escalation.md explains each. */
enum judge_rule {
    RULE_EMPTY,     /* no text and no call */
    RULE_REFUSAL,   /* the answer is that there will be none */
    RULE_CUT_OFF,   /* the limit of tokens ended it */
    RULE_FILTERED,  /* the engine's content filter ended it */
    RULE_LOOPS,     /* the same words, phrases or lines again and again */
    RULE_NO_JSON,   /* JSON was asked for, and this is none */
    RULE_SCHEMA,    /* JSON that does not fit the schema */
    RULE_NO_TOOL,   /* a call to a tool that was not offered, or none where one must be */
    RULE_ARGUMENTS, /* arguments of a call that are no JSON or do not fit */
    RULE_NO_FINAL,  /* a number, letter, JSON or code was asked for; there is none */
    RULE_CONTRADICTION, /* two final answers that differ */
    RULE_SUM,           /* a sum in it does not add up */
    RULE_COUNT
};

struct judge_finding {
    enum judge_rule rule;
    double weight;     /* 0..1: how surely the answer is bad because of this alone */
    struct str detail; /* plain words, in the arena or static: "the schema wants a
                        * number at $.total" */
};

/* What the rules say of one answer. */
struct judge_findings {
    struct judge_finding v[JUDGE_MAX_FINDINGS]; /* the weightiest first */
    size_t n;
    enum task task;
    struct final final; /* the answer's own; of a task without one: FINAL_NONE */
    /* Part of the schema was not understood: it counts as fitting. */
    bool has_unread_schema;
};

/* Judges by rules alone: about a microsecond for each KB.  0; -1 only when the arena is
 * full. */
int judge_rules(const struct judge_question *q, const struct judge_answer *a,
                struct arena *arena, struct judge_findings *ret);
/* "refusal", ... as it stands in the ledger and the documents. */
const char *judge_rule_name(enum judge_rule r);

/* All that is known of one answer. */
struct judge_case {
    const struct judge_question *question;
    /* answers[0] is judged, the others are opinions of further local models. */
    const struct judge_answer *answers;
    size_t nanswers;     /* at most JUDGE_MAX_ANSWERS are looked at */
    double prompt_score; /* the router's P(local suffices), or NAN: unknown */
    double verdict;      /* a judge model's, 0..1, or NAN: none */
};

/* One thing that moved the score. */
struct judge_part {
    double moved;     /* in log odds: below 0 it speaks against the answer */
    struct str words; /* "2 of 2 other local answers agree: 18" */
};

struct judgement {
    double score; /* 0..1: how likely the answer is good enough */
    struct judge_findings findings;
    size_t nopinions;                         /* other answers that had a final answer */
    size_t nagree;                            /* ... of them the same as this one's */
    struct judge_part parts[JUDGE_MAX_PARTS]; /* the strongest first */
    size_t nparts;
    /* Something was looked at that can tell this answer from another to the same
     * question: a finding of weight, an opinion, a verdict, log-probabilities.  Else the
     * score says how such questions go, and nothing of this answer. */
    bool has_evidence;
};

/* Scores.  0; -1 only when the arena is full: then the caller keeps the local answer. */
int judge(const struct judge_case *c, struct arena *arena, struct judgement *ret);

/* Is it to be kept?  At the threshold, and wherever nothing speaks against it. */
bool judge_is_good(const struct judgement *j, double threshold);
/* Would another local answer say more?  Yes when the task has a final answer that can be
 * compared and this one gives one. */
bool judge_wants_opinion(const struct judgement *j);

/* "other local models agree: 18; the sum 3 * 4 = 13 does not add up": the parts in one
 * line, at most n bytes, safe as a header value.  p == NULL: the arena is full. */
struct str judge_explain(const struct judgement *j, size_t n, struct arena *arena);

/* The question of a request.  What it points to lives as long as the conversation. */
int judge_read_question(const struct conversation *c, struct arena *arena,
                        struct judge_question *ret);
/* The first choice of a whole answer in OpenAI's form.  -1 with ERR_UPSTREAM when it is
 * none, or ERR_INTERNAL when the arena is full. */
int judge_read_answer(struct str body, struct arena *arena, struct judge_answer *ret,
                      struct err *err);

#endif
