/* ledger_print.c -- see ledger_print.h.
 *
 * A cost nobody knows is never shown as 0: a sum with unknown parts carries a '+?' and
 * a note says how many.  Words may come from clients, so they are cleaned (core/clean.h).
 */
#include "cmd/ledger/ledger_print.h"

#include "cmd/ledger/ledger_format.h"
#include "cmd/lib/say.h"
#include "core/clean.h"
#include "core/clock.h"
#include "core/mem.h"
#include "facts/money.h"
#include "ledger/log/uid.h"
#include "json/write.h"

enum { NUMBERS = 7, WORDS_BYTES = 4 << 20, JSON_BYTES = 64 << 10 };
enum { NARROWEST = 6 };

static const char *const number_heads[NUMBERS] = {
    "requests", "errors", "in", "cached", "out", "cost", "mean ttft"};

void sums_table_init(struct sums_table *t, const enum sums_by *by, size_t nby)
{
    *t = (struct sums_table){.by = by, .nby = nby};
    arena_init(&t->words, WORDS_BYTES);
}

void sums_table_release(struct sums_table *t)
{
    arena_reset(&t->words);
    mem_free(t->lines);
    t->lines = NULL;
}

static struct str clean_copy(struct arena *a, struct str s)
{
    struct str copy = STR("-");
    if (s.n == 0)
        return copy;
    char *p = arena_alloc(a, s.n);
    if (p)
        memcpy(p, s.p, s.n);
    return (struct str){p, p ? clean_in_place(p, s.n) : 0};
}

int sums_table_add(void *table, const struct ledger_sums *s)
{
    struct sums_table *t = table;
    if (t->n == t->cap) {
        size_t more = t->cap ? t->cap * 2 : 32;
        void *p = mem_realloc(t->lines, more * sizeof *t->lines);
        if (!p) {
            t->failed = true;
            return 1;
        }
        t->lines = p;
        t->cap = more;
    }
    struct ledger_sums *line = &t->lines[t->n++];
    *line = *s;
    for (size_t i = 0; i < t->nby; i++) {
        line->words[i] = clean_copy(&t->words, s->words[i]);
        t->failed |= line->words[i].p == NULL;
    }
    ledger_sums_add(&t->total, s);
    return t->failed;
}

static uint64_t failures(const struct ledger_sums *s)
{
    return s->outcomes[OUTCOME_ERROR] + s->outcomes[OUTCOME_REFUSED] +
           s->outcomes[OUTCOME_INTERRUPTED];
}

static void format_numbers(const struct ledger_sums *s, char out[NUMBERS][NUMBER_TEXT])
{
    ledger_format_whole(s->requests, out[0]);
    ledger_format_whole(failures(s), out[1]);
    ledger_format_count(s->input_tokens, out[2]);
    ledger_format_count(s->cached_tokens, out[3]);
    ledger_format_count(s->output_tokens, out[4]);
    ledger_format_cost(s->cost_nanousd, s->cost_unknown, s->requests, out[5]);
    ledger_format_ms(s->ttft_ms, s->ttft_count, out[6]);
}

struct widths {
    size_t words[SUMS_BY_COUNT];
    size_t numbers[NUMBERS];
};

/* Characters, as far as a terminal without wide ones is concerned. */
static size_t columns_of(struct str s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++)
        n += ((unsigned char)s.p[i] & 0xC0) != 0x80;
    return n;
}

static void widen(size_t *width, size_t n)
{
    if (*width < n)
        *width = n;
}

static void measure_numbers(struct widths *w, const struct ledger_sums *s)
{
    char text[NUMBERS][NUMBER_TEXT];
    format_numbers(s, text);
    for (size_t i = 0; i < NUMBERS; i++)
        widen(&w->numbers[i], strlen(text[i]));
}

