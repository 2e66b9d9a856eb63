/* scan.c -- a text in windows: normalise, tokenise, detect, resolve, map back.
 *
 * Windows overlap, so that a value on the edge of one lies whole in the next; a span
 * that begins in the overlap belongs to the later window.  The arena of a window is
 * freed before the next, which bounds the memory of a scan at some 60 bytes for each
 * byte of a window. */
#include "scan/scan.h"

#include "core/mem.h"
#include "scan/detect.h"
#include "scan/find/own.h"
#include "scan/names/corners.h"
#include "scan/names/meaning.h"
#include "scan/names/mentions.h"
#include "scan/names/whole.h"
#include "scan/names/whole_address.h"
#include "scan/scan_cache.h"
#include "scan/scanner.h"
#include "scan/text/kind.h"

struct scanner *scanner_create_nameless(struct err *err)
{
    struct scanner *s = mem_pages(sizeof *s);
    if (!s) {
        err_nomem(err);
        return NULL;
    }
    memset(s, 0, sizeof *s);
    if (word_table_init(&s->words, err) < 0 || tagger_open_builtin(&s->tagger, err) < 0) {
        scanner_free(s);
        return NULL;
    }
    secret_index_init(&s->secrets);
    frame_words(&s->words);
    mark_words(&s->words);
    people_words(&s->words);
    spoken_index_init(&s->spoken, &s->words);
    id_index_init(&s->ids);
    cue_table_init(&s->cues);
    return s;
}

struct scanner *scanner_create(struct err *err)
{
    struct scanner *s = scanner_create_nameless(err);
    if (s && net_open_builtin(&s->names, err) < 0) {
        scanner_free(s);
        return NULL;
    }
    return s;
}

void scanner_free(struct scanner *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->nzone; i++)
        mem_free((void *)(uintptr_t)s->zone[i].p);
    word_table_release(&s->words);
    own_rules_free(s->own);
    scan_cache_free(s->cache);
    mem_pages_free(s, sizeof *s);
}

int scanner_add_cache(struct scanner *s, size_t max_bytes, struct err *err)
{
    s->cache = scan_cache_create(max_bytes, err);
    return s->cache ? 0 : -1;
}

int scanner_add_rules(struct scanner *s, const struct config_guard_rule *rules, size_t n,
                      struct err *err)
{
    if (n == 0)
        return 0;
    s->own = own_rules_create(rules, n, err);
    return s->own ? 0 : -1;
}

void rule_set_join(struct rule_set *s, const struct rule_set *more)
{
    for (size_t i = 0; i < sizeof s->bits; i++)
        s->bits[i] |= more->bits[i];
}

int scanner_add_zone(struct scanner *s, struct str zone, struct err *err)
{
    if (s->nzone == SCANNER_MAX_ZONES)
        return err_set(err, ERR_CONFIG, "too_many_zones",
                       "at most %d internal zones may be named", SCANNER_MAX_ZONES);
    char *own = mem_strndup(zone.p, zone.n);
    if (!own)
        return err_nomem(err);
    s->zone[s->nzone++] = (struct str){own, zone.n};
    return 0;
}

int scanner_use_weights(struct scanner *s, struct str weights, struct err *err)
{
    if (str_starts(weights, STR(NET_MAGIC)))
        return net_open(&s->names, weights, err);
    return tagger_open(&s->tagger, weights, err);
}

void scanner_lean_to_people(struct scanner *s, unsigned more)
{
    for (size_t i = 0; i < NET_SCRIPTS; i++)
        s->names.lean[i] += (int32_t)more;
}

bool zone_matches(const struct scanner *sc, struct str host)
{
    for (size_t i = 0; i < sc->nzone; i++) {
        struct str z = sc->zone[i];
        if (host.n > z.n && str_eq_nocase(str_sub(host, host.n - z.n, host.n), z))
            return true;
    }
    return false;
}

/* What a scan costs in about the time that a byte of prose takes, for its watch. */
enum { STEPS_OF_WINDOW = 16, STEPS_OF_TOKEN = 4, STEPS_OF_BYTE = 2 };

