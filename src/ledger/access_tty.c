/* access_tty.c -- the access log for eyes: two lines of at most 80 columns a request.
 *
 * 05:34:04 local qwen2.5:7b on ollama        ttft  0.84s    120+240 tok  $0
 *          auto -> local-first: local: an engine here can do it
 *
 * Of a request that was refused or failed the reason goes on over further lines.
 * Written only where stderr is a terminal; anywhere else access.c's one line is. */
#include "ledger/access.h"

#include "facts/money.h"
#include "ledger/judged.h"
#include "json/scan.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { NAME_COLUMNS = 27, ENGINE_COLUMNS = 13, WHY_COLUMNS = 70 };

bool access_is_for_eyes(int fd)
{
    const char *term = getenv("TERM");
    return isatty(fd) && term && strcmp(term, "dumb") != 0;
}

bool access_wants_colour(void)
{
    const char *no = getenv("NO_COLOR");
    return !(no && *no);
}

/* At most `most` columns of s, blank or worse as '?'; the number written. */
static int add_clean(struct buf *b, struct str s, int most, bool keep_blanks)
{
    int n = 0;
    for (size_t i = 0; i < s.n && n < most; i++, n++) {
        unsigned char c = (unsigned char)s.p[i];
        bool is_clean = (c > ' ' && c < 0x7F) || (keep_blanks && c == ' ');
        buf_byte(b, (char)(is_clean ? c : '?'));
    }
    return n;
}

static void add_side(struct access *a, const struct ledger_row *r)
{
    const char *word = r->has_engine ? side_name(r->side) : "-";
    const char *code = r->outcome != OUTCOME_OK ? "\033[31m"
                       : r->side == SIDE_CLOUD  ? "\033[33m"
                                                : "\033[32m";
    if (a->wants_colour)
        buf_printf(&a->out, "%s%-5s\033[0m ", code, word);
    else
        buf_printf(&a->out, "%-5s ", word);
}

static void add_name(struct buf *b, const struct ledger_row *r)
{
    int n = 0;
    if (r->has_engine) {
        int room = NAME_COLUMNS - 4 -
                   (int)(r->engine.n < ENGINE_COLUMNS ? r->engine.n : ENGINE_COLUMNS);
        n = add_clean(b, r->model_used, room, false);
        buf_lit(b, " on ");
        n += 4 + add_clean(b, r->engine, ENGINE_COLUMNS, false);
    } else {
        n = add_clean(b, r->open.model_asked, NAME_COLUMNS, false);
    }
    buf_printf(b, "%*s", NAME_COLUMNS - n, "");
}

static void add_money(struct buf *b, int64_t nanousd)
{
    char usd[MONEY_TEXT];
    if (nanousd < 0) {
        buf_lit(b, "  unknown");
    } else if (nanousd == 0) {
        buf_lit(b, "  $0");
    } else if (nanousd < 1000) {
        buf_lit(b, "  <$0.000001");
    } else {
        money_format(nanousd, 6, usd);
        buf_printf(b, "  %s", usd);
    }
}

static void add_figures(struct buf *b, const struct ledger_row *r)
{
    char tokens[48] = "";
    if (ledger_first_token_ms(r) >= 0)
        buf_printf(b, " ttft %5.2fs", (double)ledger_first_token_ms(r) / 1000.0);
    else if (r->ttft_ms >= 0) /* a whole answer */
        buf_printf(b, " took %5.2fs", (double)r->total_ms / 1000.0);
    else
        buf_printf(b, "%12s", "");
    if (r->usage.is_known)
        snprintf(tokens, sizeof tokens, "%llu+%llu tok",
                 (unsigned long long)r->usage.input_tokens,
                 (unsigned long long)r->usage.output_tokens);
    buf_printf(b, " %14s", tokens);
    if (r->has_engine)
        add_money(b, r->cost_nanousd);
}

struct said {
    struct json_string rule, detail;
};