/* Cuts the widest word column until the line fits. */
static void shrink(struct widths *w, size_t nby, size_t width)
{
    size_t all = 0;
    for (size_t i = 0; i < NUMBERS; i++)
        all += w->numbers[i] + 1;
    for (size_t i = 0; i < nby; i++)
        all += w->words[i] + 1;
    for (all -= 1; width && all > width; all--) {
        size_t widest = 0;
        for (size_t i = 1; i < nby; i++)
            if (w->words[i] > w->words[widest])
                widest = i;
        if (nby == 0 || w->words[widest] <= NARROWEST)
            return;
        w->words[widest]--;
    }
}

static void measure(const struct sums_table *t, size_t width, struct widths *w)
{
    *w = (struct widths){0};
    for (size_t i = 0; i < t->nby; i++)
        w->words[i] = strlen(sums_by_name(t->by[i]));
    if (t->nby)
        widen(&w->words[0], 5); /* "total" */
    for (size_t i = 0; i < NUMBERS; i++)
        w->numbers[i] = strlen(number_heads[i]);
    for (size_t l = 0; l < t->n; l++) {
        for (size_t i = 0; i < t->nby; i++)
            widen(&w->words[i], columns_of(t->lines[l].words[i]));
        measure_numbers(w, &t->lines[l]);
    }
    measure_numbers(w, &t->total);
    shrink(w, t->nby, width);
}

static void print_word(FILE *out, struct str s, size_t width)
{
    size_t columns = columns_of(s), n = s.n;
    if (columns > width) {
        size_t seen = 0;
        for (n = 0; n < s.n; n++) {
            seen += ((unsigned char)s.p[n] & 0xC0) != 0x80;
            if (seen == width)
                break;
        }
    }
    fprintf(out, "%.*s", (int)n, s.p);
    if (columns > width)
        fputc('~', out);
    for (; columns < width; columns++)
        fputc(' ', out);
}

static void print_line(FILE *out, const struct widths *w, size_t nby,
                       const struct str *words, const struct ledger_sums *s)
{
    char text[NUMBERS][NUMBER_TEXT];
    if (s)
        format_numbers(s, text);
    for (size_t i = 0; i < nby; i++) {
        print_word(out, words[i], w->words[i]);
        fputc(' ', out);
    }
    for (size_t i = 0; i < NUMBERS; i++)
        fprintf(out, "%*s%s", (int)w->numbers[i], s ? text[i] : number_heads[i],
                i + 1 < NUMBERS ? " " : "\n");
}

void sums_table_print(const struct sums_table *t, size_t width, FILE *out)
{
    struct widths w;
    struct str words[SUMS_BY_COUNT];
    measure(t, width, &w);
    for (size_t i = 0; i < t->nby; i++)
        words[i] = str_of(sums_by_name(t->by[i]));
    print_line(out, &w, t->nby, words, NULL);
    for (size_t i = 0; i < t->n; i++)
        print_line(out, &w, t->nby, t->lines[i].words, &t->lines[i]);
    if (t->n < 2 || t->nby == 0)
        return;
    for (size_t i = 0; i < t->nby; i++)
        words[i] = i ? STR("") : STR("total");
    print_line(out, &w, t->nby, words, &t->total);
}

