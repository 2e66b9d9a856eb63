/* record_get.c -- bytes to records of version 3.
 *
 * It trusts nothing: a checksum shows damage, but not who wrote the bytes, so every
 * field is bounded by the payload and every word of a closed set by its set. */
#include "ledger/log/fields.h"
#include "ledger/log/record.h"
#include "ledger/log/record_old.h"
#include "ledger/log/uid.h"

struct fields {
    uint64_t has; /* a bit for each that is there */
    uint64_t numbers[FIELD_COUNT];
    struct str bytes[FIELD_COUNT];
    bool is_bad;
};

static bool get_varint(const unsigned char **p, const unsigned char *end, uint64_t *ret)
{
    uint64_t v = 0;
    for (unsigned shift = 0; *p < end && shift < 64; shift += 7) {
        unsigned char b = *(*p)++;
        if (shift == 63 && b > 1)
            return false;
        v |= (uint64_t)(b & 0x7F) << shift;
        if (b < 0x80) {
            *ret = v;
            return true;
        }
    }
    return false;
}

/* One field of this weir's: of its kind, and there once. */
static bool keep(struct fields *f, unsigned number, bool is_bytes, uint64_t v,
                 const unsigned char *at)
{
    uint64_t bit = FIELD_BIT(number);
    if (is_bytes != ((FIELDS_OF_BYTES & bit) != 0) || f->has & bit)
        return false;
    f->has |= bit;
    f->numbers[number] = v;
    f->bytes[number] = (struct str){(const char *)at, (size_t)v};
    return true;
}

static bool get_fields(struct str payload, struct fields *f)
{
    const unsigned char *p = (const unsigned char *)payload.p, *end = p + payload.n;
    f->has = 0;
    f->is_bad = false;
    while (p < end) {
        uint64_t key, v;
        if (!get_varint(&p, end, &key) || !get_varint(&p, end, &v) || key >> 1 == 0)
            return false;
        bool is_bytes = key & 1;
        if (is_bytes && v > (uint64_t)(end - p))
            return false;
        if (key >> 1 < FIELD_COUNT && !keep(f, (unsigned)(key >> 1), is_bytes, v, p))
            return false;
        p += is_bytes ? v : 0;
    }
    return true;
}

static bool has(const struct fields *f, enum field which)
{
    return f->has >> which & 1;
}

static uint64_t number(struct fields *f, enum field which, uint64_t most)
{
    uint64_t v = has(f, which) ? f->numbers[which] : 0;
    f->is_bad |= v > most;
    return v;
}

/* What the store can hold. */
static uint64_t number64(struct fields *f, enum field which)
{
    return number(f, which, INT64_MAX);
}

static uint32_t number32(struct fields *f, enum field which)
{
    return (uint32_t)number(f, which, UINT32_MAX);
}

static int64_t number_signed(const struct fields *f, enum field which)
{
    uint64_t v = has(f, which) ? f->numbers[which] : 0;
    return (int64_t)(v >> 1 ^ (0 - (v & 1)));
}

static unsigned word_of_set(const struct fields *f, enum field which, unsigned count,
                            unsigned unknown)
{
    uint64_t v = has(f, which) ? f->numbers[which] : 0;
    return v < count ? (unsigned)v : unknown;
}

static struct str bytes(const struct fields *f, enum field which)
{
    return has(f, which) ? f->bytes[which] : STR("");
}

static uint64_t eight(struct fields *f, enum field which)
{
    struct str s = bytes(f, which);
    uint64_t v = 0;
    if (s.n == 0)
        return 0;
    f->is_bad |= s.n != 8;
    for (unsigned i = 0; i < 8 && s.n == 8; i++)
        v |= (uint64_t)(unsigned char)s.p[i] << (8 * i);
    return v;
}

static int64_t cost(struct fields *f)
{
    int64_t v = number_signed(f, FIELD_COST);
    f->is_bad |= v < COST_UNKNOWN;
    return v;
}

static int64_t ttft(struct fields *f)
{
    return (int64_t)number64(f, FIELD_TTFT) - 1;
}

/* A side that is not known is not ours. */
static enum side side(const struct fields *f)
{
    return (enum side)word_of_set(f, FIELD_SIDE, SIDE_COUNT, SIDE_CLOUD);
}

static enum outcome outcome(const struct fields *f)
{
    return (enum outcome)word_of_set(f, FIELD_OUTCOME, OUTCOME_COUNT, OUTCOME_ERROR);
}

