/* records.c -- see records.h. */
#include "pilot/records.h"

#include "json/scan.h"
#include "json/write.h"

#include <math.h>
#include <stdio.h>

#define DAY_MS (24ULL * 60 * 60 * 1000)

/* -- members ---------------------------------------------------------------------------
 */

static bool number_in(struct str line, const char *key, double *ret)
{
    struct str raw = json_get(line, key);
    return raw.p && str_to_double(raw, ret);
}

static uint64_t count_in(struct str line, const char *key)
{
    uint64_t n = 0;
    struct str raw = json_get(line, key);
    return raw.p && str_to_u64(raw, &n) ? n : 0;
}

static int64_t signed_in(struct str line, const char *key, int64_t otherwise)
{
    int64_t n = otherwise;
    struct str raw = json_get(line, key);
    return raw.p && json_to_i64(raw, &n) ? n : otherwise;
}

/* Names and words, which have no escapes. */
static struct str word_in(struct str line, const char *key)
{
    struct str raw = json_get(line, key);
    return raw.n >= 2 && raw.p[0] == '"' ? str_sub(raw, 1, raw.n - 1) : STR("");
}

static bool is_true(struct str line, const char *key)
{
    return str_eqz(json_get(line, key), "true");
}

/* 64 bits as hexadecimal digits: JSON's numbers do not hold them. */
static uint64_t digest_in(struct str line, const char *key)
{
    struct str s = word_in(line, key);
    uint64_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        unsigned digit = c >= '0' && c <= '9'   ? (unsigned)(c - '0')
                         : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10
                                                : 0;
        n = n << 4 | digit;
    }
    return n;
}

static void put_digest(struct json_writer *w, const char *key, uint64_t n)
{
    char text[17];
    int len = snprintf(text, sizeof text, "%016llx", (unsigned long long)n);
    json_key(w, key);
    json_str(w, (struct str){text, (size_t)len});
}

static void put_u64(struct json_writer *w, const char *key, uint64_t n)
{
    json_key(w, key);
    json_u64(w, n);
}

static void put_i64(struct json_writer *w, const char *key, int64_t n)
{
    json_key(w, key);
    json_i64(w, n);
}

static void put_double(struct json_writer *w, const char *key, double v)
{
    json_key(w, key);
    json_double(w, v);
}

static void put_str(struct json_writer *w, const char *key, struct str s)
{
    json_key(w, key);
    json_str(w, s);
}

static void open_line(struct json_writer *w, struct buf *out)
{
    json_writer_init(w, out);
    json_object_open(w);
}

static void close_line(struct json_writer *w, struct buf *out)
{
    json_object_close(w);
    buf_byte(out, '\n');
}

/* -- the terms -------------------------------------------------------------------------
 */

void pilot_terms_write(const struct pilot_terms *t, struct buf *out)
{
    struct json_writer w;
    open_line(&w, out);
    put_u64(&w, "version", 1);
    put_digest(&w, "id", t->id);
    put_digest(&w, "key0", t->key0);
    put_digest(&w, "key1", t->key1);
    put_u64(&w, "began_ms", t->began_ms);
    put_str(&w, "to", str_of(t->to));
    put_str(&w, "judge", str_of(t->judge));
    json_key(&w, "to_cloud");
    json_bool(&w, t->to_cloud);
    put_double(&w, "margin", t->margin);
    put_double(&w, "kept_share", t->kept);
    put_u64(&w, "keep", t->keep);
    put_u64(&w, "share_ppm", t->share_ppm);
    put_u64(&w, "days", t->days);
    put_i64(&w, "max_nanousd", t->max_nanousd);
    close_line(&w, out);
}

static bool take_name(struct str line, const char *key, char ret[PILOT_NAME])
{
    struct str s = word_in(line, key);
    return snprintf(ret, PILOT_NAME, "%.*s", STR_ARG(s)) < PILOT_NAME;
}

