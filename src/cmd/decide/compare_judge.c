/* compare_judge.c -- see compare_judge.h. */
#include "cmd/decide/compare_judge.h"

enum { QUESTION_BYTES = 64 << 20 };

/* Both orders at once. */
struct pair_asked {
    struct compare_column columns[2];
    bool is_begun[2];
};

static int begin(struct pair_asked *p, size_t i, struct compare_shared *shared,
                 struct str model, struct str question, struct err *err)
{
    if (compare_column_prepare(&p->columns[i], shared, model, pair_instructions(),
                               question, 0, err) < 0 ||
        compare_column_begin(&p->columns[i], err) < 0)
        return -1;
    p->is_begun[i] = true;
    return 0;
}

static void count(struct compare_column *c, const struct prices *prices,
                  struct compare_judged *ret)
{
    ret->asked++;
    ret->answered += c->was_answered;
    if (c->was_answered)
        compare_column_price(c, prices);
    else
        snprintf(ret->failure, sizeof ret->failure, "%s", c->failure);
    if (c->was_answered && c->cost_nanousd < 0)
        ret->cost_nanousd = -1;
    else if (c->was_answered && ret->cost_nanousd >= 0)
        ret->cost_nanousd += c->cost_nanousd;
}

static enum pair_verdict said(const struct compare_column *c)
{
    return c->was_answered ? pair_read(buf_view(&c->text)) : PAIR_UNKNOWN;
}

static int judge_one(struct compare_shared *shared, struct str model, struct str request,
                     struct str first, struct str other, const struct prices *prices,
                     struct compare_judged *ret, enum pair_verdict *ret_verdict,
                     struct err *err)
{
    struct pair_asked p = {0};
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < ARRAY_LEN(p.columns); i++) {
        struct buf question;
        buf_init(&question, QUESTION_BYTES);
        pair_question(request, i ? other : first, i ? first : other, &question);
        rc = question.failed ? err_nomem(err)
                             : begin(&p, i, shared, model, buf_view(&question), err);
        buf_release(&question);
    }
    for (size_t i = 0; i < ARRAY_LEN(p.columns); i++)
        if (p.is_begun[i]) {
            compare_column_join(&p.columns[i]);
            count(&p.columns[i], prices, ret);
        }
    if (rc == 0)
        *ret_verdict = pair_of_both(said(&p.columns[0]), said(&p.columns[1]));
    for (size_t i = 0; i < ARRAY_LEN(p.columns); i++)
        compare_column_release(&p.columns[i]);
    return rc;
}

int compare_judge(struct compare_shared *shared, struct str model, struct str request,
                  const struct compare_column *columns, size_t n,
                  const struct prices *prices, struct compare_judged *ret,
                  struct err *err)
{
    const struct compare_column *first = NULL;
    *ret = (struct compare_judged){0};
    for (size_t i = 0; i < n && !shared->is_stopped; i++) {
        if (!columns[i].was_answered)
            continue;
        if (first && judge_one(shared, model, request, buf_view(&first->text),
                               buf_view(&columns[i].text), prices, ret, &ret->verdicts[i],
                               err) < 0)
            return -1;
        first = first ? first : &columns[i];
    }
    return 0;
}