static struct said read_reason(struct json_cur *c)
{
    struct said said = {{STR(""), false}, {STR(""), false}};
    struct json_string key;
    if (!json_enter_object(c))
        return said;
    while (json_next_member(c, &key)) {
        if (str_eqz(key.raw, "rule"))
            json_read_string(c, &said.rule);
        else if (str_eqz(key.raw, "detail"))
            json_read_string(c, &said.detail);
        else
            json_skip(c, NULL);
    }
    return said;
}

/* The reason that decided: the policy's, else the last one before what came after the
 * answer. */
static struct said deciding_reason(const struct ledger_row *r)
{
    struct json_cur c;
    struct said best = {{STR(""), false}, {STR(""), false}};
    json_begin(&c, r->reasons_json);
    if (!json_enter_array(&c))
        return best;
    while (json_next_element(&c)) {
        struct said said = read_reason(&c);
        bool is_policy = best.rule.raw.n && str_eq(best.rule.raw, r->policy);
        if (!is_policy && !str_eqz(said.rule.raw, "truncated"))
            best = said;
    }
    return best;
}

/* "503 error engine_down: ", and the columns it took. */
static int add_failure(struct buf *b, const struct ledger_row *r)
{
    size_t before = buf_len(b);
    buf_printf(b, "%d %s ", r->status, outcome_name(r->outcome));
    add_clean(b, r->error_code, WHY_COLUMNS / 2, false);
    buf_lit(b, ": ");
    return (int)(buf_len(b) - before);
}

/* "cloud had it first: ", and the columns it took. */
static int add_after_cloud(struct buf *b, const struct ledger_row *r)
{
    struct str words = STR("cloud had it first; ");
    if (!ledger_is_local_after_cloud(r))
        return 0;
    buf_append(b, words);
    return (int)words.n;
}

/* "kept; ", what became of an answer that was judged, and the columns it took.  Where a
 * stronger model answered, the reason says it. */
static int add_judged(struct buf *b, const struct ledger_row *r)
{
    enum judged j = judged_of(judged_words_of(r), r->outcome);
    if (j == JUDGED_NOT || j == JUDGED_ESCALATED || j == JUDGED_CANCELLED)
        return 0;
    size_t before = buf_len(b);
    buf_printf(b, "judged: %s; ", judged_name(j));
    return (int)(buf_len(b) - before);
}

/* Word by word over as many lines as it takes: of a refusal the end matters as much as
 * the beginning.  `room` is what is left of the first line. */
static void add_wrapped(struct buf *b, struct str text, int room)
{
    struct str word;
    for (bool is_first = true; str_split(&text, ' ', &word); is_first = false) {
        if (!is_first && (int)word.n + 1 > room) {
            buf_lit(b, "\n         ");
            room = WHY_COLUMNS;
        } else if (!is_first) {
            buf_byte(b, ' ');
            room--;
        }
        room -= add_clean(b, word, room > 0 ? room : 0, false);
    }
}

static void add_why(struct buf *b, const struct ledger_row *r)
{
    struct said said = deciding_reason(r);
    int room = WHY_COLUMNS;
    buf_lit(b, "\n         ");
    room -= add_after_cloud(b, r);
    room -= add_judged(b, r);
    if (r->outcome == OUTCOME_OK) {
        room -= add_clean(b, r->open.model_asked, 24, false) + 4;
        buf_lit(b, " -> ");
        room -= add_clean(b, said.rule.raw, 24, false) + 2;
        buf_lit(b, ": ");
    } else {
        room -= add_failure(b, r);
    }
    if (r->outcome == OUTCOME_OK)
        add_clean(b, said.detail.raw, room, true);
    else
        add_wrapped(b, said.detail.raw, room);
}

void access_add_for_eyes(struct access *a, const struct ledger_row *r)
{
    add_side(a, r);
    add_name(&a->out, r);
    add_figures(&a->out, r);
    add_why(&a->out, r);
}