int pilot_terms_read(struct str text, struct pilot_terms *ret, struct err *err)
{
    *ret = (struct pilot_terms){.id = digest_in(text, "id"),
                                .key0 = digest_in(text, "key0"),
                                .key1 = digest_in(text, "key1"),
                                .began_ms = count_in(text, "began_ms"),
                                .to_cloud = is_true(text, "to_cloud"),
                                .keep = count_in(text, "keep"),
                                .share_ppm = count_in(text, "share_ppm"),
                                .days = count_in(text, "days"),
                                .max_nanousd = signed_in(text, "max_nanousd", -1)};
    bool ok = count_in(text, "version") == 1 && number_in(text, "margin", &ret->margin) &&
              number_in(text, "kept_share", &ret->kept) &&
              take_name(text, "to", ret->to) && take_name(text, "judge", ret->judge);
    ok = ok && ret->id && ret->to[0] && ret->margin > 0 && ret->margin < 1 &&
         ret->kept >= 0 && ret->kept <= 1 && (!ret->keep || ret->kept > 0) &&
         ret->share_ppm > 0 && ret->share_ppm <= 1000000 && ret->days > 0 &&
         ret->days <= 3650 && ret->max_nanousd >= 0;
    return ok ? 0
              : err_set(err, ERR_CONFIG, "pilot_file",
                        "the file `" PILOT_FILE_TERMS "` in the state directory is "
                        "damaged, or of another version of weir: move it away and start "
                        "the pilot again");
}

struct pilot_bar pilot_terms_bar(const struct pilot_terms *t)
{
    return (struct pilot_bar){
        .margin = t->margin, .alpha = PILOT_ALPHA, .kept = t->keep ? t->kept : 0};
}

uint64_t pilot_terms_end_ms(const struct pilot_terms *t)
{
    return t->began_ms + t->days * DAY_MS;
}

/* -- lines of pilot.pairs --------------------------------------------------------------
 */

void pilot_write_pair(const struct pilot_pair *p, struct buf *out)
{
    struct json_writer w;
    open_line(&w, out);
    put_u64(&w, "pair_ms", p->at_ms);
    put_str(&w, "task", str_of(pilot_task_name(p->task)));
    put_str(&w, "check", str_of(pilot_check_name((enum pilot_check)p->check)));
    put_double(&w, "score", (double)p->score);
    json_key(&w, "kept");
    json_bool(&w, p->is_kept);
    put_digest(&w, "question", p->question);
    put_digest(&w, "local", p->local);
    put_digest(&w, "other", p->other);
    put_i64(&w, "local_nanousd", p->local_nanousd);
    put_i64(&w, "other_nanousd", p->other_nanousd);
    put_i64(&w, "judge_nanousd", p->judge_nanousd);
    put_i64(&w, "local_ttft_ms", p->local_ttft_ms);
    put_i64(&w, "other_ttft_ms", p->other_ttft_ms);
    close_line(&w, out);
}

void pilot_write_lost(uint64_t n, struct buf *out)
{
    struct json_writer w;
    open_line(&w, out);
    put_u64(&w, "lost", n);
    close_line(&w, out);
}

void pilot_write_money(int64_t granted, int64_t spent, struct buf *out)
{
    struct json_writer w;
    open_line(&w, out);
    put_i64(&w, "granted_nanousd", granted);
    put_i64(&w, "spent_nanousd", spent);
    close_line(&w, out);
}

void pilot_write_end(uint64_t at_ms, const char *why, struct buf *out)
{
    struct json_writer w;
    open_line(&w, out);
    put_u64(&w, "ended_ms", at_ms);
    put_str(&w, "why", str_of(why));
    close_line(&w, out);
}

void pilot_write_label(uint64_t pair, int label, struct buf *out)
{
    struct json_writer w;
    open_line(&w, out);
    put_u64(&w, "pair", pair);
    put_i64(&w, "label", label);
    close_line(&w, out);
}

static unsigned check_of(struct str name)
{
    unsigned c = 0;
    while (c < PILOT_CHECKS && !str_eqz(name, pilot_check_name((enum pilot_check)c)))
        c++;
    return c;
}

