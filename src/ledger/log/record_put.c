/* record_put.c -- records to bytes.
 *
 * On the worker's path: it reserves once for the longest record that there may be, and
 * stores through a pointer that each step hands on. */
#include "ledger/log/fields.h"
#include "ledger/log/record.h"
#include "ledger/log/uid.h"

#include "core/hash.h"

enum {
    KEY_BYTES = 1,
    NUMBER_MOST = KEY_BYTES + 10,
    EIGHT_MOST = KEY_BYTES + 9,
    WORD_MOST = KEY_BYTES + 2 + RECORD_WORD_BYTES,
    REASONS_MOST = KEY_BYTES + 3 + RECORD_REASONS_BYTES,
    OPEN_MOST = 2 * EIGHT_MOST + 4 * NUMBER_MOST + 3 * WORD_MOST,
    ATTEMPT_MOST = EIGHT_MOST + 3 * NUMBER_MOST + 4 * WORD_MOST + REASONS_MOST,
    LEG_MOST = EIGHT_MOST + 20 * NUMBER_MOST + 4 * WORD_MOST,
    SETTLE_MOST = OPEN_MOST + 27 * NUMBER_MOST + 9 * WORD_MOST + REASONS_MOST,
    FEEDBACK_MOST = EIGHT_MOST + 2 * NUMBER_MOST,
    SHORT_WORD = 64
};
_Static_assert((int)FIELD_COUNT <= 64, "a key is one byte");
_Static_assert((int)SETTLE_MOST <= (int)RECORD_PAYLOAD_BYTES,
               "a reader takes what is written");

typedef unsigned char byte;

static inline byte *put_varint(byte *p, uint64_t v)
{
    for (; v >= 0x80; v >>= 7)
        *p++ = (byte)(v | 0x80);
    *p++ = (byte)v;
    return p;
}

static inline byte *put_number(byte *p, enum field f, uint64_t v)
{
    if (v == 0)
        return p;
    *p++ = (byte)(f << 1);
    return put_varint(p, v);
}

static inline byte *put_signed(byte *p, enum field f, int64_t v)
{
    return put_number(p, f, (uint64_t)v << 1 ^ (uint64_t)(v >> 63));
}

static inline byte *put_eight(byte *p, enum field f, uint64_t v)
{
    p[0] = (byte)(f << 1 | 1);
    p[1] = 8;
    for (int i = 0; i < 8; i++)
        p[2 + i] = (byte)(v >> (8 * i));
    return p + 2 + 8;
}

/* The longest front of s within the ceiling that does not split a character. */
static NOINLINE size_t cut_length(struct str s, size_t ceiling)
{
    size_t n = ceiling;
    while (n > 0 && ((byte)s.p[n] & 0xC0) == 0x80)
        n--;
    return n;
}

static NOINLINE void replace_magic(byte *at, const byte *end)
{
    while ((at = memchr(at, RECORD_MAGIC_0, (size_t)(end - at))))
        *at = '?';
}

/* Copies, and tells whether there is a byte that ASCII has not. */
static inline uint64_t copy_short(byte *p, const char *from, size_t n)
{
    uint64_t word, seen = 0;
    size_t i = 0;
    for (; i + 8 <= n; i += 8) {
        memcpy(&word, from + i, 8);
        memcpy(p + i, &word, 8);
        seen |= word;
    }
    for (; i < n; i++) {
        p[i] = (byte)from[i];
        seen |= p[i];
    }
    return seen & UINT64_C(0x8080808080808080);
}

static byte *put_bytes(byte *p, enum field f, struct str s)
{
    *p++ = (byte)(f << 1 | 1);
    p = put_varint(p, s.n);
    if (UNLIKELY(s.n > SHORT_WORD))
        memcpy(p, s.p, s.n);
    if (s.n > SHORT_WORD || UNLIKELY(copy_short(p, s.p, s.n)))
        replace_magic(p, p + s.n);
    return p + s.n;
}

static inline byte *put_word(byte *p, enum field f, struct str s)
{
    if (s.n == 0)
        return p;
    if (UNLIKELY(s.n > RECORD_WORD_BYTES))
        s.n = cut_length(s, RECORD_WORD_BYTES);
    return put_bytes(p, f, s);
}

/* Reasons are JSON: cut JSON is no JSON, so what is too long is replaced. */
static inline byte *put_reasons(byte *p, struct str reasons)
{
    if (reasons.n == 0)
        return p;
    if (UNLIKELY(reasons.n > RECORD_REASONS_BYTES))
        reasons = STR("[{\"rule\":\"reasons\",\"detail\":\"too long to keep\"}]");
    return put_bytes(p, FIELD_REASONS, reasons);
}

