/* fuzz_claim.c -- any bytes as a text with speeds: each claim has a speed above zero that
 * was written as a number, a verdict, and a text that a terminal can print; the same
 * bytes say the same twice. */
#include "fit/claim.h"

#include <math.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static const struct facts *facts(void)
{
    static struct facts f;
    struct err err;
    if (!f.models && facts_load(&f, NULL, &err) < 0)
        abort();
    return &f;
}

struct seen {
    size_t n;
    double sum;
};

static void see(void *arg, const struct claim *c)
{
    struct seen *seen = arg;
    struct claim_verdict v;
    struct err err;
    char why[400];
    require(c->low_tok_s > 0 && c->high_tok_s >= c->low_tok_s && isfinite(c->high_tok_s));
    require(c->wrote.n > 0 && c->wrote.p[0] >= '0' && c->wrote.p[0] <= '9');
    require(c->missing != CLAIM_WHOLE || (c->model && c->ncards > 0));
    for (size_t i = 0; i < c->text.n; i++) {
        unsigned char byte = (unsigned char)c->text.p[i];
        require(byte == '\t' || (byte >= ' ' && byte != 0x7F));
    }
    if (claim_judge(c, &v, &err) == 0)
        require(v.word < CLAIM_WORDS &&
                (c->missing == CLAIM_WHOLE || v.word == CLAIM_UNKNOWN));
    if (c->missing != CLAIM_WHOLE && seen->n < 2)
        claim_explain(facts(), c, why, sizeof why);
    seen->n++;
    seen->sum += c->high_tok_s;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = {(const char *)data, size};
    struct seen once = {0}, twice = {0};
    struct err err;
    int rc = claim_scan(facts(), text, see, &once, &err);
    require(claim_scan(facts(), text, see, &twice, &err) == rc);
    require(once.n == twice.n && (once.sum <= twice.sum && once.sum >= twice.sum));
    return 0;
}
