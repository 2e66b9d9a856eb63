/* pilots.c -- see pilots.h. */
#include "gateway/pilots.h"

#include "core/clock.h"
#include "core/log.h"
#include "core/mem.h"
#include "gateway/statefile.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    PORTIONS = 20,           /* of the money */
    NEARLY_ALL_PERCENT = 90, /* a leg that is too dear ends a pilot that has spent this */
    UNWRITTEN_BYTES = 8 << 20 /* held while the disk takes nothing */
};

/* -- for loops ------------------------------------------------------------------------
 */

bool pilot_take(struct pilot_live *l, int64_t nanousd)
{
    long long taken = atomic_load(&l->taken);
    if (nanousd == 0)
        return true;
    do {
        if (taken + nanousd > atomic_load(&l->granted)) {
            atomic_store(&l->asked, nanousd);
            return false;
        }
    } while (!atomic_compare_exchange_weak(&l->taken, &taken, taken + nanousd));
    return true;
}

void pilot_spent(struct pilot_live *l, int64_t taken, int64_t spent)
{
    if (spent >= 0)
        atomic_fetch_add(&l->taken, spent - taken);
}

static void free_finding(struct pilot_finding *f)
{
    arena_reset(&f->arena);
    mem_free(f);
}

static size_t bytes_of(const struct pilot_finding *f)
{
    return sizeof *f + f->kept.question.n + f->kept.local.n + f->kept.other.n;
}

bool pilots_tell(struct pilots *p, struct pilot_finding *f)
{
    list_init(&f->link);
    mutex_lock(&p->lock);
    bool is_taken = !f->arena.is_full && p->found_bytes < PILOTS_FOUND_BYTES;
    if (is_taken) {
        list_append(&p->found, &f->link);
        p->found_bytes += bytes_of(f);
    }
    mutex_unlock(&p->lock);
    if (!is_taken)
        free_finding(f);
    return is_taken;
}

/* -- the files ------------------------------------------------------------------------
 */

