/* calibration.c -- reading and writing the file. */
#include "gateway/calibration.h"

#include "gateway/feedback.h"
#include "gateway/statefile.h"

#include "core/hash.h"
#include "core/log.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { KEEP_EVERY_MS = 60 * 1000 };

enum { WEIGHTS_MAX_BYTES = 4 * 1024 * 1024 };

static struct str read_weights(const char *path, struct arena *a)
{
    struct buf b;
    size_t n = 1;
    FILE *f = fopen(path, "rb");
    buf_init(&b, WEIGHTS_MAX_BYTES);
    while (f && n > 0 && buf_reserve(&b, 1 << 16)) {
        n = fread(b.p + b.n, 1, 1 << 16, f);
        b.n += n;
    }
    if (f)
        fclose(f);
    struct str bytes = f && b.n ? arena_strdup(a, buf_view(&b)) : (struct str){NULL, 0};
    buf_release(&b);
    return bytes;
}

struct router *router_configured(const struct config_learned *l, struct arena *a,
                                 struct err *err)
{
    struct router *r = arena_new(a, struct router);
    struct str path = arena_strdup(a, l->weights), bytes = router_builtin();
    struct err why = {0};
    if (!r || !path.p)
        err_nomem(err);
    else if (l->weights.n && !(bytes = read_weights(path.p, a)).p)
        err_set(err, ERR_CONFIG, "weights_file",
                "learned: cannot read weights %s: is the path right? `weir train router "
                "--own "
                "FILE --out %s` makes one",
                path.p, path.p);
    else if (router_open(r, bytes, &why) < 0)
        err_set(err, ERR_CONFIG, "router_weights", "learned: weights %s: %s", path.p,
                why.msg);
    else
        return r;
    return NULL;
}

int adapter_configured(const struct config_learned *l, const struct router *r,
                       struct arena *a, const struct adapter **ret, struct err *err)
{
    struct adapter *adapter = arena_new(a, struct adapter);
    struct str path = arena_strdup(a, l->adapter);
    struct err why = {0};
    *ret = NULL;
    if (l->adapter.n == 0)
        return 0;
    if (!adapter || !path.p)
        return err_nomem(err);
    struct str bytes = read_weights(path.p, a);
    if (!bytes.p)
        return err_set(err, ERR_CONFIG, "adapter_file",
                       "learned: cannot read adapter %s: is the path right? `weir train "
                       "router --ledger --out %s` makes one",
                       path.p, path.p);
    if (adapter_open(adapter, r->digest, bytes, &why) < 0)
        return err_set(err, ERR_CONFIG, "router_adapter", "learned: adapter %s: %s",
                       path.p, why.msg);
    *ret = adapter;
    return 0;
}

struct goal goal_configured(const struct config_learned *l)
{
    static const enum goal_kind kinds[] = {[LEARNED_SHARE] = GOAL_SHARE,
                                           [LEARNED_QUALITY] = GOAL_QUALITY,
                                           [LEARNED_MONTH] = GOAL_PRICE};
    return (struct goal){kinds[l->wish], l->value};
}

void calibration_change(struct calibration_file *f, uint32_t digest)
{
    atomic_store(&f->now.threshold, NAN); /* also the wish may be another */
    if (f->digest == digest)
        return;
    f->digest = digest;
    calibration_reset(&f->now);
    f->saved_version = 0;
}

void calibration_open(struct calibration_file *f, const char *state_dir, uint32_t digest)
{
    unsigned char bytes[CALIBRATION_BYTES + 1];
    char path[STATEFILE_PATH];
    f->digest = digest;
    calibration_reset(&f->now);
    long n = statefile_read(state_dir, "route.calibration", path, bytes, sizeof bytes);
    if (n < 0)
        return;
    if (!calibration_load(&f->now, digest, (struct str){(const char *)bytes, (size_t)n}))
        log_warn("%s is of other weights or damaged: thresholds of policy learned begin "
                 "anew",
                 path);
}

void calibration_keep(struct calibration_file *f, const char *state_dir, uint64_t now_ms,
                      bool must)
{
    unsigned char bytes[CALIBRATION_BYTES];
    char path[STATEFILE_PATH];
    unsigned version = atomic_load(&f->now.version);
    if (version == f->saved_version || (!must && now_ms - f->saved_ms < KEEP_EVERY_MS))
        return;
    f->saved_ms = now_ms;
    calibration_save(&f->now, f->digest, bytes);
    bool ok = statefile_write(state_dir, "route.calibration", path, bytes, sizeof bytes);
    if (ok)
        f->saved_version = version;
    else if (!f->is_told)
        log_warn("%s cannot be written: thresholds of policy learned begin anew after a "
                 "restart",
                 path);
    f->is_told = !ok;
}

uint32_t scores_digest(const struct router *r, const struct adapter *a)
{
    return a ? crc32c(r->digest, (struct str){(const char *)a, sizeof *a}) : r->digest;
}

uint32_t models_digest(const struct config *c)
{
    uint32_t sum = 1;
    for (size_t i = 0; i < c->nmodels; i++)
        if (!c->models[i]->is_cloud) {
            sum = crc32c(sum, c->models[i]->engine->url);
            sum = crc32c(sum, c->models[i]->upstream);
        }
    return sum ? sum : 1;
}

void calibration_look_at_models(struct calibration_file *f, const struct config *c)
{
    if (calibration_of_models(&f->now, models_digest(c)))
        log_warn("the local models are others than those whose answers were judged: what "
                 "policy learned knew of them begins anew");
}

bool calibration_look_at_files(struct calibration_file *f, uint32_t files)
{
    bool is_other = calibration_of_files(&f->now, files);
    if (is_other)
        log_warn("a local engine says that it runs another model file or build behind "
                 "the same name: what policy learned knew of local answers begins anew");
    return is_other;
}

enum { WEAK_ONE_OF = 3 };

void calibration_heard(void *ctx, const struct feedback_heard *heard)
{
    const struct recent_answer *a = &heard->answer;
    bool is_weak = heard->said == FEEDBACK_REASK && heard->uid % WEAK_ONE_OF;
    if (a->is_local && !isnan(a->score) && !is_weak)
        calibration_outcome(ctx, (float)a->score, heard->said != FEEDBACK_GOOD);
}
