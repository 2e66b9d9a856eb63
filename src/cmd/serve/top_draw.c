/* top_draw.c -- see top_draw.h. */
#include "cmd/serve/top_draw.h"

#include "core/clean.h"
#include "json/scan.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>

enum { SCRATCH_BYTES = 1 << 20, WORD = 64, ROW_LINES = 400 };

enum style { PLAIN, BOLD, FAINT, LOCAL, CLOUD, ALARM, PICKED };

/* One screen on its way. */
struct paint {
    const struct top_view *v;
    struct buf *out;
    struct arena arena;
    unsigned used;  /* columns of this line */
    unsigned lines; /* written */
};

/* -- letters ---------------------------------------------------------------------------
 */

static uint32_t next_letter(struct str s, size_t *at)
{
    unsigned char c = (unsigned char)s.p[(*at)++];
    unsigned more = c >= 0xF0 ? 3 : c >= 0xE0 ? 2 : c >= 0xC0 ? 1 : 0;
    uint32_t cp = more ? c & (0x3FU >> more) : c;
    while (more-- && *at < s.n)
        cp = cp << 6 | ((unsigned char)s.p[(*at)++] & 0x3FU);
    return cp;
}

/* Columns of a letter: East Asian wide ones and pictures take two (UAX 11), marks none.
 */
static unsigned columns_of(uint32_t c)
{
    if ((c >= 0x300 && c <= 0x36F) || (c >= 0x200B && c <= 0x200F) || c == 0xFEFF ||
        (c >= 0xFE00 && c <= 0xFE0F))
        return 0;
    bool is_wide = (c >= 0x1100 && c <= 0x115F) || (c >= 0x2E80 && c <= 0xA4CF) ||
                   (c >= 0xAC00 && c <= 0xD7A3) || (c >= 0xF900 && c <= 0xFAFF) ||
                   (c >= 0xFE30 && c <= 0xFE6F) || (c >= 0xFF00 && c <= 0xFF60) ||
                   (c >= 0xFFE0 && c <= 0xFFE6) || (c >= 0x1F300 && c <= 0x1FAFF) ||
                   (c >= 0x20000 && c <= 0x3FFFD);
    return is_wide ? 2 : 1;
}

static const char *style_begin(const struct paint *p, enum style s)
{
    static const char *const codes[] = {"",         "\033[1m",    "\033[2m", "\033[32m",
                                        "\033[33m", "\033[1;31m", "\033[7m"};
    return p->v->has_colour || (s == PICKED && !p->v->is_plain) ? codes[s] : "";
}

/* So many columns of s, no more; what is left of `columns` is filled with blanks when
 * fills. */
static void put(struct paint *p, enum style style, struct str s, unsigned columns,
                bool fills)
{
    struct buf clean;
    size_t at = 0, end = 0;
    unsigned n = 0, room = p->v->width > p->used ? p->v->width - p->used : 0;
    columns = columns < room ? columns : room;
    buf_init(&clean, SCRATCH_BYTES);
    clean_append(&clean, s);
    struct str text = buf_view(&clean);
    while (at < text.n) {
        unsigned more = columns_of(next_letter(text, &at));
        if (n + more > columns)
            break;
        n += more;
        end = at;
    }
    const char *begin = style_begin(p, style);
    buf_append(p->out, str_of(begin));
    buf_append(p->out, str_sub(text, 0, end));
    for (; fills && n < columns; n++)
        buf_byte(p->out, ' ');
    if (*begin)
        buf_lit(p->out, "\033[0m");
    p->used += n;
    buf_release(&clean);
}

static void put_text(struct paint *p, enum style style, const char *text)
{
    put(p, style, str_of(text), p->v->width, false);
}

static void put_words(struct paint *p, enum style style, const char *fmt, ...)
    PRINTF_LIKE(3, 4);
static void put_words(struct paint *p, enum style style, const char *fmt, ...)
{
    char text[512];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    put_text(p, style, text);
}

static bool has_room(const struct paint *p)
{
    return p->lines < p->v->height;
}

