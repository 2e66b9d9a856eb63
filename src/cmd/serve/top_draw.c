/* top_draw.c -- see top_draw.h.  Elsewhere: the rows (top_rows.c), one that is open
 * (top_open.c), text of so many columns (top_paint.c). */
#include "cmd/serve/top_paint.h"

#include <stdio.h>

enum { HEAD_COLUMNS = 8, ENGINE_COLUMNS = 20, LOADED_COLUMNS = 24 };

/* -- the head of the screen -------------------------------------------------------------
 */

static void draw_title(struct paint *p)
{
    const struct top_view *v = p->v;
    char now[PAINT_WORD];
    time_of(v->now_ms, now);
    bool is_paused = str_eqz(raw_of(v->cloud, "paused"), "true");
    put_words(p, BOLD, "weir %s  %s  %s  ", WEIR_VERSION, v->address, now + CLOCK_AT);
    if (v->is_waiting)
        put_text(p, ALARM, "waiting for weir");
    else if (is_paused) {
        char since[PAINT_WORD];
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

static void money_of_span(struct str span, char ret[PAINT_WORD])
{
    struct json_cur c;
    struct str one;
    uint64_t sum = 0, unknown = 0, nano;
    char text[PAINT_WORD];
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
        snprintf(ret + strlen(ret), PAINT_WORD - strlen(ret), " and %llu unknown",
                 (unsigned long long)unknown);
}

/* Rounded, but neither up to all nor down to nothing. */
static unsigned percent_of(uint64_t n, uint64_t all)
{
    unsigned p = (unsigned)((n * 200 / all + 1) / 2);
    return p == 0 && n ? 1 : p == 100 && n < all ? 99 : p;
}

static void draw_kept(struct paint *p)
{
    struct str today = raw_of(p->v->overview, "today");
    struct shares s = shares_of(today);
    uint64_t all = s.here + s.cloud + s.none;
    char rest[100];
    put_text(p, BOLD, "Today   ");
    if (all == 0) {
        put_text(p, PLAIN, p->v->overview.n ? "no requests yet" : "...");
        end_line(p);
        return;
    }
    put_words(p, LOCAL, "%u %% answered here", percent_of(s.here, all));
    put_words(p, PLAIN, ": %llu of %llu; ", (unsigned long long)s.here,
              (unsigned long long)all);
    snprintf(rest, sizeof rest, "%llu to the cloud, %llu refused or failed here",
             (unsigned long long)s.cloud, (unsigned long long)s.none);
    need(p, (unsigned)strlen(rest), HEAD_COLUMNS);
    put_text(p, PLAIN, rest);
    end_line(p);
}

static void draw_money(struct paint *p)
{
    char today[PAINT_WORD], month[PAINT_WORD], saved[PAINT_WORD];
    struct str span = raw_of(p->v->overview, "month");
    money_of_span(raw_of(p->v->overview, "today"), today);
    money_of_span(span, month);
    money_of(raw_of(span, "saved_nanousd"), saved);
    put_text(p, BOLD, "Cloud   ");
    put_words(p, PLAIN, "%s today, %s this month; saved this month (computed): %s", today,
              month, saved);
    end_line(p);
}

/* What a label kept here, each request in one of three. */
struct kept {
    uint64_t answered, failed, refused;
};

static struct kept kept_of(struct str span)
{
    struct kept ret = {0};
    struct json_cur c;
    struct str one;
    if (!begin_list(&c, raw_of(span, "labels")))
        return ret;
    while (next_item(&c, &one)) {
        struct str label = raw_of(one, "label"), outcomes = raw_of(one, "outcomes");
        if (str_eqz(raw_of(one, "side"), "\"cloud\"") ||
            !(str_eqz(label, "\"internal\"") || str_eqz(label, "\"confidential\"")))
            continue;
        uint64_t answered = number_of(outcomes, "ok");
        uint64_t refused = number_of(outcomes, "refused");
        ret.answered += answered;
        ret.refused += refused;
        ret.failed += number_of(one, "requests") - answered - refused;
    }
    return ret;
}

static void draw_held(struct paint *p)
{
    struct str held = raw_of(p->v->overview, "held");
    struct str today = raw_of(held, "today");
    struct json_cur c;
    struct str one;
    uint64_t sent = 0, masked = 0;
    char rest[100];
    struct kept kept = kept_of(raw_of(p->v->overview, "today"));
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
        }
    put_words(p, PLAIN, "%llu as they were, %llu masked; ", (unsigned long long)sent,
              (unsigned long long)masked);
    snprintf(rest, sizeof rest,
             "held: %llu answered here, %llu failed here, %llu refused",
             (unsigned long long)kept.answered, (unsigned long long)kept.failed,
             (unsigned long long)kept.refused);
    need(p, (unsigned)strlen(rest), HEAD_COLUMNS);
    put_text(p, PLAIN, rest);
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
            struct str name = text_of(p, one, "name");
            put_text(p, PLAIN, is_first ? "" : ", ");
            need(p, columns_of(name) + ENGINE_COLUMNS, HEAD_COLUMNS);
            put(p, is_cloud ? CLOUD : LOCAL, name, 20, false);
            put_words(p, PLAIN, " %s %llu", is_cloud ? "cloud" : "local",
                      (unsigned long long)number_of(one, "inflight"));
            if (queued)
                put_words(p, PLAIN, "+%llu", (unsigned long long)queued);
            struct str run = text_of(p, raw_of(one, "run"), "state");
            if (run.n && !str_eqz(run, "running"))
                put_words(p, ALARM, " %.*s", STR_ARG(run));
            else if (!str_eqz(breaker, "closed"))
                put_text(p, ALARM,
                         str_eqz(breaker, "open")
                             ? " DOWN"
                             : " tried again after failures, one request at a time");
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
            struct str name = text_of(p, one, "name");
            need(p, columns_of(name) + LOADED_COLUMNS, HEAD_COLUMNS);
            put(p, LOCAL, name, 20, false);
            draw_loaded(p, raw_of(one, "memory"));
        }
    if (!is_first)
        end_line(p);
}

