/* refit.c -- Gauss-Newton on logarithms, robust and with a pull towards the start. */
#include "fit/refit.h"

#include <math.h>
#include <string.h>

enum unknown {
    E_NVIDIA,
    E_HBM,
    E_GRACE,
    E_APPLE,
    E_RDNA,
    E_AMD_UNIFIED,
    E_INTEL,
    E_CPU,
    O_NVIDIA,
    O_HBM,
    O_GRACE,
    O_APPLE,
    O_RDNA,
    O_AMD_UNIFIED,
    O_INTEL,
    X_TURING,
    X_AMPERE,
    X_ADA,
    X_BLACKWELL,
    X_OLD_LAYERS,
    X_OLD_LAYERS_APPLE,
    X_OLD_BYTES_HBM,
    X_M1_QUANTISED,
    X_ULTRA,
    X_EXPERTS,
    X_EXPERTS_NVIDIA,
    RAM_RATE,
    UNKNOWNS,
    NONE = UNKNOWNS
};

static const struct {
    double start, pull;
} unknowns[UNKNOWNS] = {
    [E_NVIDIA] = {0.80, 2},
    [E_HBM] = {0.80, 0.5},
    [E_GRACE] = {0.80, 2},
    [E_APPLE] = {0.80, 1},
    [E_RDNA] = {0.80, 2},
    [E_AMD_UNIFIED] = {0.80, 1},
    [E_INTEL] = {0.80, 2},
    [E_CPU] = {0.60, 1},
    [O_NVIDIA] = {60, 1},
    [O_HBM] = {60, 1},
    [O_GRACE] = {60, 1},
    [O_APPLE] = {60, 1},
    [O_RDNA] = {60, 1},
    [O_AMD_UNIFIED] = {60, 1},
    [O_INTEL] = {60, 1},
    [X_TURING] = {1, 1},
    [X_AMPERE] = {1, 1},
    [X_ADA] = {1, 1},
    [X_BLACKWELL] = {1, 1},
    [X_OLD_LAYERS] = {1.5, 0.5},
    [X_OLD_LAYERS_APPLE] = {1.5, 0.5},
    [X_OLD_BYTES_HBM] = {1.5, 0.5},
    [X_M1_QUANTISED] = {1.5, 0.5},
    [X_ULTRA] = {1.5, 0.5},
    [X_EXPERTS] = {1.5, 0.5},
    [X_EXPERTS_NVIDIA] = {1.5, 0.5},
    [RAM_RATE] = {50, 1},
};

#define OUTLYING 0.15

/* How a family is made of unknowns. */
static const struct {
    enum unknown share, layers, factor;
} made_of[FAMILIES] = {
    [FAMILY_TURING] = {E_NVIDIA, O_NVIDIA, X_TURING},
    [FAMILY_AMPERE] = {E_NVIDIA, O_NVIDIA, X_AMPERE},
    [FAMILY_ADA] = {E_NVIDIA, O_NVIDIA, X_ADA},
    [FAMILY_BLACKWELL] = {E_NVIDIA, O_NVIDIA, X_BLACKWELL},
    [FAMILY_HBM] = {E_HBM, O_HBM, NONE},
    [FAMILY_GRACE] = {E_GRACE, O_GRACE, NONE},
    [FAMILY_APPLE] = {E_APPLE, O_APPLE, NONE},
    [FAMILY_APPLE_M1] = {E_APPLE, O_APPLE, NONE},
    [FAMILY_APPLE_ULTRA] = {E_APPLE, O_APPLE, X_ULTRA},
    [FAMILY_RDNA] = {E_RDNA, O_RDNA, NONE},
    [FAMILY_AMD_UNIFIED] = {E_AMD_UNIFIED, O_AMD_UNIFIED, NONE},
    [FAMILY_INSTINCT] = {NONE, NONE, NONE},
    [FAMILY_INTEL] = {E_INTEL, O_INTEL, NONE},
    [FAMILY_CPU] = {E_CPU, NONE, NONE},
};

/* Seconds of one kind: a base times the exponentials of some unknowns. */
struct term {
    double base;
    int power[UNKNOWNS]; /* -1, 0 or 1 */
};

enum { TERMS = 4 };

static void times(struct term *t, enum unknown u, int power)
{
    if (u != NONE)
        t->power[u] += power;
}

static bool is_apple(enum speed_family f)
{
    return f == FAMILY_APPLE || f == FAMILY_APPLE_M1 || f == FAMILY_APPLE_ULTRA;
}

static enum unknown experts_of(enum speed_family f)
{
    return f <= FAMILY_GRACE ? X_EXPERTS_NVIDIA : X_EXPERTS;
}

static void terms_of(const struct sample *s, struct term t[TERMS])
{
    memset(t, 0, sizeof *t * TERMS);
    double bandwidth = s->bandwidth_gbs * 1e9;
    t[0].base = (s->load.weight_bytes - s->ram_bytes) / bandwidth;
    t[1].base = s->load.kv_bytes / bandwidth;
    times(&t[0], made_of[s->family].share, -1);
    times(&t[1], made_of[s->family].share, -1);
    if (s->family == FAMILY_APPLE_M1 && s->load.is_quantised)
        times(&t[0], X_M1_QUANTISED, 1);
    if (s->family == FAMILY_HBM && s->is_old)
        times(&t[0], X_OLD_BYTES_HBM, 1);
    if (made_of[s->family].layers != NONE) {
        t[2].base =
            s->load.layers * s->layers_on_device * 1e-6 * sqrt(s->load.hidden / 4096.0);
        times(&t[2], made_of[s->family].layers, 1);
        times(&t[2], made_of[s->family].factor, 1);
        if (s->load.has_experts)
            times(&t[2], experts_of(s->family), 1);
        if (s->is_old)
            times(&t[2], is_apple(s->family) ? X_OLD_LAYERS_APPLE : X_OLD_LAYERS, 1);
    }
    t[3].base = s->ram_bytes / 1e9;
    times(&t[3], RAM_RATE, -1);
}