static void end_line(struct paint *p)
{
    buf_byte(p->out, '\n');
    p->used = 0;
    p->lines++;
}

/* -- what JSON says ---------------------------------------------------------------------
 */

static struct str raw_of(struct str object, const char *key)
{
    return object.n ? json_get(object, key) : STR("");
}

static bool is_null(struct str raw)
{
    return !raw.p || raw.n == 0 || str_eqz(raw, "null");
}

/* A text without its escapes; a number or a word as it is; null: empty. */
static struct str text_of(struct paint *p, struct str object, const char *key)
{
    struct str raw = raw_of(object, key);
    if (is_null(raw))
        return STR("");
    if (raw.n < 2 || raw.p[0] != '"')
        return raw;
    struct str text =
        json_unescape(&p->arena, (struct json_string){.raw = str_sub(raw, 1, raw.n - 1),
                                                      .has_escapes = true});
    return text.p ? text : STR("");
}

static uint64_t number_of(struct str object, const char *key)
{
    uint64_t v = 0;
    return str_to_u64(raw_of(object, key), &v) ? v : 0;
}

static bool begin_list(struct json_cur *c, struct str list)
{
    json_begin(c, list);
    return list.n && json_enter_array(c);
}

static bool next_item(struct json_cur *c, struct str *ret)
{
    return json_next_element(c) && json_skip(c, ret);
}

/* Nano-dollars as people read them; null: unknown. */
static void money_of(struct str raw, char ret[WORD])
{
    uint64_t nano;
    bool is_minus = raw.n && raw.p[0] == '-';
    if (is_null(raw) || !str_to_u64(is_minus ? str_sub(raw, 1, raw.n) : raw, &nano))
        snprintf(ret, WORD, "unknown");
    else if (nano == 0)
        snprintf(ret, WORD, "$0");
    else if (nano < 100000)
        snprintf(ret, WORD, "%s<$0.0001", is_minus ? "-" : "");
    else
        snprintf(ret, WORD, "%s$%.*f", is_minus ? "-" : "", nano < 1000000000 ? 4 : 2,
                 (double)nano / 1e9);
}

/* "2026-11-30 10:41:22", of this machine's zone. */
static void time_of(uint64_t ms, char ret[WORD])
{
    time_t t = (time_t)(ms / 1000);
    struct tm at;
    if (!localtime_r(&t, &at) || !strftime(ret, WORD, "%F %H:%M:%S", &at))
        memset(ret, '\0', WORD);
}

enum { DATE_CHARS = 10, CLOCK_AT = 11, MINUTE_END = 16 };

/* -- the head of the screen -------------------------------------------------------------
 */

static void draw_title(struct paint *p)
{
    const struct top_view *v = p->v;
    char now[WORD];
    time_of(v->now_ms, now);
    bool is_paused = str_eqz(raw_of(v->cloud, "paused"), "true");
    put_words(p, BOLD, "weir %s  %s  %s  ", WEIR_VERSION, v->address, now + CLOCK_AT);
    if (v->is_waiting)
        put_text(p, ALARM, "waiting for weir");
    else if (is_paused) {
        char since[WORD];
        time_of(number_of(v->cloud, "since_ms"), since);
        bool is_today = memcmp(since, now, DATE_CHARS) == 0;
        since[MINUTE_END] = '\0';
        put_words(p, ALARM, "CLOUD PAUSED since %s: ", since + (is_today ? CLOCK_AT : 0));
        put(p, ALARM, text_of(p, v->cloud, "why"), v->width, false);
    } else if (v->cloud.n)
        put_text(p, PLAIN, "cloud open");
    end_line(p);
}

/* Each request is in one: answered here and nothing of it left, to the cloud (bytes of it
 * left), or refused or failed here; that also are those which did not reach the cloud.
 * The page says the same (home_story.js). */
struct shares {
    uint64_t here, cloud, none;
};

