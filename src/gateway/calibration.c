/* calibration.c -- reading and writing the file. */
#include "gateway/calibration.h"

#include "gateway/feedback.h"

#include "core/hash.h"
#include "core/log.h"

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

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

struct goal goal_configured(const struct config_learned *l)
{
    static const enum goal_kind kinds[] = {[LEARNED_SHARE] = GOAL_SHARE,
                                           [LEARNED_QUALITY] = GOAL_QUALITY,
                                           [LEARNED_MONTH] = GOAL_PRICE};
    return (struct goal){kinds[l->wish], l->value};
}

static bool path_of(char *out, size_t n, const char *state_dir, const char *suffix)
{
    int k = snprintf(out, n, "%s/route.calibration%s", state_dir, suffix);
    return k > 0 && (size_t)k < n;
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
    char path[1200];
    f->digest = digest;
    calibration_reset(&f->now);
    FILE *in = path_of(path, sizeof path, state_dir, "") ? fopen(path, "rb") : NULL;
    if (!in)
        return;
    size_t n = fread(bytes, 1, sizeof bytes, in);
    fclose(in);
    if (!calibration_load(&f->now, digest, (struct str){(const char *)bytes, n}))
        log_warn("%s is of other weights or damaged: thresholds of policy learned begin "
                 "anew",
                 path);
}

static bool write_file(const char *path, const unsigned char *bytes, size_t n)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    FILE *out = fd >= 0 ? fdopen(fd, "wb") : NULL;
    if (!out && fd >= 0)
        close(fd);
    if (!out)
        return false;
    bool ok =
        fwrite(bytes, 1, n, out) == n && fflush(out) == 0 && fsync(fileno(out)) == 0;
    return fclose(out) == 0 && ok;
}

void calibration_keep(struct calibration_file *f, const char *state_dir, uint64_t now_ms,
                      bool must)
{
    unsigned char bytes[CALIBRATION_BYTES];
    char path[1200], fresh[1200];
    unsigned version = atomic_load(&f->now.version);
    if (version == f->saved_version || (!must && now_ms - f->saved_ms < KEEP_EVERY_MS))
        return;
    f->saved_ms = now_ms;
    calibration_save(&f->now, f->digest, bytes);
    bool ok = path_of(path, sizeof path, state_dir, "") &&
              path_of(fresh, sizeof fresh, state_dir, ".new") &&
              write_file(fresh, bytes, sizeof bytes) && rename(fresh, path) == 0;
    if (ok)
        f->saved_version = version;
    else if (!f->is_told)
        log_warn("%s cannot be written: thresholds of policy learned begin anew after a "
                 "restart",
                 path);
    f->is_told = !ok;
}

/* By what they are asked for and where: another file behind the same name is not seen. */
static uint32_t digest_of_models(const struct config *c)
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
    if (calibration_of_models(&f->now, digest_of_models(c)))
        log_warn("the local models are others than those whose answers were judged: what "
                 "policy learned knew of them begins anew");
}

enum { WEAK_ONE_OF = 3 };

void calibration_heard(void *ctx, const struct feedback_heard *heard)
{
    const struct recent_answer *a = &heard->answer;
    bool is_weak = heard->said == FEEDBACK_REASK && heard->uid % WEAK_ONE_OF;
    if (a->is_local && !isnan(a->score) && !is_weak)
        calibration_outcome(ctx, (float)a->score, heard->said != FEEDBACK_GOOD);
}