/* Is the file another than the last time?  A file that is not there is one of zeros. */
static bool has_changed(const char *dir, const char *name, int64_t seen[3])
{
    char path[STATEFILE_PATH];
    struct stat st = {.st_ino = 0};
    if (snprintf(path, sizeof path, "%s/%s", dir, name) >= (int)sizeof path ||
        stat(path, &st) < 0)
        st = (struct stat){.st_ino = 0};
    const int64_t now[3] = {(int64_t)st.st_ino,
                            (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec,
                            (int64_t)st.st_size};
    bool is_other = memcmp(seen, now, sizeof now) != 0;
    memcpy(seen, now, sizeof now);
    return is_other;
}

static bool is_there(const char *dir, const char *name)
{
    char path[STATEFILE_PATH];
    return snprintf(path, sizeof path, "%s/%s", dir, name) < (int)sizeof path &&
           access(path, F_OK) == 0;
}

static void flush(struct pilots *p, const char *dir)
{
    /* A pair that was drawn must have its texts: they stand before it. */
    bool ok = statefile_append(dir, PILOT_FILE_KEPT, &p->kept) &&
              statefile_append(dir, PILOT_FILE_PAIRS, &p->pairs);
    if (!ok && !p->is_warned)
        log_warn("the files of the pilot in %s cannot be written: it spends no more "
                 "money until they can",
                 dir);
    p->is_warned = !ok;
}

static void forget(struct pilots *p)
{
    if (p->has_story)
        pilot_story_release(&p->story);
    p->has_story = false;
}

static void end(struct pilots *p, uint64_t wall_ms, const char *why)
{
    atomic_store_explicit(&p->now, NULL, memory_order_release);
    pilot_write_end(wall_ms ? wall_ms : 1, why, &p->pairs); /* 0: it has not ended */
    log_info("the pilot has ended: %s; weir pilot report", why);
    forget(p);
}

/* -- a pilot begins --------------------------------------------------------------------
 */

/* What it has done so far.  What had been granted when weir died counts as spent. */
static bool read_story(struct pilots *p, const char *dir, struct pilot_live *l)
{
    struct buf text;
    buf_init(&text, PILOT_FILE_BYTES);
    if (pilot_story_init(&p->story, &l->terms) < 0)
        return false;
    bool ok = statefile_read_all(dir, PILOT_FILE_PAIRS, &text) &&
              pilot_story_read_pairs(&p->story, buf_view(&text)) == 0;
    bool is_cut = buf_len(&text) && text.p[text.n - 1] != '\n';
    buf_release(&text);
    if (is_cut)
        buf_byte(&p->pairs, '\n');
    if (!ok) {
        pilot_story_release(&p->story);
        return false;
    }
    atomic_store(&l->granted, p->story.granted_nanousd);
    atomic_store(&l->taken, p->story.granted_nanousd);
    p->written_taken = p->story.spent_nanousd;
    p->written_lost = 0;
    p->has_story = true;
    return true;
}

static struct pilot_live *read_terms(const char *dir)
{
    struct buf text;
    struct err err = {0};
    struct pilot_live *l = mem_new(struct pilot_live);
    buf_init(&text, 64 * 1024);
    bool ok = l && statefile_read_all(dir, PILOT_FILE_TERMS, &text) && buf_len(&text) &&
              pilot_terms_read(buf_view(&text), &l->terms, &err) == 0;
    buf_release(&text);
    if (ok) {
        l->key = (struct siphash_key){l->terms.key0, l->terms.key1};
        return l;
    }
    if (err.kind)
        log_warn("no pilot runs: %s", err.msg);
    mem_free(l);
    return NULL;
}

/* The days that are left of it, by the wall clock of this moment: one that stands before
 * its beginning was set back, and then all of them are. */
static uint64_t left_ms(const struct pilot_terms *t, uint64_t wall_ms)
{
    uint64_t end = pilot_terms_end_ms(t), all = end - t->began_ms;
    uint64_t left = end > wall_ms ? end - wall_ms : 0;
    return left < all ? left : all;
}

static void look_at_terms(struct pilots *p, const char *dir, uint64_t wall_ms)
{
    if (!has_changed(dir, PILOT_FILE_TERMS, p->seen_terms))
        return;
    atomic_store_explicit(&p->now, NULL, memory_order_release);
    forget(p);
    struct pilot_live *l = read_terms(dir);
    if (!l)
        return;
    l->over_ms = clock_awake_or_not_ms() + left_ms(&l->terms, wall_ms);
    l->older = p->newest;
    p->newest = l;
    memset(p->seen_labels, 0, sizeof p->seen_labels);
    buf_clear(&p->pairs);
    buf_clear(&p->kept);
    if (!read_story(p, dir, l)) {
        log_warn("no pilot runs: its file %s/%s cannot be read", dir, PILOT_FILE_PAIRS);
        return;
    }
    if (p->story.ended_ms) {
        forget(p);
        return;
    }
    log_info("a pilot runs: %.1f %% of the sessions are asked of %s too",
             (double)l->terms.share_ppm / 1e4, l->terms.to);
    atomic_store_explicit(&p->now, l, memory_order_release);
}

/* -- while it runs ---------------------------------------------------------------------
 */

static void look_at_labels(struct pilots *p, const char *dir)
{
    struct buf text;
    if (!has_changed(dir, PILOT_FILE_LABELS, p->seen_labels))
        return;
    buf_init(&text, PILOT_FILE_BYTES);
    if (statefile_read_all(dir, PILOT_FILE_LABELS, &text))
        pilot_story_read_labels(&p->story, buf_view(&text));
    buf_release(&text);
}

/* In the order in which they were found. */
static struct pilot_finding *next_finding(struct pilots *p)
{
    struct pilot_finding *f = NULL;
    mutex_lock(&p->lock);
    if (!list_empty(&p->found)) {
        f = list_first(&p->found, struct pilot_finding, link);
        list_remove(&f->link);
        p->found_bytes -= bytes_of(f);
    }
    mutex_unlock(&p->lock);
    return f;
}

static void write_finding(struct pilots *p, struct pilot_finding *f)
{
    const struct pilot_live *l = atomic_load(&p->now);
    size_t before = p->kept.n;
    if (!l || f->pilot != l)
        return;
    if (f->pair.is_kept) {
        f->kept.pair = p->story.book.n;
        pilot_write_kept(&f->kept, &p->kept);
    }
    pilot_write_pair(&f->pair, &p->pairs);
    if (p->kept.failed || p->pairs.failed ||
        pilot_book_add(&p->story.book, &f->pair) < 0) {
        p->kept.n = before; /* no room: as if it had not been found */
        return;
    }
    p->story.nkept += f->pair.is_kept;
}

/* More money, before what was granted is all taken, and as much as somebody has asked
 * for; as long as there is some. */
static int64_t portion(const struct pilot_live *l)
{
    int64_t most = l->terms.max_nanousd, part = most / PORTIONS;
    int64_t granted = atomic_load(&l->granted), taken = atomic_load(&l->taken);
    int64_t wanted = taken + atomic_load(&l->asked);
    if (wanted + part / 2 <= granted)
        return granted;
    int64_t now = (wanted > granted ? wanted : granted) + part;
    now = now < most ? now : most;
    return now > granted ? now : granted;
}

static bool is_money_over(const struct pilot_live *l)
{
    int64_t asked = atomic_load(&l->asked), taken = atomic_load(&l->taken);
    return asked && l->terms.max_nanousd && taken + asked > l->terms.max_nanousd &&
           taken * 100 >= l->terms.max_nanousd * NEARLY_ALL_PERCENT;
}

static void write_notes(struct pilots *p, struct pilot_live *l, int64_t granted)
{
    uint64_t lost = atomic_load(&l->lost);
    int64_t taken = atomic_load(&l->taken);
    if (lost != p->written_lost)
        pilot_write_lost(lost - p->written_lost, &p->pairs);
    p->written_lost = lost;
    if (granted != atomic_load(&l->granted) || taken != p->written_taken)
        pilot_write_money(granted, taken, &p->pairs);
    p->written_taken = taken;
}

static const char *why_over(struct pilots *p, const struct pilot_live *l, const char *dir)
{
    enum verdict_of_pilot v = pilot_book_verdict(&p->story.book, 0);
    if (v != PILOT_UNDECIDED)
        return v == PILOT_ACCEPT ? "accepted" : "rejected";
    if (is_there(dir, PILOT_FILE_STOP))
        return "stopped";
    if (clock_awake_or_not_ms() >= l->over_ms)
        return "days";
    if (l->terms.keep && p->story.nkept >= l->terms.keep)
        return "kept";
    return is_money_over(l) ? "money" : NULL;
}

static void take_findings(struct pilots *p)
{
    for (struct pilot_finding *f; (f = next_finding(p)) != NULL; free_finding(f))
        write_finding(p, f);
}

void pilots_tend(struct pilots *p, const char *dir, uint64_t wall_ms)
{
    look_at_terms(p, dir, wall_ms);
    struct pilot_live *l = atomic_load(&p->now);
    take_findings(p);
    if (!l)
        return;
    look_at_labels(p, dir);
    int64_t granted = p->is_warned ? atomic_load(&l->granted) : portion(l);
    write_notes(p, l, granted);
    const char *why = why_over(p, l, dir);
    atomic_store(&l->asked, 0);
    atomic_store(&p->npairs, p->story.book.n);
    atomic_store(&p->nkept, p->story.nkept);
    if (why)
        end(p, wall_ms, why);
    flush(p, dir);
    if (!p->is_warned && !why)
        atomic_store(&l->granted, granted);
}

/* -- from start to end ------------------------------------------------------------------
 */

void pilots_open(struct pilots *p)
{
    list_init(&p->found);
    mutex_init(&p->lock);
    buf_init(&p->pairs, UNWRITTEN_BYTES);
    buf_init(&p->kept, UNWRITTEN_BYTES);
    p->is_open = true;
}

void pilots_close(struct pilots *p, const char *dir, uint64_t wall_ms)
{
    if (!p->is_open)
        return;
    struct pilot_live *l = atomic_load(&p->now);
    if (l && dir[0]) {
        take_findings(p);
        write_notes(p, l, atomic_load(&l->taken));
        const char *why = why_over(p, l, dir);
        if (why)
            end(p, wall_ms, why);
        flush(p, dir);
    }
    atomic_store(&p->now, NULL);
    take_findings(p);
    forget(p);
    for (struct pilot_live *at = p->newest, *older; at; at = older) {
        older = at->older;
        mem_free(at);
    }
    buf_release(&p->pairs);
    buf_release(&p->kept);
    mutex_release(&p->lock);
    p->is_open = false;
}

void pilots_write_metrics(struct pilots *p, struct buf *b)
{
    const struct pilot_live *l = pilots_now(p);
    buf_printf(b,
               "# HELP weir_pilot_running 1: answers are compared with another model's.\n"
               "# TYPE weir_pilot_running gauge\nweir_pilot_running %d\n"
               "# HELP weir_pilot_pairs Answers compared by the newest pilot.\n"
               "# TYPE weir_pilot_pairs gauge\nweir_pilot_pairs %llu\n"
               "# HELP weir_pilot_kept Pairs of it that people may look at.\n"
               "# TYPE weir_pilot_kept gauge\nweir_pilot_kept %llu\n"
               "# HELP weir_pilot_spent_nanousd Spent by it, or promised to requests.\n"
               "# TYPE weir_pilot_spent_nanousd gauge\nweir_pilot_spent_nanousd %lld\n",
               l != NULL, (unsigned long long)atomic_load(&p->npairs),
               (unsigned long long)atomic_load(&p->nkept),
               l ? (long long)atomic_load(&l->taken) : 0LL);
}