static struct shares shares_of(struct str span)
{
    struct shares ret = {0};
    struct json_cur c;
    struct str one;
    if (!begin_list(&c, raw_of(span, "sides")))
        return ret;
    while (next_item(&c, &one)) {
        struct str side = raw_of(one, "side"), sums = raw_of(one, "sums");
        uint64_t n = number_of(sums, "requests"), here = number_of(sums, "local_ok");
        uint64_t cloud = str_eqz(side, "\"cloud\"")
                             ? n - number_of(sums, "cloud_unreached")
                             : number_of(sums, "local_after_cloud");
        ret.here += here;
        ret.cloud += cloud;
        ret.none += n - here - cloud;
    }
    return ret;
}

static void money_of_span(struct str span, char ret[WORD])
{
    struct json_cur c;
    struct str one;
    uint64_t sum = 0, unknown = 0, nano;
    char text[WORD];
    if (begin_list(&c, raw_of(span, "sides")))
        while (next_item(&c, &one)) {
            struct str sums = raw_of(one, "sums");
            if (str_to_u64(raw_of(sums, "cost_nanousd"), &nano))
                sum += nano;
            unknown += number_of(sums, "cost_unknown");
        }
    snprintf(text, sizeof text, "%llu", (unsigned long long)sum);
    money_of(str_of(text), ret);
    if (unknown)
        snprintf(ret + strlen(ret), WORD - strlen(ret), " and %llu unknown",
                 (unsigned long long)unknown);
}

static void draw_kept(struct paint *p)
{
    struct str today = raw_of(p->v->overview, "today");
    struct shares s = shares_of(today);
    uint64_t all = s.here + s.cloud + s.none;
    put_text(p, BOLD, "Today   ");
    if (all == 0) {
        put_text(p, PLAIN, p->v->overview.n ? "no requests yet" : "...");
        end_line(p);
        return;
    }
    put_words(p, LOCAL, "%llu %% answered here",
              (unsigned long long)(s.here * 100 / all));
    put_words(p, PLAIN, ": %llu of %llu; %llu to the cloud, %llu refused or failed here",
              (unsigned long long)s.here, (unsigned long long)all,
              (unsigned long long)s.cloud, (unsigned long long)s.none);
    end_line(p);
}

static void draw_money(struct paint *p)
{
    char today[WORD], month[WORD], saved[WORD];
    struct str span = raw_of(p->v->overview, "month");
    money_of_span(raw_of(p->v->overview, "today"), today);
    money_of_span(span, month);
    money_of(raw_of(span, "saved_nanousd"), saved);
    put_text(p, BOLD, "Cloud   ");
    put_words(p, PLAIN, "%s today, %s this month; saved this month (computed): %s", today,
              month, saved);
    end_line(p);
}

static void draw_held(struct paint *p)
{
    struct str held = raw_of(p->v->overview, "held");
    struct str today = raw_of(held, "today");
    struct json_cur c;
    struct str one;
    uint64_t sent = 0, masked = 0, local = 0, refused = 0;
    put_text(p, BOLD, "Left    ");
    if (is_null(held)) {
        put_text(p, PLAIN,
                 p->v->overview.n ? "unknown: the audit chain cannot be read" : "...");
        end_line(p);
        return;
    }
    if (begin_list(&c, raw_of(today, "labels")))
        while (next_item(&c, &one)) {
            sent += number_of(one, "sent");
            masked += number_of(one, "masked");
            local += number_of(one, "held_local");
            refused += number_of(one, "held_refused");
        }
    put_words(p, PLAIN,
              "%llu as they were, %llu masked; held: %llu answered here, %llu refused",
              (unsigned long long)sent, (unsigned long long)masked,
              (unsigned long long)local, (unsigned long long)refused);
    end_line(p);
}