void sums_print_notes(const struct ledger_sums *total, FILE *out)
{
    const uint64_t *n = total->outcomes;
    if (failures(total) + n[OUTCOME_CANCELLED])
        fprintf(out,
                "Errors: %llu failed, %llu refused, %llu interrupted. Not errors: %llu "
                "cancelled\nby the client.\n",
                (unsigned long long)n[OUTCOME_ERROR],
                (unsigned long long)n[OUTCOME_REFUSED],
                (unsigned long long)n[OUTCOME_INTERRUPTED],
                (unsigned long long)n[OUTCOME_CANCELLED]);
    if (total->ttft_count)
        fprintf(out,
                "mean ttft: the mean time to the first token of the %llu answer%s that "
                "began\nas a stream; whole answers have none. Medians: weir ledger "
                "--latency.\n",
                (unsigned long long)total->ttft_count, say_s(total->ttft_count));
    if (total->cost_unknown)
        fprintf(out, "? = the cost of %llu %s is unknown and not in the sum.\n",
                (unsigned long long)total->cost_unknown,
                total->cost_unknown == 1 ? "leg" : "legs");
    if (total->local_after_cloud)
        fprintf(out,
                "%llu request%s ended on the local side after a cloud engine had the "
                "prompt.\n",
                (unsigned long long)total->local_after_cloud,
                say_s(total->local_after_cloud));
    if (total->cloud_unreached)
        fprintf(out,
                "%llu %s for a cloud engine and never reached one: nothing of %s left.\n",
                (unsigned long long)total->cloud_unreached,
                total->cloud_unreached == 1 ? "request was" : "requests were",
                total->cloud_unreached == 1 ? "it" : "them");
    if (total->failed_attempts)
        fprintf(
            out,
            "%llu attempt%s failed before another ended the request; the cost stands\n"
            "with the engine that was asked.\n",
            (unsigned long long)total->failed_attempts, say_s(total->failed_attempts));
    if (total->estimated)
        fprintf(out, "Tokens of %llu request%s are weir's estimate.\n",
                (unsigned long long)total->estimated, say_s(total->estimated));
}

static void json_number(struct json_writer *w, const char *key, uint64_t v)
{
    json_key(w, key);
    json_u64(w, v);
}

void sums_print_json(const enum sums_by *by, size_t nby, const struct ledger_sums *s,
                     FILE *out)
{
    struct buf b;
    struct json_writer w;
    buf_init(&b, JSON_BYTES);
    json_writer_init(&w, &b);
    json_object_open(&w);
    for (size_t i = 0; i < nby; i++) {
        json_key(&w, sums_by_name(by[i]));
        json_str(&w, s->words[i].n ? s->words[i] : (struct str){NULL, 0});
    }
    json_number(&w, "requests", s->requests);
    for (int i = 0; i < OUTCOME_COUNT; i++)
        json_number(&w, outcome_name((enum outcome)i), s->outcomes[i]);
    json_number(&w, "input_tokens", s->input_tokens);
    json_number(&w, "cached_tokens", s->cached_tokens);
    json_number(&w, "cache_write_tokens", s->cache_write_tokens);
    json_number(&w, "output_tokens", s->output_tokens);
    json_number(&w, "reasoning_tokens", s->reasoning_tokens);
    json_number(&w, "requests_with_estimated_tokens", s->estimated);
    json_number(&w, "cost_nanousd", (uint64_t)s->cost_nanousd);
    json_number(&w, "requests_with_unknown_cost", s->cost_unknown);
    json_number(&w, "failed_attempts", s->failed_attempts);
    json_number(&w, "local_after_cloud", s->local_after_cloud);
    json_number(&w, "cloud_unreached", s->cloud_unreached);
    json_number(&w, "request_bytes", s->request_bytes);
    json_number(&w, "answer_bytes", s->answer_bytes);
    json_number(&w, "ttft_ms_sum", s->ttft_ms);
    json_number(&w, "ttft_count", s->ttft_count);
    json_number(&w, "total_ms_sum", s->total_ms);
    json_object_close(&w);
    say_json(out, buf_view(&b));
    buf_release(&b);
}

/* -- rows ------------------------------------------------------------------- */

static void row_cost(const struct ledger_row *r, char out[NUMBER_TEXT])
{
    if (r->has_engine)
        ledger_format_cost(r->cost_nanousd < 0 ? 0 : r->cost_nanousd, r->cost_nanousd < 0,
                           1, out);
    else
        snprintf(out, NUMBER_TEXT, "-");
}