/* False: it is no pair, or damaged. */
static bool read_pair(struct str line, struct pilot_pair *ret)
{
    double score = NAN;
    unsigned task = pilot_task_of(word_in(line, "task"));
    unsigned check = check_of(word_in(line, "check"));
    if (!number_in(line, "score", &score) || !(score >= -1 && score <= 1) ||
        task >= PILOT_TASKS || check >= PILOT_CHECKS)
        return false;
    *ret = (struct pilot_pair){
        .at_ms = count_in(line, "pair_ms"),
        .question = digest_in(line, "question"),
        .local = digest_in(line, "local"),
        .other = digest_in(line, "other"),
        .local_nanousd = signed_in(line, "local_nanousd", -1),
        .other_nanousd = signed_in(line, "other_nanousd", -1),
        .judge_nanousd = signed_in(line, "judge_nanousd", -1),
        .local_ttft_ms = (int32_t)signed_in(line, "local_ttft_ms", -1),
        .other_ttft_ms = (int32_t)signed_in(line, "other_ttft_ms", -1),
        .score = (float)score,
        .task = (uint8_t)task,
        .check = (uint8_t)check,
        .is_kept = is_true(line, "kept"),
    };
    return true;
}

static void read_note(struct pilot_story *s, struct str line)
{
    s->nlost += count_in(line, "lost");
    s->granted_nanousd = signed_in(line, "granted_nanousd", s->granted_nanousd);
    s->spent_nanousd = signed_in(line, "spent_nanousd", s->spent_nanousd);
    uint64_t ended = count_in(line, "ended_ms");
    if (!ended || s->ended_ms)
        return;
    s->ended_ms = ended;
    snprintf(s->ended_why, sizeof s->ended_why, "%.*s", STR_ARG(word_in(line, "why")));
}

/* Takes a line off *rest that ends in one; false: there is none. */
static bool next_line(struct str *rest, struct str *ret)
{
    ptrdiff_t end = str_index(*rest, '\n');
    if (end < 0)
        return false;
    *ret = str_sub(*rest, 0, (size_t)end);
    *rest = str_sub(*rest, (size_t)end + 1, rest->n);
    return true;
}

/* -- the story -------------------------------------------------------------------------
 */

int pilot_story_init(struct pilot_story *s, const struct pilot_terms *t)
{
    const struct pilot_bar bar = pilot_terms_bar(t);
    *s = (struct pilot_story){.granted_nanousd = 0};
    return pilot_book_init(&s->book, &bar);
}

void pilot_story_release(struct pilot_story *s)
{
    pilot_book_release(&s->book);
}

int pilot_story_read_pairs(struct pilot_story *s, struct str text)
{
    struct str line;
    struct pilot_pair p;
    while (next_line(&text, &line)) {
        if (!read_pair(line, &p))
            read_note(s, line);
        else if (pilot_book_add(&s->book, &p) < 0)
            return -1;
        else
            s->nkept += p.is_kept;
    }
    return 0;
}

void pilot_story_read_labels(struct pilot_story *s, struct str text)
{
    struct str line, rest = str_sub(text, s->labels_read, text.n);
    while (next_line(&rest, &line)) {
        int64_t pair = signed_in(line, "pair", -1), label = signed_in(line, "label", 2);
        if (pair >= 0 && label >= -1 && label <= 1)
            s->nlabels += pilot_book_label(&s->book, (size_t)pair, (double)label);
    }
    s->labels_read = text.n - rest.n;
}

/* -- pilot.kept ------------------------------------------------------------------------
 */

void pilot_write_kept(const struct pilot_kept *k, struct buf *out)
{
    struct json_writer w;
    open_line(&w, out);
    put_u64(&w, "pair", k->pair);
    put_str(&w, "question", k->question);
    put_str(&w, "local", k->local);
    put_str(&w, "other", k->other);
    close_line(&w, out);
}

static bool read_text(struct str line, const char *key, struct arena *a, struct str *ret)
{
    struct json_cur c;
    struct json_string s;
    struct str raw = json_get(line, key);
    json_begin(&c, raw);
    if (!raw.p || !json_read_string(&c, &s))
        return false;
    *ret = json_unescape(a, s);
    return ret->p != NULL;
}

bool pilot_read_kept(struct str *rest, struct arena *a, struct pilot_kept *ret)
{
    struct str line;
    while (next_line(rest, &line)) {
        int64_t pair = signed_in(line, "pair", -1);
        ret->pair = (uint64_t)pair;
        if (pair >= 0 && read_text(line, "question", a, &ret->question) &&
            read_text(line, "local", a, &ret->local) &&
            read_text(line, "other", a, &ret->other))
            return true;
    }
    return false;
}