static void draw_engines(struct paint *p)
{
    struct json_cur c;
    struct str one;
    put_text(p, BOLD, "Engines ");
    bool is_first = true;
    if (begin_list(&c, p->v->engines))
        for (; next_item(&c, &one); is_first = false) {
            bool is_cloud = str_eqz(raw_of(one, "side"), "\"cloud\"");
            struct str breaker = text_of(p, one, "breaker");
            uint64_t queued = number_of(one, "queued");
            put_text(p, PLAIN, is_first ? "" : ", ");
            put(p, is_cloud ? CLOUD : LOCAL, text_of(p, one, "name"), 20, false);
            put_words(p, PLAIN, " %s %llu", is_cloud ? "cloud" : "local",
                      (unsigned long long)number_of(one, "inflight"));
            if (queued)
                put_words(p, PLAIN, "+%llu", (unsigned long long)queued);
            struct str run = text_of(p, raw_of(one, "run"), "state");
            if (run.n && !str_eqz(run, "running"))
                put_words(p, ALARM, " %.*s", STR_ARG(run));
            else if (!str_eqz(breaker, "closed"))
                put_text(p, ALARM, str_eqz(breaker, "open") ? " DOWN" : " trying");
        }
    end_line(p);
}

/* " qwen2.5:7b 4.7 GB"; of weights alone where that is all it tells. */
static void draw_loaded(struct paint *p, struct str memory)
{
    struct json_cur c;
    struct str one;
    bool is_first = true;
    if (begin_list(&c, raw_of(memory, "models")))
        for (; next_item(&c, &one); is_first = false) {
            uint64_t bytes = number_of(one, "bytes");
            uint64_t weights = number_of(one, "weights_bytes");
            put_text(p, PLAIN, is_first ? " " : "+");
            put(p, PLAIN, text_of(p, one, "name"), 40, false);
            uint64_t size = bytes ? bytes : weights;
            bool is_small = size < 100 * 1000 * 1000;
            if (size)
                put_words(p, PLAIN, is_small ? " %.1f MB%s" : " %.1f GB%s",
                          (double)size / (is_small ? 1e6 : 1e9), bytes ? "" : " weights");
        }
    if (is_first)
        put_text(p, FAINT, is_null(memory) ? " unknown" : " nothing");
}

/* What local engines say that they have in memory. */
static void draw_memory(struct paint *p)
{
    struct json_cur c;
    struct str one;
    bool is_first = true;
    if (begin_list(&c, p->v->engines))
        while (next_item(&c, &one)) {
            if (!str_eqz(raw_of(one, "side"), "\"local\""))
                continue;
            put_text(p, is_first ? BOLD : PLAIN, is_first ? "Memory  " : ", ");
            is_first = false;
            put(p, LOCAL, text_of(p, one, "name"), 20, false);
            draw_loaded(p, raw_of(one, "memory"));
        }
    if (!is_first)
        end_line(p);
}

/* -- the rows ---------------------------------------------------------------------------
 */

static bool has_word(struct str row, const char *key, const char *word)
{
    struct str raw = raw_of(row, key);
    return raw.n >= 2 && str_eqz(str_sub(raw, 1, raw.n - 1), word);
}

static bool was_masked(struct str row)
{
    return str_find(raw_of(row, "reasons"), STR("\"rule\":\"mask\"")) >= 0;
}

static bool holds(struct str word, struct str row)
{
    bool is_labelled =
        has_word(row, "label", "confidential") || has_word(row, "label", "internal");
    if (str_eqz(word, "local") || str_eqz(word, "cloud")) {
        struct str raw = raw_of(row, "side");
        return raw.n >= 2 && str_eq(str_sub(raw, 1, raw.n - 1), word);
    }
    if (str_eqz(word, "errors"))
        return !has_word(row, "outcome", "ok");
    if (str_eqz(word, "held"))
        return is_labelled && !has_word(row, "side", "cloud");
    if (str_eqz(word, "masked"))
        return was_masked(row);
    return str_contains_nocase(row, word);
}

bool top_filter_has(const char *filter, struct str row)
{
    struct str rest = str_of(filter), word;
    while (str_split(&rest, ' ', &word))
        if (word.n && !holds(word, row))
            return false;
    return true;
}

static bool is_selected(const struct top_view *v, struct str row, bool is_first)
{
    return v->selected[0] ? has_word(row, "id", v->selected) : is_first;
}