static enum leg_purpose purpose(const struct fields *f)
{
    return (enum leg_purpose)word_of_set(f, FIELD_PURPOSE, LEG_PURPOSES, LEG_PURPOSES);
}

static void get_usage(struct fields *f, struct usage *u)
{
    *u = (struct usage){
        .input_tokens = number64(f, FIELD_INPUT),
        .cached_tokens = number64(f, FIELD_CACHED),
        .cache_write_tokens = number64(f, FIELD_CACHE_WRITE),
        .output_tokens = number64(f, FIELD_OUTPUT),
        .reasoning_tokens = number64(f, FIELD_REASONING),
        .audio_input_tokens = number64(f, FIELD_AUDIO_INPUT),
        .audio_output_tokens = number64(f, FIELD_AUDIO_OUTPUT),
        .tier = (enum service_tier)word_of_set(f, FIELD_TIER, TIER_COUNT, TIER_OTHER),
    };
}

/* False when it is not of this type and version or has no uid. */
static bool begin(const struct record *r, enum record_type type, struct fields *f)
{
    return r->type == type && r->version == RECORD_VERSION && get_fields(r->payload, f) &&
           has(f, FIELD_UID) && f->bytes[FIELD_UID].n == 8;
}

static bool is_old(const struct record *r)
{
    return r->version == RECORD_VERSION_1 || r->version == RECORD_VERSION_2;
}

static void get_open(struct fields *f, struct ledger_open *o)
{
    unsigned label = word_of_set(f, FIELD_LABEL, SENSITIVITY_COUNT + 1, 0);
    *o = (struct ledger_open){
        .uid = eight(f, FIELD_UID),
        .session = eight(f, FIELD_SESSION),
        .dialect = (enum dialect_id)word_of_set(f, FIELD_DIALECT, DIALECT_COUNT, 0),
        .surface = (enum surface)word_of_set(f, FIELD_SURFACE, SURFACE_COUNT, 0),
        .label = label ? sensitivity_name((enum sensitivity)(label - 1)) : "",
        .request_id = bytes(f, FIELD_REQUEST_ID),
        .key = bytes(f, FIELD_KEY),
        .model_asked = bytes(f, FIELD_MODEL_ASKED),
    };
    o->ts_ms = uid_time_ms(o->uid) + (uint64_t)number_signed(f, FIELD_TS);
    f->is_bad |= o->ts_ms > INT64_MAX;
}

bool record_get_open(const struct record *r, struct ledger_open *ret)
{
    struct fields f;
    if (UNLIKELY(is_old(r)))
        return record_get_old_open(r, ret);
    if (!begin(r, RECORD_OPEN, &f))
        return false;
    get_open(&f, ret);
    return !f.is_bad;
}

bool record_get_attempt(const struct record *r, struct ledger_attempt *ret)
{
    struct fields f;
    if (UNLIKELY(is_old(r)))
        return record_get_old_attempt(r, ret);
    if (!begin(r, RECORD_ATTEMPT, &f))
        return false;
    *ret = (struct ledger_attempt){
        .uid = eight(&f, FIELD_UID),
        .number = number32(&f, FIELD_NUMBER),
        .purpose = purpose(&f),
        .side = side(&f),
        .engine = bytes(&f, FIELD_ENGINE),
        .model = bytes(&f, FIELD_MODEL),
        .policy = bytes(&f, FIELD_POLICY),
        .role = bytes(&f, FIELD_ROLE),
        .reasons_json = bytes(&f, FIELD_REASONS),
    };
    return !f.is_bad;
}

bool record_get_leg(const struct record *r, struct ledger_leg *ret)
{
    struct fields f;
    if (!begin(r, RECORD_LEG, &f))
        return false;
    uint64_t flags = number64(&f, FIELD_FLAGS);
    *ret = (struct ledger_leg){
        .uid = eight(&f, FIELD_UID),
        .number = number32(&f, FIELD_NUMBER),
        .purpose = purpose(&f),
        .is_promised = flags & LEG_FLAG_PROMISED,
        .side = side(&f),
        .engine = bytes(&f, FIELD_ENGINE),
        .model = bytes(&f, FIELD_MODEL),
        .status = (int)number(&f, FIELD_STATUS, INT32_MAX),
        .outcome = outcome(&f),
        .error_code = bytes(&f, FIELD_ERROR_CODE),
        .has_left = flags & LEG_FLAG_LEFT,
        .is_bare = flags & LEG_FLAG_BARE,
        .usage_is_reported = flags & LEG_FLAG_REPORTED,
        .cost_nanousd = cost(&f),
        .price_date = bytes(&f, FIELD_PRICE_DATE),
        .started_ms = number64(&f, FIELD_STARTED),
        .ttft_ms = ttft(&f),
        .total_ms = number64(&f, FIELD_TOTAL),
        .sent_bytes = number64(&f, FIELD_SENT_BYTES),
        .answer_bytes = number64(&f, FIELD_ANSWER_BYTES),
    };
    get_usage(&f, &ret->usage);
    ret->usage.is_known = flags & LEG_FLAG_USAGE;
    return !f.is_bad;
}