void row_print(const struct ledger_row *r, size_t width, FILE *out)
{
    struct arena a;
    char ts[25], in[NUMBER_TEXT], output[NUMBER_TEXT], cost[NUMBER_TEXT];
    char ms[NUMBER_TEXT], tokens[NUMBER_TEXT * 2], own[UID_TEXT];
    arena_init(&a, 64 << 10);
    clock_format_utc(r->open.ts_ms, ts);
    ledger_format_count(r->usage.input_tokens, in);
    ledger_format_count(r->usage.output_tokens, output);
    snprintf(tokens, sizeof tokens, "%s+%s", in, output);
    row_cost(r, cost);
    ledger_format_ms(r->total_ms, 1, ms);
    struct str model =
        arena_printf(&a, "%.*s/%.*s", STR_ARG(r->engine), STR_ARG(r->model_used));
    model = clean_copy(&a, r->has_engine ? model : r->error_code);
    ledger_format_uid(r->open.uid, own);
    fprintf(out, "%.5s %.8s %3d %-5s ", ts + 5, ts + 11, r->status,
            !r->has_engine                   ? "-"
            : ledger_is_local_after_cloud(r) ? "both"
                                             : side_name(r->side));
    print_word(out, model, width ? 13 : 32);
    fprintf(out, " %9s %6s %7s ", tokens, ms, cost);
    fprintf(out, "%s\n", own);
    arena_reset(&a);
}

static void print_field(FILE *out, const char *name, struct str value)
{
    struct arena a;
    arena_init(&a, 64 << 10);
    fprintf(out, "%-13s %.*s\n", name, STR_ARG(clean_copy(&a, value)));
    arena_reset(&a);
}

/* The cost as the bill has it: every digit, where a table rounds. */
static void format_cost_exact(int64_t nanousd, char out[NUMBER_TEXT])
{
    char usd[MONEY_TEXT];
    if (nanousd < 0) {
        snprintf(out, NUMBER_TEXT, "unknown");
        return;
    }
    money_decimal(nanousd, usd);
    snprintf(out, NUMBER_TEXT, "$%s", usd);
}

struct leg_words {
    struct str name, what;
};

static struct leg_words leg_words(const struct ledger_leg *l, struct arena *a)
{
    struct str name = arena_printf(a, "%.*s/%.*s", STR_ARG(l->engine), STR_ARG(l->model));
    return (struct leg_words){clean_copy(a, name),
                              clean_copy(a, l->error_code.n
                                                ? l->error_code
                                                : str_of(outcome_name(l->outcome)))};
}

static void print_leg(const struct ledger_leg *l, bool is_stream, const size_t widths[2],
                      FILE *out)
{
    struct arena a;
    char cost[NUMBER_TEXT], ttft[NUMBER_TEXT], total[NUMBER_TEXT], in[NUMBER_TEXT],
        from[NUMBER_TEXT], output[NUMBER_TEXT], tokens[NUMBER_TEXT * 2], purpose[32];
    arena_init(&a, 64 << 10);
    format_cost_exact(l->cost_nanousd, cost);
    ledger_format_ms((uint64_t)l->ttft_ms, is_stream && l->ttft_ms >= 0, ttft);
    ledger_format_ms(l->total_ms, !l->is_bare, total);
    ledger_format_ms(l->started_ms, !l->is_bare, from);
    ledger_format_count(l->usage.input_tokens, in);
    ledger_format_count(l->usage.output_tokens, output);
    if (l->is_bare)
        snprintf(tokens, sizeof tokens, "-");
    else
        snprintf(tokens, sizeof tokens, "%s+%s", in, output);
    snprintf(purpose, sizeof purpose, "%s%s", leg_purpose_name(l->purpose),
             l->is_promised ? " *" : "");
    struct leg_words words = leg_words(l, &a);
    fprintf(out, "%3u %-16s %-5s ", l->number, purpose, side_name(l->side));
    print_word(out, words.name, widths[0]);
    fprintf(out, " %3d ", l->status);
    print_word(out, words.what, widths[1]);
    fprintf(out, " %9s %7s %7s %11s %12s\n", from, ttft, total, tokens, cost);
    arena_reset(&a);
}