void top_move(const struct top_view *v, long steps, char ret[24])
{
    long nth = -1, want = 0, n = 0;
    for (size_t i = 0; i < v->nrows; i++) {
        if (!top_filter_has(v->filter, v->rows[i]))
            continue;
        if (nth < 0 && is_selected(v, v->rows[i], n == 0))
            nth = n;
        n++;
    }
    want = (nth < 0 ? 0 : nth) + steps;
    want = want >= n ? n - 1 : want;
    want = want < 0 ? 0 : want;
    n = 0;
    ret[0] = '\0'; /* it may be v->selected */
    for (size_t i = 0; i < v->nrows; i++) {
        if (!top_filter_has(v->filter, v->rows[i]) || n++ != want)
            continue;
        struct str id = raw_of(v->rows[i], "id");
        if (id.n > 2 && id.n < 24)
            snprintf(ret, 24, "%.*s", STR_ARG(str_sub(id, 1, id.n - 1)));
        return;
    }
}

/* The last reason is the one that decided. */
static struct str why_of(struct paint *p, struct str row)
{
    struct json_cur c;
    struct str one, last = STR("");
    if (begin_list(&c, raw_of(row, "reasons")))
        while (next_item(&c, &one))
            if (!has_word(one, "rule", "restored"))
                last = one;
    return last.n ? text_of(p, last, "detail") : STR("");
}

static void draw_row(struct paint *p, struct str row, bool is_picked)
{
    char at[WORD], cost[WORD], ms[WORD];
    bool is_cloud = has_word(row, "side", "cloud"),
         is_ok = has_word(row, "outcome", "ok");
    struct str error = text_of(p, row, "error"), label = text_of(p, row, "label");
    time_of(number_of(row, "at_ms"), at);
    money_of(raw_of(row, "cost_nanousd"), cost);
    snprintf(ms, sizeof ms, "%llu", (unsigned long long)number_of(row, "total_ms"));
    enum style base = is_picked ? PICKED : PLAIN;
    put_text(p, base, is_picked ? ">" : " ");
    put(p, base, str_of(at + CLOCK_AT), 9, true);
    put(p, base, text_of(p, row, "key"), 7, true);
    put_text(p, base, " ");
    put(p,
        is_picked  ? PICKED
        : is_cloud ? CLOUD
                   : LOCAL,
        text_of(p, row, "side"), 6, true);
    put(p, base, text_of(p, row, "model"), 14, true);
    put_text(p, base, " ");
    put(p, base, raw_of(row, "status"), 4, true);
    put_words(p, base, "%6.6s ", ms);
    put_words(p, base, "%8.8s ", cost);
    if (!is_ok)
        put(p, is_picked ? PICKED : ALARM, error.n ? error : text_of(p, row, "outcome"),
            p->v->width, false);
    else if (was_masked(row))
        put_text(p, base, "masked");
    else if (!str_eqz(label, "unlabelled"))
        put(p, base, label, p->v->width, false);
    else
        put(p, is_picked ? PICKED : FAINT, why_of(p, row), p->v->width, false);
    end_line(p);
}

static void draw_rows(struct paint *p, unsigned until)
{
    const struct top_view *v = p->v;
    size_t picked = 0, n = 0, from, room = until > p->lines ? until - p->lines : 0;
    for (size_t i = 0, k = 0; i < v->nrows; i++)
        if (top_filter_has(v->filter, v->rows[i])) {
            if (is_selected(v, v->rows[i], k == 0))
                picked = k;
            k++;
            n = k;
        }
    from = picked >= room && room ? picked - room + 1 : 0;
    if (n == 0)
        put_text(p, FAINT,
                 v->filter[0] ? " no row that the filter lets through"
                              : " no requests yet");
    for (size_t i = 0, k = 0; i < v->nrows && p->lines < until; i++) {
        if (!top_filter_has(v->filter, v->rows[i]))
            continue;
        if (k >= from)
            draw_row(p, v->rows[i], k == picked && !v->is_plain);
        k++;
    }
}

/* -- an open row ------------------------------------------------------------------------
 */

struct lines {
    struct paint *p;
    size_t skip, n; /* lines to leave out, and made so far */
    unsigned until;
};

static bool begin_shown(struct lines *l)
{
    return l->n++ >= l->skip && l->p->lines < l->until;
}

static void show(struct lines *l, enum style style, const char *fmt, ...)
    PRINTF_LIKE(3, 4);