static double value_of(const struct term *t, const double x[UNKNOWNS])
{
    double log_factor = 0;
    if (t->base <= 0)
        return 0;
    for (int u = 0; u < UNKNOWNS; u++)
        if (t->power[u])
            log_factor += t->power[u] * x[u];
    return t->base * exp(log_factor);
}

struct normal {
    double a[UNKNOWNS][UNKNOWNS], b[UNKNOWNS];
};

static void add_row(struct normal *n, const struct sample *s, double weight,
                    const double x[UNKNOWNS])
{
    struct term t[TERMS];
    double slope[UNKNOWNS] = {0};
    double sum = 0;
    terms_of(s, t);
    for (int k = 0; k < TERMS; k++) {
        double v = value_of(&t[k], x);
        sum += v;
        for (int u = 0; u < UNKNOWNS; u++)
            slope[u] += t[k].power[u] * v;
    }
    if (!(sum > 0))
        return;
    double off = log(sum * s->row->tok_s);
    double far = off / OUTLYING;
    double w = weight / sqrt(1.0 + weight * far * far);
    for (int u = 0; u < UNKNOWNS; u++) {
        n->b[u] -= w * slope[u] / sum * off;
        if (slope[u] == 0)
            continue;
        for (int v = 0; v < UNKNOWNS; v++)
            n->a[u][v] += w * slope[u] / sum * slope[v] / sum;
    }
}

/* Gaussian elimination with pivoting; the pull makes the matrix regular. */
static void solve(struct normal *n, double step[UNKNOWNS])
{
    for (int c = 0; c < UNKNOWNS; c++) {
        int best = c;
        for (int r = c + 1; r < UNKNOWNS; r++)
            if (fabs(n->a[r][c]) > fabs(n->a[best][c]))
                best = r;
        for (int k = 0; k < UNKNOWNS; k++) {
            double keep = n->a[c][k];
            n->a[c][k] = n->a[best][k];
            n->a[best][k] = keep;
        }
        double keep = n->b[c];
        n->b[c] = n->b[best];
        n->b[best] = keep;
        for (int r = c + 1; r < UNKNOWNS; r++) {
            double f = n->a[r][c] / n->a[c][c];
            for (int k = c; k < UNKNOWNS; k++)
                n->a[r][k] -= f * n->a[c][k];
            n->b[r] -= f * n->b[c];
        }
    }
    for (int r = UNKNOWNS - 1; r >= 0; r--) {
        double v = n->b[r];
        for (int k = r + 1; k < UNKNOWNS; k++)
            v -= n->a[r][k] * step[k];
        step[r] = v / n->a[r][r];
    }
}

static void table_of(const double x[UNKNOWNS], struct refit *ret)
{
    memcpy(ret->families, speed_families, sizeof ret->families);
    ret->ram_gbs = exp(x[RAM_RATE]);
    for (int f = 0; f < FAMILIES; f++) {
        struct speed_coefficients *c = &ret->families[f];
        if (made_of[f].share == NONE)
            continue;
        c->efficiency = fmin(exp(x[made_of[f].share]), 1.0);
        c->quantised_share = f == FAMILY_APPLE_M1 ? exp(-x[X_M1_QUANTISED]) : 1.0;
        c->overhead_us = 0;
        c->expert_factor = 1.0;
        if (made_of[f].layers == NONE)
            continue;
        c->overhead_us = exp(x[made_of[f].layers] +
                             (made_of[f].factor == NONE ? 0 : x[made_of[f].factor]));
        c->expert_factor = exp(x[experts_of((enum speed_family)f)]);
    }
}

void refit_rows(const struct samples *all, refit_takes_fn *takes, const void *arg,
                struct refit *ret)
{
    double x[UNKNOWNS];
    double start[UNKNOWNS];
    for (int u = 0; u < UNKNOWNS; u++)
        x[u] = start[u] = log(unknowns[u].start);
    for (int pass = 0; pass < 25; pass++) {
        struct normal n;
        double step[UNKNOWNS];
        memset(&n, 0, sizeof n);
        for (int u = 0; u < UNKNOWNS; u++) {
            double pull = unknowns[u].pull * unknowns[u].pull;
            n.a[u][u] = pull;
            n.b[u] = pull * (start[u] - x[u]);
        }
        for (size_t i = 0; i < all->n; i++)
            if (takes(arg, &all->v[i]))
                add_row(&n, &all->v[i], all->v[i].weight, x);
        solve(&n, step);
        for (int u = 0; u < UNKNOWNS; u++)
            x[u] += fmin(fmax(step[u], -0.5), 0.5);
    }
    table_of(x, ret);
}

struct speed refit_speed(const struct refit *r, const struct sample *s)
{
    struct speed_part part = {&r->families[s->family], s->bandwidth_gbs,
                              s->layers_on_device};
    struct speed ret = speed_of(&part, 1, &s->load, s->ram_bytes, r->ram_gbs);
    /* Nobody said how fast this machine's main memory is. */
    ret.ceiling_tok_s = speed_of(&part, 1, &s->load, s->ram_bytes, 0).ceiling_tok_s;
    return ret;
}
