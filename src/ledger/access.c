/* access.c -- the access log, written by the ledger's thread from settled records.
 *
 * 04:05:06 200 local ollama/qwen2.5:7b auto->local-first 812 ms ttft 51 ms 120+240 tok
 * $0 id=wr-...     (one line; "after-cloud:ENGINE/MODEL" after the policy when a cloud
 * engine had the prompt before this one; "judged:RESULT (why)" before the id when the
 * answer was to be judged, see judged.h; the time is when the request ended, local time;
 * on a terminal access_tty.c's two lines with the reason)
 *
 * Some words come from clients and engines: what must not be printed in them becomes '?'
 * (core/clean.h), and so does a blank, so that a word stays a word. */
#include "ledger/access.h"

#include "core/clean.h"
#include "core/printer.h"
#include "facts/money.h"
#include "ledger/judged.h"
#include "ledger/ledger.h"
#include "ledger/log/uid.h"

#include <time.h>
#include <unistd.h>

enum { FLUSH_BYTES = 64 << 10, MOST_BYTES = 1 << 20, JUDGED_BYTES = 120 };

void access_init(struct access *a, enum access_log kind)
{
    *a = (struct access){.kind = kind,
                         .is_for_eyes = access_is_for_eyes(STDERR_FILENO),
                         .wants_colour = access_wants_colour()};
    buf_init(&a->out, MOST_BYTES);
}

void access_release(struct access *a)
{
    access_flush(a);
    buf_release(&a->out);
}

static void add_clock(struct access *a, uint64_t wall_ms)
{
    uint64_t second = wall_ms / 1000;
    if (second != a->second) {
        time_t t = (time_t)second;
        struct tm tm;
        localtime_r(&t, &tm);
        strftime(a->clock, sizeof a->clock, "%H:%M:%S", &tm);
        a->second = second;
    }
    buf_append(&a->out, (struct str){a->clock, 8});
}

static void add_word(struct buf *b, struct str s)
{
    if (s.n == 0)
        buf_byte(b, '-');
    size_t before = buf_len(b);
    clean_append(b, s);
    for (size_t i = before; i < buf_len(b); i++)
        if (b->p[b->off + i] == ' ')
            b->p[b->off + i] = '?';
}

static void add_cost(struct buf *b, const struct ledger_row *r)
{
    char usd[MONEY_TEXT];
    if (r->cost_nanousd == 0) {
        buf_lit(b, " $0");
    } else if (r->cost_nanousd < 0) {
        buf_lit(b, " cost-unknown");
    } else {
        money_decimal(r->cost_nanousd, usd);
        buf_lit(b, " $");
        buf_append(b, str_of(usd));
    }
}

static void add_outcome(struct buf *b, const struct ledger_row *r)
{
    if (r->outcome == OUTCOME_OK)
        return;
    buf_byte(b, ' ');
    buf_append(b, str_of(outcome_name(r->outcome)));
    if (r->error_code.n) {
        buf_byte(b, ':');
        add_word(b, r->error_code);
    }
}

/* A local answer whose prompt a cloud engine had first. */
static void add_cloud(struct buf *b, const struct ledger_row *r)
{
    const struct ledger_leg *own = ledger_own_leg(r);
    for (size_t i = 0; i < r->nlegs; i++) {
        const struct ledger_leg *l = &r->legs[i];
        if (l == own || l->side != SIDE_CLOUD || !l->has_left)
            continue;
        buf_lit(b, " after-cloud:");
        add_word(b, l->engine);
        buf_byte(b, '/');
        add_word(b, l->model);
    }
}

/* What was asked for, and who chose: nobody where a name was pinned, and nothing is known
 * of a body that could not be read. */
static void add_asked(struct buf *b, const struct ledger_row *r)
{
    add_word(b, r->open.model_asked);
    if (r->open.model_asked.n == 0)
        return;
    if (str_find(r->reasons_json, STR("{\"rule\":\"pin\"")) >= 0) {
        buf_lit(b, " (asked for)");
        return;
    }
    buf_lit(b, "->");
    add_word(b, r->policy);
}

static void add_id(struct buf *b, const struct ledger_row *r)
{
    char own[UID_TEXT];
    ledger_format_uid(r->open.uid, own);
    buf_lit(b, " id=");
    buf_append(b, str_of(own));
    if (r->open.request_id.n == 0 || str_eqz(r->open.request_id, own))
        return;
    buf_lit(b, " client-id=");
    add_word(b, r->open.request_id);
}

/* Of "...: score 0.05, threshold 0.75: against it: cut off; for it: ..." the score and
 * the strongest reason; what quotes the answer behind that is left out. */
static void add_judged(struct buf *b, const struct ledger_row *r)
{
    struct str words = judged_words_of(r);
    enum judged j = judged_of(words, r->outcome);
    if (LIKELY(j == JUDGED_NOT))
        return;
    buf_lit(b, " judged:");
    buf_append(b, str_of(judged_name(j)));
    ptrdiff_t at = str_find(words, STR("score "));
    if (at < 0)
        return;
    struct str why = str_sub(words, (size_t)at, words.n);
    ptrdiff_t end = str_find(why, STR("; "));
    why = str_sub(why, 0, end < 0 ? why.n : (size_t)end);
    buf_lit(b, " (");
    clean_append(b, str_sub(why, 0, JUDGED_BYTES));
    buf_byte(b, ')');
}

static void add_text(struct access *a, const struct ledger_row *r)
{
    struct buf *b = &a->out;
    add_clock(a, r->open.ts_ms + r->total_ms);
    buf_byte(b, ' ');
    if (a->is_for_eyes) {
        access_add_for_eyes(a, r);
        return;
    }
    buf_u64(b, (uint64_t)r->status);
    if (r->has_engine) {
        buf_byte(b, ' ');
        buf_append(b, str_of(side_name(r->side)));
        buf_byte(b, ' ');
        add_word(b, r->engine);
        buf_byte(b, '/');
        add_word(b, r->model_used);
    } else {
        buf_lit(b, " - -");
    }
    buf_byte(b, ' ');
    add_asked(b, r);
    if (UNLIKELY(r->nlegs > 1 || (r->nlegs && r->was_at_cloud)))
        add_cloud(b, r);
    add_outcome(b, r);
    buf_byte(b, ' ');
    buf_u64(b, r->total_ms);
    buf_lit(b, " ms");
    if (ledger_first_token_ms(r) >= 0) {
        buf_lit(b, " ttft ");
        buf_i64(b, ledger_first_token_ms(r));
        buf_lit(b, " ms");
    }
    if (r->usage.is_known) {
        buf_byte(b, ' ');
        buf_u64(b, r->usage.input_tokens);
        buf_byte(b, '+');
        buf_u64(b, r->usage.output_tokens);
        buf_lit(b, " tok");
    }
    if (r->has_engine)
        add_cost(b, r);
    add_judged(b, r);
    add_id(b, r);
}

static void add_json(struct access *a, const struct ledger_row *r)
{
    struct buf row;
    buf_init(&row, MOST_BYTES);
    ledger_row_json(r, &row);
    clean_append_json(&a->out, buf_view(&row));
    buf_release(&row);
}

void access_add(struct access *a, const struct ledger_row *r)
{
    if (a->kind == ACCESS_LOG_OFF)
        return;
    if (a->kind == ACCESS_LOG_JSON)
        add_json(a, r);
    else
        add_text(a, r);
    buf_byte(&a->out, '\n');
    if (buf_len(&a->out) > FLUSH_BYTES)
        access_flush(a);
}

void access_flush(struct access *a)
{
    printer_put(buf_view(&a->out));
    buf_clear(&a->out);
}