static void show(struct lines *l, enum style style, const char *fmt, ...)
{
    char text[1024];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    struct str rest = str_of(text);
    unsigned width = l->p->v->width;
    while (rest.n) { /* what is wider than the screen goes on in the next line */
        size_t n = rest.n < width ? rest.n : width;
        while (n < rest.n && n > 1 && ((unsigned char)rest.p[n] & 0xC0) == 0x80)
            n--;
        if (begin_shown(l)) {
            put(l->p, style, str_sub(rest, 0, n), width, false);
            end_line(l->p);
        }
        rest = str_sub(rest, n, rest.n);
    }
}

static void show_legs(struct lines *l, struct str row)
{
    struct paint *p = l->p;
    struct json_cur c;
    struct str one;
    show(l, BOLD, "Legs");
    if (!begin_list(&c, raw_of(row, "legs")))
        return;
    while (next_item(&c, &one)) {
        char cost[WORD];
        struct str error = text_of(p, one, "error_code");
        money_of(raw_of(one, "cost_nanousd"), cost);
        show(l, PLAIN, "  %.*s  %.*s  %.*s/%.*s (%.*s)  %.*s%s%.*s  %.*s ms  %s",
             STR_ARG(text_of(p, one, "n")), STR_ARG(text_of(p, one, "purpose")),
             STR_ARG(text_of(p, one, "engine")), STR_ARG(text_of(p, one, "model")),
             STR_ARG(text_of(p, one, "side")), STR_ARG(text_of(p, one, "outcome")),
             error.n ? ": " : "", STR_ARG(error), STR_ARG(text_of(p, one, "total_ms")),
             cost);
    }
}

static void show_reasons(struct lines *l, struct str row)
{
    struct paint *p = l->p;
    struct json_cur c;
    struct str one;
    show(l, BOLD, "Why");
    if (!begin_list(&c, raw_of(row, "reasons")))
        return;
    while (next_item(&c, &one))
        show(l, PLAIN, "  %-14.*s %.*s", STR_ARG(text_of(p, one, "rule")),
             STR_ARG(text_of(p, one, "detail")));
}

static void show_records(struct lines *l)
{
    struct paint *p = l->p;
    struct json_cur c, t;
    struct str one, type;
    show(l, BOLD, "Audit chain");
    if (!begin_list(&c, raw_of(p->v->records, "records")))
        return;
    while (next_item(&c, &one)) {
        struct str record = raw_of(one, "record");
        show(l, PLAIN, "  record %.*s: %.*s, %.*s bytes (%.*s)",
             STR_ARG(text_of(p, record, "seq")), STR_ARG(text_of(p, record, "decision")),
             STR_ARG(text_of(p, record, "bytes")), STR_ARG(text_of(p, record, "reason")));
        if (begin_list(&t, raw_of(record, "types")))
            while (next_item(&t, &type))
                show(l, PLAIN, "    %.*s  %.*s  %.*s", STR_ARG(text_of(p, type, "type")),
                     STR_ARG(text_of(p, type, "action")), STR_ARG(text_of(p, type, "n")));
    }
}

static void draw_open(struct paint *p, unsigned until)
{
    const struct top_view *v = p->v;
    struct lines l = {.p = p, .skip = v->scroll, .until = until};
    struct str row = v->row, tokens = raw_of(row, "tokens");
    char cost[WORD];
    show(&l, BOLD, "Request %s%s", v->open_id, row.n ? "" : " ...");
    if (!row.n)
        return;
    money_of(raw_of(row, "cost_nanousd"), cost);
    show(&l, PLAIN, "  %.*s  key %.*s  session %.*s", STR_ARG(text_of(p, row, "ts")),
         STR_ARG(text_of(p, row, "key")), STR_ARG(text_of(p, row, "session")));
    show(&l, PLAIN, "  asked for %.*s, got %.*s of %.*s (%.*s)",
         STR_ARG(text_of(p, row, "model_asked")), STR_ARG(text_of(p, row, "model_used")),
         STR_ARG(text_of(p, row, "engine")), STR_ARG(text_of(p, row, "side")));
    show(&l, PLAIN, "  %.*s, status %.*s %.*s, label %.*s",
         STR_ARG(text_of(p, row, "outcome")), STR_ARG(text_of(p, row, "status")),
         STR_ARG(text_of(p, row, "error_code")), STR_ARG(text_of(p, row, "label")));
    show(&l, PLAIN, "  %.*s ms, first token after %.*s ms; %.*s + %.*s tokens; %s",
         STR_ARG(text_of(p, row, "total_ms")), STR_ARG(text_of(p, row, "ttft_ms")),
         STR_ARG(text_of(p, tokens, "input")), STR_ARG(text_of(p, tokens, "output")),
         cost);
    show_reasons(&l, row);
    show_legs(&l, row);
    show_records(&l);
}