/* Every engine that was tried, what it did and what it is owed. */
static void print_legs(const struct ledger_row *r, FILE *out)
{
    fprintf(out, "%-13s %s\n", "at the cloud", r->was_at_cloud ? "yes" : "no");
    size_t widths[2] = {20, 17};
    struct arena a;
    if (r->nlegs == 0)
        return;
    arena_init(&a, 64 << 10);
    for (size_t i = 0; i < r->nlegs; i++) {
        struct leg_words words = leg_words(&r->legs[i], &a);
        widen(&widths[0], columns_of(words.name));
        widen(&widths[1], columns_of(words.what));
        arena_reset(&a);
    }
    fprintf(out, "%3s %-16s %-5s %-*s %3s %-*s %9s %7s %7s %11s %12s\n", "leg", "purpose",
            "side", (int)widths[0], "engine/model", "", (int)widths[1], "outcome", "from",
            "ttft", "took", "tokens", "cost");
    for (size_t i = 0; i < r->nlegs; i++)
        print_leg(&r->legs[i], r->is_stream, widths, out);
}

static void print_knew(const struct ledger_knew *k, FILE *out)
{
    if (k->input_estimate)
        fprintf(out, "%-13s about %llu tokens\n", "prompt",
                (unsigned long long)k->input_estimate);
    if (k->output_limit)
        fprintf(out, "%-13s %u tokens\n", "output limit", k->output_limit);
    if (k->has_latency)
        fprintf(out, "%-13s %u ms\n", "latency", k->latency_ms);
    if (k->deadline_s)
        fprintf(out, "%-13s %u s\n", "deadline", k->deadline_s);
    if (k->health.n)
        print_field(out, "engines", k->health);
}

void row_print_details(const struct ledger_row *r, FILE *out)
{
    char ts[25], cost[NUMBER_TEXT], own[UID_TEXT];
    clock_format_utc(r->open.ts_ms, ts);
    ledger_format_uid(r->open.uid, own);
    format_cost_exact(r->cost_nanousd, cost);
    print_field(out, "id", str_of(own));
    if (!str_eqz(r->open.request_id, own))
        print_field(out, "client's id", r->open.request_id);
    print_field(out, "time", str_of(ts));
    print_field(out, "outcome", str_of(outcome_name(r->outcome)));
    fprintf(out, "%-13s %d\n", "status", r->status);
    print_field(out, "error", r->error_code);
    print_field(out, "key", r->open.key);
    print_field(out, "label", str_of(r->open.label));
    print_field(out, "model asked", r->open.model_asked);
    print_field(out, "side", r->has_engine ? str_of(side_name(r->side)) : STR(""));
    print_field(out, "engine", r->engine);
    print_field(out, "model used", r->model_used);
    print_field(out, "policy", r->policy);
    print_field(out, "role", r->role);
    print_field(out, "reasons", r->reasons_json);
    fprintf(out, "%-13s %u\n", "attempts", r->attempts);
    fprintf(out, "%-13s %llu in (%llu cached), %llu out (%llu reasoning), %s\n", "tokens",
            (unsigned long long)r->usage.input_tokens,
            (unsigned long long)r->usage.cached_tokens,
            (unsigned long long)r->usage.output_tokens,
            (unsigned long long)r->usage.reasoning_tokens,
            r->usage_is_reported ? "reported by the engine" : "estimated by weir");
    print_field(out, "cost", str_of(r->has_engine ? cost : "-"));
    print_field(out, "price of", r->price_date);
    if (ledger_first_token_ms(r) >= 0)
        fprintf(out, "%-13s after %lld ms\n", "first token",
                (long long)ledger_first_token_ms(r));
    else if (r->ttft_ms >= 0)
        fprintf(out, "%-13s after %lld ms; it was no stream\n", "whole answer",
                (long long)r->ttft_ms);
    fprintf(out, "%-13s %llu ms\n", "total", (unsigned long long)r->total_ms);
    fprintf(out, "%-13s %llu request, %llu answer\n", "bytes",
            (unsigned long long)r->request_bytes, (unsigned long long)r->answer_bytes);
    if (r->feedback)
        print_field(out, "feedback", str_of(feedback_name(r->feedback)));
    print_knew(&r->knew, out);
    print_legs(r, out);
    fputc('\n', out);
}