bool record_get_feedback(const struct record *r, struct ledger_feedback *ret)
{
    struct fields f;
    if (!begin(r, RECORD_FEEDBACK, &f))
        return false;
    *ret = (struct ledger_feedback){
        .uid = eight(&f, FIELD_UID),
        .said = (enum feedback)word_of_set(&f, FIELD_FEEDBACK, FEEDBACK_KINDS,
                                           FEEDBACK_KINDS),
    };
    ret->ts_ms = uid_time_ms(ret->uid) + (uint64_t)number_signed(&f, FIELD_TS);
    return ret->ts_ms <= INT64_MAX && ret->said != FEEDBACK_NONE;
}

static void get_knew(struct fields *f, struct ledger_knew *k)
{
    uint64_t flags = number64(f, FIELD_KNEW_FLAGS);
    *k = (struct ledger_knew){
        .input_estimate = number64(f, FIELD_KNEW_INPUT),
        .output_limit = number32(f, FIELD_KNEW_OUTPUT_LIMIT),
        .needs = number32(f, FIELD_KNEW_NEEDS),
        .wants_quality = flags & KNEW_QUALITY,
        .has_latency = flags & KNEW_LATENCY,
        .latency_ms = number32(f, FIELD_KNEW_LATENCY),
        .deadline = (uint8_t)number(f, FIELD_KNEW_DEADLINE, UINT8_MAX),
        .deadline_s = number32(f, FIELD_KNEW_DEADLINE_S),
        .health = bytes(f, FIELD_KNEW_HEALTH),
    };
}

static void get_row(struct fields *f, struct ledger_row *r)
{
    uint64_t flags = number64(f, FIELD_FLAGS);
    *r = (struct ledger_row){
        .session_name = bytes(f, FIELD_SESSION_NAME),
        .side = side(f),
        .has_engine = flags & ROW_ENGINE,
        .engine = bytes(f, FIELD_ENGINE),
        .model_used = bytes(f, FIELD_MODEL),
        .policy = bytes(f, FIELD_POLICY),
        .role = bytes(f, FIELD_ROLE),
        .reasons_json = bytes(f, FIELD_REASONS),
        .status = (int)number(f, FIELD_STATUS, INT32_MAX),
        .outcome = outcome(f),
        .error_code = bytes(f, FIELD_ERROR_CODE),
        .attempts = number32(f, FIELD_ATTEMPTS),
        .usage_is_reported = flags & ROW_REPORTED,
        .cost_nanousd = cost(f),
        .was_at_cloud = flags & ROW_AT_CLOUD,
        .is_at_cloud_told = true,
        .price_date = bytes(f, FIELD_PRICE_DATE),
        .ttft_ms = ttft(f),
        .total_ms = number64(f, FIELD_TOTAL),
        .request_bytes = number64(f, FIELD_SENT_BYTES),
        .answer_bytes = number64(f, FIELD_ANSWER_BYTES),
        .is_stream = flags & ROW_STREAM,
        .nlegs_told = number32(f, FIELD_LEGS),
    };
    get_usage(f, &r->usage);
    r->usage.is_known = flags & ROW_USAGE;
}

bool record_get_settle(const struct record *r, struct ledger_row *ret,
                       struct ledger_legs *legs)
{
    struct fields f;
    if (UNLIKELY(is_old(r)))
        return record_get_old_settle(r, ret, legs);
    legs->n = 0;
    if (!begin(r, RECORD_SETTLE, &f))
        return false;
    get_row(&f, ret);
    get_open(&f, &ret->open);
    get_knew(&f, &ret->knew);
    ret->noted = bytes(&f, FIELD_NOTED);
    return !f.is_bad;
}