/* -- all of it --------------------------------------------------------------------------
 */

static void draw_help(struct paint *p, unsigned until)
{
    static const char *const lines[] = {
        "Keys",
        "  up, down, j, k, PgUp, PgDn   move; g: back to the newest",
        "  Enter                        open the row: reasons, legs, what was masked",
        "  Esc                          back",
        "  f                            filter: words that must all hold, of which "
        "local,",
        "                               cloud, errors, held and masked mean what they "
        "say;",
        "                               any other must stand in the row; nothing: all "
        "rows",
        "  p                            pause the cloud for everybody, or open it again;",
        "                               asks for the reason, which the audit chain keeps",
        "  q, Ctrl-C                    quit",
        "",
        "Rows are of weir's own ledger; no text of a prompt or an answer is in them."};
    for (size_t i = 0; i < ARRAY_LEN(lines) && p->lines < until; i++) {
        put_text(p, i ? PLAIN : BOLD, lines[i]);
        end_line(p);
    }
}

static void draw_foot(struct paint *p)
{
    const struct top_view *v = p->v;
    bool is_paused = str_eqz(raw_of(v->cloud, "paused"), "true");
    if (v->prompt == TOP_ASKS_FILTER)
        put_words(p, BOLD, "filter (local cloud errors held masked or a word): %s_",
                  v->typed);
    else if (v->prompt == TOP_ASKS_WHY)
        put_words(p, BOLD, "why %s the cloud? (Esc: leave it) %s_",
                  is_paused ? "resume" : "pause", v->typed);
    else if (v->message[0])
        put_text(p, BOLD, v->message);
    else
        put_words(p, FAINT, "q quit  Enter open  f filter%s%s  p %s cloud  ? help",
                  v->filter[0] ? ": " : "", v->filter, is_paused ? "resume" : "pause");
}

static void draw_table(struct paint *p, unsigned until)
{
    char head[WORD * 2];
    snprintf(head, sizeof head, " %-9s%-7s %-6s%-14s %-4s%6s %8s %s", "TIME", "KEY",
             "SIDE", "MODEL", "", "MS", "COST", "WHAT");
    put_text(p, BOLD, head);
    end_line(p);
    draw_rows(p, until);
}

void top_draw(const struct top_view *v, struct buf *out)
{
    struct paint p = {.v = v, .out = out};
    unsigned foot = v->is_plain ? 0 : 1, until = v->height - foot;
    arena_init(&p.arena, SCRATCH_BYTES);
    if (!v->is_plain && (v->width < TOP_LEAST_WIDTH || v->height < TOP_LEAST_HEIGHT)) {
        put_text(&p, PLAIN, "too small");
        arena_reset(&p.arena);
        return;
    }
    draw_title(&p);
    if (v->mode == TOP_LIST) {
        draw_kept(&p);
        draw_money(&p);
        draw_held(&p);
        draw_engines(&p);
        draw_memory(&p);
        end_line(&p);
        draw_table(&p, until);
    } else if (v->mode == TOP_ROW) {
        draw_open(&p, until);
    } else {
        draw_help(&p, until);
    }
    while (!v->is_plain && has_room(&p) && p.lines + foot < v->height)
        end_line(&p);
    if (foot)
        draw_foot(&p);
    arena_reset(&p.arena);
}