/* 0: none; else one more than its place. */
static unsigned label_code(const char *label)
{
    struct str word = str_of(label);
    for (unsigned i = 0; word.n && i < SENSITIVITY_COUNT; i++)
        if (str_eqz(word, sensitivity_name((enum sensitivity)i)))
            return i + 1;
    return 0;
}

/* Where the payload begins; NULL: no room for payload_max bytes of it. */
static byte *begin(struct buf *b, size_t payload_max)
{
    size_t need = RECORD_HEAD_BYTES + payload_max;
    if (need > b->max_bytes || buf_len(b) > b->max_bytes - need)
        return NULL;
    if (UNLIKELY(b->cap - b->n < need) && !buf_reserve(b, need)) {
        b->failed = false;
        return NULL;
    }
    return (byte *)b->p + b->n + RECORD_HEAD_BYTES;
}

static inline void put_u32(byte *p, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        p[i] = (byte)(v >> (8 * i));
}

static void end(struct buf *b, const byte *p, enum record_type type)
{
    byte *head = (byte *)b->p + b->n;
    size_t size = (size_t)(p - head);
    head[0] = RECORD_MAGIC_0;
    head[1] = RECORD_MAGIC_1;
    head[2] = (byte)type;
    head[3] = RECORD_VERSION;
    put_u32(head + 4, (uint32_t)(size - RECORD_HEAD_BYTES));
    uint32_t crc = crc32c(0, (struct str){(const char *)head + 2, 6});
    crc = crc32c(crc, (struct str){(const char *)head + RECORD_HEAD_BYTES,
                                   size - RECORD_HEAD_BYTES});
    put_u32(head + 8, crc);
    b->n += size;
}

static byte *put_open(byte *p, const struct ledger_open *o)
{
    p = put_eight(p, FIELD_UID, o->uid);
    p = put_signed(p, FIELD_TS, (int64_t)(o->ts_ms - uid_time_ms(o->uid)));
    if (o->session)
        p = put_eight(p, FIELD_SESSION, o->session);
    p = put_number(p, FIELD_DIALECT, o->dialect);
    p = put_number(p, FIELD_SURFACE, o->surface);
    p = put_number(p, FIELD_LABEL, label_code(o->label));
    p = put_word(p, FIELD_REQUEST_ID, o->request_id);
    p = put_word(p, FIELD_KEY, o->key);
    return put_word(p, FIELD_MODEL_ASKED, o->model_asked);
}

bool record_put_open(struct buf *b, const struct ledger_open *o)
{
    byte *p = begin(b, OPEN_MOST);
    if (!p)
        return false;
    end(b, put_open(p, o), RECORD_OPEN);
    return true;
}

bool record_put_attempt(struct buf *b, const struct ledger_attempt *a)
{
    byte *p = begin(b, ATTEMPT_MOST);
    if (!p)
        return false;
    p = put_eight(p, FIELD_UID, a->uid);
    p = put_number(p, FIELD_NUMBER, a->number);
    p = put_number(p, FIELD_PURPOSE, a->purpose);
    p = put_number(p, FIELD_SIDE, a->side);
    p = put_word(p, FIELD_ENGINE, a->engine);
    p = put_word(p, FIELD_MODEL, a->model);
    p = put_word(p, FIELD_POLICY, a->policy);
    p = put_word(p, FIELD_ROLE, a->role);
    p = put_reasons(p, a->reasons_json);
    end(b, p, RECORD_ATTEMPT);
    return true;
}

static byte *put_usage(byte *p, const struct usage *u)
{
    p = put_number(p, FIELD_INPUT, u->input_tokens);
    p = put_number(p, FIELD_CACHED, u->cached_tokens);
    p = put_number(p, FIELD_CACHE_WRITE, u->cache_write_tokens);
    p = put_number(p, FIELD_OUTPUT, u->output_tokens);
    p = put_number(p, FIELD_REASONING, u->reasoning_tokens);
    p = put_number(p, FIELD_AUDIO_INPUT, u->audio_input_tokens);
    p = put_number(p, FIELD_AUDIO_OUTPUT, u->audio_output_tokens);
    return put_number(p, FIELD_TIER, u->tier);
}

static inline byte *put_paid(byte *p, const struct usage *u, int64_t cost_nanousd,
                             struct str price_date)
{
    p = put_usage(p, u);
    p = put_signed(p, FIELD_COST, cost_nanousd);
    return put_word(p, FIELD_PRICE_DATE, price_date);
}

static inline byte *put_sizes(byte *p, int64_t ttft_ms, uint64_t total_ms,
                              uint64_t sent_bytes, uint64_t answer_bytes)
{
    p = put_number(p, FIELD_TTFT, (uint64_t)ttft_ms + 1); /* -1: no content came */
    p = put_number(p, FIELD_TOTAL, total_ms);
    p = put_number(p, FIELD_SENT_BYTES, sent_bytes);
    return put_number(p, FIELD_ANSWER_BYTES, answer_bytes);
}