/* -- all of it --------------------------------------------------------------------------
 */

static void draw_help(struct paint *p, unsigned until)
{
    static const struct {
        const char *keys, *what;
    } lines[] = {
        {"up, down, j, k", "another row; PgUp, PgDn: a screen further"},
        {"g, Home", "back to the newest row"},
        {"Enter", "open the row: reasons, tries, what was masked"},
        {"Esc, Backspace", "back to the rows"},
        {"f", "filter: words that must all hold"},
        {"", "local, cloud, left, errors, held and masked mean"},
        {"", "what they say; label:internal, outcome:refused,"},
        {"", "side: key: engine: model: want just that; other"},
        {"", "words must stand in the row; -WORD: must not"},
        {"p", "pause the cloud for everybody, or open it again;"},
        {"", "asks for the reason, which the audit chain keeps"},
        {"?", "this help, and back"},
        {"", "in a line that is typed: Ctrl-U empties it"},
        {"q, Ctrl-C", "quit"},
    };
    put_text(p, BOLD, "Keys");
    end_line(p);
    for (size_t i = 0; i < ARRAY_LEN(lines) && p->lines < until; i++) {
        put_text(p, PLAIN, "  ");
        put(p, BOLD, str_of(lines[i].keys), 16, true);
        put_text(p, PLAIN, lines[i].what);
        end_line(p);
    }
    if (p->lines + 1 < until) {
        end_line(p);
        put_text(p, PLAIN,
                 "Rows are of weir's own ledger; no prompt and no answer is in them.");
        end_line(p);
    }
}

/* What is being typed, from behind where it is too long: the end of it is what counts. */
static void put_typed(struct paint *p, const char *typed)
{
    struct str rest = str_of(typed);
    unsigned room = p->v->width > p->used + 1 ? p->v->width - p->used - 1 : 0;
    while (columns_of(rest) > room)
        rest = str_sub(rest, 1, rest.n);
    while (rest.n && ((unsigned char)rest.p[0] & 0xC0) == 0x80)
        rest = str_sub(rest, 1, rest.n);
    put(p, BOLD, rest, p->v->width, false);
    put_text(p, BOLD, "_");
}

static void draw_foot(struct paint *p)
{
    const struct top_view *v = p->v;
    bool is_paused = str_eqz(raw_of(v->cloud, "paused"), "true");
    if (v->prompt == TOP_ASKS_FILTER) {
        put_words(p, BOLD, "%s: ",
                  v->message[0] ? v->message
                                : "filter (? in the list tells which words)");
        put_typed(p, v->typed);
    } else if (v->prompt == TOP_ASKS_WHY) {
        put_words(p, BOLD, "why %s the cloud? (Esc: leave it) ",
                  is_paused ? "resume" : "pause");
        put_typed(p, v->typed);
    } else if (v->message[0]) {
        put_text(p, BOLD, v->message);
    } else {
        put_words(p, FAINT, "q quit  ? keys  Enter open  p %s cloud  f filter%s%s",
                  is_paused ? "resume" : "pause", v->filter[0] ? ": " : "", v->filter);
    }
}

void top_draw(const struct top_view *v, struct buf *out)
{
    struct paint p = {.v = v, .out = out};
    unsigned foot = v->is_plain ? 0 : 1, until = v->height - foot;
    arena_init(&p.arena, PAINT_SCRATCH);
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
    while (!v->is_plain && p.lines + foot < v->height)
        end_line(&p);
    if (foot)
        draw_foot(&p);
    arena_reset(&p.arena);
}