static void detect(struct window *w)
{
    find_pairs(w);
    if (w->names_only) {
        w->nfound = 0;
        find_names(w);
        return;
    }
    find_own(w);
    find_frames(w);
    find_positions(w);
    find_ids(w);
    find_captioned(w);
    find_secrets(w);
    find_marks(w);
    find_dates(w);
    find_phones(w);
    find_spoken(w);
    find_addresses(w);
    find_streets(w);
    find_address_blocks(w);
    if (w->depth == 0)
        find_encoded(w);
    drop_in_blobs(w);
    hide_blobs(w);
    w->nfound = resolve_spans(w->found, w->nfound);
    find_spaced_names(w);
    find_people(w); /* last: no name inside a value already known */
    w->nfound = resolve_spans(w->found, w->nfound);
    find_tagged(w);
    drop_odd_addresses(w);
    take_names_whole(w);
    find_people_again(w);
    find_beside(w);
    find_accounts_again(w);
    drop_glued_letters(w);
    drop_in_blobs(w);
    drop_cleared(w);
    spare_public(w);
    weigh_names(w);
    join_corners(w);
    take_addresses_whole(w);
    let_published_go(w);
    find_illness(w);
    mark_checked(w);
}

static bool is_inside_character(char c)
{
    return ((unsigned char)c & 0xC0) == 0x80;
}

int scan_window(struct window *w, struct str text)
{
    if (!window_normalise(w, text) || !window_tokenise(w) || !window_anchor(w))
        return -1;
    w->max_steps = STEPS_LEAST + STEPS_PER_BYTE * w->n;
    detect(w);
    if (w->failed)
        return -1;
    for (size_t i = 0; w->nsteps && i < w->nfound; i++) {
        struct span *s = &w->found[i];
        s->end = source_end(w, s->end - 1);
        s->start = source_start(w, s->start);
        while (s->start > 0 && is_inside_character(text.p[s->start]))
            s->start--;
        while (s->end < text.n && is_inside_character(text.p[s->end]))
            s->end++;
    }
    return 0;
}

bool span_list_add(struct span_list *l, struct span s)
{
    if (l->n == l->cap) {
        size_t cap = l->cap ? 2 * l->cap : 16;
        struct span *v = mem_realloc(l->v, cap * sizeof *v);
        if (!v)
            return false;
        l->v = v;
        l->cap = cap;
    }
    l->v[l->n++] = s;
    return true;
}

void span_list_release(struct span_list *l)
{
    mem_free(l->v);
    *l = (struct span_list){0};
}

bool span_list_is_clean(const struct span_list *l)
{
    static const struct rule_set none = {{0}};
    return l->n == 0 && !l->is_clinical && !l->is_unsure && !l->has_blob &&
           memcmp(&l->rules, &none, sizeof none) == 0;
}

/* The end of a window that begins at `from`: a line's or a word's end near its size. */
static size_t window_end(struct str text, size_t from)
{
    size_t end = from + WINDOW_BYTES;
    if (end >= text.n)
        return text.n;
    for (size_t back = 0; back < WINDOW_OVERLAP_BYTES / 2; back++)
        if (text.p[end - back] == '\n')
            return end - back;
    for (size_t back = 0; back < WINDOW_OVERLAP_BYTES / 2; back++)
        if (text.p[end - back] == ' ')
            return end - back;
    while (((unsigned char)text.p[end] & 0xC0) == 0x80)
        end--; /* not inside a character */
    return end;
}

static size_t window_begin_after(struct str text, size_t end)
{
    size_t at = end - WINDOW_OVERLAP_BYTES;
    for (size_t i = at; i > at - WINDOW_OVERLAP_BYTES / 4; i--)
        if (text.p[i] == '\n' || text.p[i] == ' ')
            return i;
    while (((unsigned char)text.p[at] & 0xC0) == 0x80)
        at--;
    return at;
}

/* Takes the spans of a window: those past what earlier windows gave, and of the tail
 * that the next window sees again only what it will not see whole. */
static bool take(struct span_list *l, const struct window *w, size_t offset, size_t keep)
{
    uint32_t after = l->n ? l->v[l->n - 1].end : 0;
    for (size_t i = 0; i < w->nfound; i++) {
        struct span s = w->found[i];
        s.start += (uint32_t)offset;
        s.end += (uint32_t)offset;
        if (s.start < after || s.start >= keep)
            continue;
        if (!span_list_add(l, s))
            return false;
    }
    return true;
}