static uint64_t status_code(int status)
{
    return status > 0 ? (uint64_t)status : 0;
}

bool record_put_leg(struct buf *b, const struct ledger_leg *l)
{
    byte *p = begin(b, LEG_MOST);
    if (!p)
        return false;
    p = put_eight(p, FIELD_UID, l->uid);
    p = put_number(p, FIELD_NUMBER, l->number);
    p = put_number(p, FIELD_PURPOSE, l->purpose);
    p = put_number(p, FIELD_FLAGS,
                   (l->is_promised ? LEG_FLAG_PROMISED : 0U) |
                       (l->usage.is_known ? LEG_FLAG_USAGE : 0U) |
                       (l->usage_is_reported ? LEG_FLAG_REPORTED : 0U) |
                       (l->has_left ? LEG_FLAG_LEFT : 0U) |
                       (l->is_bare ? LEG_FLAG_BARE : 0U));
    p = put_number(p, FIELD_SIDE, l->side);
    p = put_word(p, FIELD_ENGINE, l->engine);
    p = put_word(p, FIELD_MODEL, l->model);
    p = put_number(p, FIELD_STATUS, status_code(l->status));
    p = put_number(p, FIELD_OUTCOME, l->outcome);
    p = put_word(p, FIELD_ERROR_CODE, l->error_code);
    p = put_paid(p, &l->usage, l->cost_nanousd, l->price_date);
    p = put_number(p, FIELD_STARTED, l->started_ms);
    p = put_sizes(p, l->ttft_ms, l->total_ms, l->sent_bytes, l->answer_bytes);
    end(b, p, RECORD_LEG);
    return true;
}

static byte *put_knew(byte *p, const struct ledger_knew *k)
{
    p = put_number(p, FIELD_KNEW_INPUT, k->input_estimate);
    p = put_number(p, FIELD_KNEW_OUTPUT_LIMIT, k->output_limit);
    p = put_number(p, FIELD_KNEW_NEEDS, k->needs);
    p = put_number(p, FIELD_KNEW_FLAGS,
                   (k->wants_quality ? KNEW_QUALITY : 0U) |
                       (k->has_latency ? KNEW_LATENCY : 0U));
    p = put_number(p, FIELD_KNEW_LATENCY, k->latency_ms);
    p = put_number(p, FIELD_KNEW_DEADLINE, k->deadline);
    p = put_number(p, FIELD_KNEW_DEADLINE_S, k->deadline_s);
    return put_word(p, FIELD_KNEW_HEALTH, k->health);
}

static byte *put_choice(byte *p, const struct ledger_row *r)
{
    p = put_number(p, FIELD_SIDE, r->side);
    p = put_word(p, FIELD_ENGINE, r->engine);
    p = put_word(p, FIELD_MODEL, r->model_used);
    p = put_word(p, FIELD_POLICY, r->policy);
    p = put_word(p, FIELD_ROLE, r->role);
    p = put_reasons(p, r->reasons_json);
    p = put_number(p, FIELD_ATTEMPTS, r->attempts);
    return put_number(p, FIELD_LEGS, r->nlegs_told);
}

bool record_put_settle(struct buf *b, const struct ledger_row *r)
{
    byte *p = begin(b, SETTLE_MOST);
    if (!p)
        return false;
    p = put_open(p, &r->open);
    p = put_word(p, FIELD_SESSION_NAME, r->session_name);
    p = put_number(
        p, FIELD_FLAGS,
        (r->has_engine ? ROW_ENGINE : 0U) | (r->usage.is_known ? ROW_USAGE : 0U) |
            (r->usage_is_reported ? ROW_REPORTED : 0U) |
            (r->is_stream ? ROW_STREAM : 0U) | (r->was_at_cloud ? ROW_AT_CLOUD : 0U));
    p = put_choice(p, r);
    p = put_number(p, FIELD_STATUS, status_code(r->status));
    p = put_number(p, FIELD_OUTCOME, r->outcome);
    p = put_word(p, FIELD_ERROR_CODE, r->error_code);
    p = put_paid(p, &r->usage, r->cost_nanousd, r->price_date);
    p = put_sizes(p, r->ttft_ms, r->total_ms, r->request_bytes, r->answer_bytes);
    p = put_knew(p, &r->knew);
    end(b, put_word(p, FIELD_NOTED, r->noted), RECORD_SETTLE);
    return true;
}

bool record_put_feedback(struct buf *b, const struct ledger_feedback *f)
{
    byte *p = begin(b, FEEDBACK_MOST);
    if (!p)
        return false;
    p = put_eight(p, FIELD_UID, f->uid);
    p = put_signed(p, FIELD_TS, (int64_t)(f->ts_ms - uid_time_ms(f->uid)));
    end(b, put_number(p, FIELD_FEEDBACK, f->said), RECORD_FEEDBACK);
    return true;
}