void scan_room_init(struct scan_room *r)
{
    arena_init(&r->a, WINDOW_ARENA_BYTES);
    r->watch = NULL;
    r->names_only = false;
    r->steps = 0;
    memset(r->memo, 0, sizeof r->memo);
}

void scan_room_release(struct scan_room *r)
{
    arena_reset(&r->a);
}

/* Before a window of so many bytes.  False, with *err: whoever watches has had enough, or
 * will have had when it is read. */
static bool may_go_on(struct scan_room *r, size_t bytes, struct err *err)
{
    uint64_t steps = r->steps + STEPS_OF_WINDOW + STEPS_OF_BYTE * bytes;
    const char *why = r->watch ? r->watch->stop(r->watch->ctx, steps) : NULL;
    if (LIKELY(!why))
        return true;
    err_set(err, ERR_OVERLOAD, why, "the scan was stopped");
    return false;
}

static bool has_person(const struct span_list *l)
{
    enum { SURE = 50 };
    for (size_t i = 0; i < l->n; i++)
        if (l->v[i].type == TYPE_PERSON && l->v[i].score >= SURE)
            return true;
    return false;
}

/* A program may speak of pulses and doses: it is clinical only with more such words, and
 * together with somebody in it, not with a name somewhere else in the request.  The words
 * of "lorem ipsum" that mean pain and pregnancy do not count. */
static bool is_clinical(const struct span_list *l, struct str text, unsigned weight)
{
    enum { FILLER_WORDS = 3 };
    if (weight < CLINICAL_LEAST)
        return false;
    if (weight < CLINICAL_LEAST + FILLER_WORDS && text_is_filler(text))
        return false;
    return !text_is_source(text) || (weight >= 2 * CLINICAL_LEAST && has_person(l));
}

int scan_text_in(const struct scanner *s, struct str text, struct scan_room *r,
                 struct span_list *ret, struct err *err)
{
    struct clinical_talk clinical = {0};
    if (text.n > GUARD_MAX_TEXT_BYTES)
        return err_set(err, ERR_TOO_LARGE, "text_too_large",
                       "a text of %zu bytes is past the scanner's %d", text.n,
                       GUARD_MAX_TEXT_BYTES);
    for (size_t at = 0; at < text.n;) {
        size_t end = window_end(text, at);
        size_t next = end == text.n ? end : window_begin_after(text, end);
        if (!may_go_on(r, end - at, err))
            return -1;
        struct window w = {.sc = s,
                           .a = &r->a,
                           .memo = r->memo,
                           .is_cut = {at > 0, end < text.n},
                           .names_only = r->names_only};
        bool ok = scan_window(&w, str_sub(text, at, end)) == 0 && take(ret, &w, at, next);
        clinical_join(&clinical, &w.clinical);
        ret->is_unsure |= w.is_unsure;
        ret->has_blob |= w.has_blob;
        rule_set_join(&ret->rules, &w.rules);
        arena_rewind(&r->a);
        if (!ok)
            return err_nomem(err);
        r->steps += STEPS_OF_WINDOW + w.n + STEPS_OF_TOKEN * w.ntok + w.steps;
        at = next;
    }
    ret->is_clinical = is_clinical(ret, text, clinical.weight);
    return 0;
}

static int scan_alone(const struct scanner *s, struct str text, bool names_only,
                      struct span_list *ret, struct err *err)
{
    struct scan_room r;
    scan_room_init(&r);
    r.names_only = names_only;
    int rc = scan_text_in(s, text, &r, ret, err);
    scan_room_release(&r);
    if (rc == 0 && !names_only && !mentions_in_text(ret, text))
        return err_nomem(err);
    return rc;
}

int guard_scan_text(const struct scanner *s, struct str text, struct span_list *ret,
                    struct err *err)
{
    return scan_alone(s, text, false, ret, err);
}

int guard_scan_names(const struct scanner *s, struct str text, struct span_list *ret,
                     struct err *err)
{
    return scan_alone(s, text, true, ret, err);
}
