/* classify.c -- what an engine means when it does not answer.
 *
 * The kind decides what the client is told, the code whether another engine may do
 * better and whether the engine is ill.  A 4xx is the client's own only when the words
 * do not blame what another engine may have: credit, a model, a longer context. */
#include "engine/classify.h"

#include "core/arena.h"
#include "engine/blame.h"
#include "engine/clean.h"
#include "engine/engine.h"
#include "engine/page.h"
#include "engine/statement.h"
#include "http/wait.h"

enum { ARENA_SPARE_BYTES = 8192, MAX_SPAN_BYTES = 24 };

struct meaning {
    enum err_kind kind;
    const char *code;
};

/* Each code once. */
#define CODE_CONTEXT    "context_length_exceeded"
#define CODE_FILTER     "content_filter"
#define CODE_REJECTED   "upstream_rejected"
#define CODE_SILENT     "upstream_no_reason"
#define CODE_UNCLEAR    "upstream_unclear"
#define CODE_ABILITY    "upstream_unsupported"
#define CODE_TOO_LARGE  "upstream_body_too_large"
#define CODE_AUTH       "upstream_auth"
#define CODE_PAYMENT    "upstream_payment"
#define CODE_QUOTA      "upstream_quota"
#define CODE_RATE       "upstream_rate_limit"
#define CODE_ACCOUNT    "upstream_account"
#define CODE_NOT_FOUND  "upstream_not_found"
#define CODE_OVERLOADED "upstream_overloaded"
#define CODE_TIMEOUT    "upstream_timeout"
#define CODE_ERROR      "upstream_error"
#define CODE_LOOP       "request_loop"

/* Another engine may do better, and this one is well all the same. */
static const char *const refusals[] = {
    CODE_CONTEXT, CODE_SILENT, CODE_UNCLEAR, CODE_ABILITY, CODE_TOO_LARGE, CODE_AUTH,
    CODE_PAYMENT, CODE_QUOTA,  CODE_RATE,    CODE_ACCOUNT, CODE_NOT_FOUND,
};

static bool is_code(const struct err *err, const char *code)
{
    return err->code && strcmp(err->code, code) == 0;
}

static bool is_refusal(const struct err *err)
{
    for (size_t i = 0; i < ARRAY_LEN(refusals); i++)
        if (is_code(err, refusals[i]))
            return true;
    return false;
}

bool engine_is_overflow(const struct err *err)
{
    return err->kind == ERR_BAD_REQUEST && is_code(err, CODE_CONTEXT);
}

bool engine_may_differ(const struct err *err)
{
    return err->kind == ERR_UPSTREAM || err->kind == ERR_TIMEOUT ||
           err->kind == ERR_RATE_LIMIT || err->kind == ERR_OVERLOAD ||
           err->kind == ERR_LOOP || is_refusal(err);
}

bool engine_is_ill(const struct err *err)
{
    return (err->kind == ERR_UPSTREAM || err->kind == ERR_TIMEOUT ||
            err->kind == ERR_OVERLOAD || err->kind == ERR_LOOP) &&
           !is_refusal(err);
}

bool engine_said_why(const struct err *err)
{
    return !is_code(err, CODE_SILENT);
}

/* -- meaning ------------------------------------------------------------------------- */

/* What the words blame, whatever the status; ERR_NONE when the status is to decide. */
static struct meaning meaning_of_blame(enum blame b)
{
    static const struct meaning table[] = {
        [BLAME_NOBODY] = {ERR_NONE, NULL},
        [BLAME_CONTEXT] = {ERR_BAD_REQUEST, CODE_CONTEXT},
        [BLAME_FILTER] = {ERR_BAD_REQUEST, CODE_FILTER},
        [BLAME_KEY] = {ERR_UPSTREAM, CODE_AUTH},
        [BLAME_MONEY] = {ERR_UPSTREAM, CODE_PAYMENT},
        [BLAME_QUOTA] = {ERR_UPSTREAM, CODE_QUOTA},
        [BLAME_RATE] = {ERR_RATE_LIMIT, CODE_RATE},
        [BLAME_ACCOUNT] = {ERR_UPSTREAM, CODE_ACCOUNT},
        [BLAME_MODEL] = {ERR_UPSTREAM, CODE_NOT_FOUND},
        [BLAME_LOADING] = {ERR_OVERLOAD, CODE_OVERLOADED},
        [BLAME_ABILITY] = {ERR_BAD_REQUEST, CODE_ABILITY},
        [BLAME_ENGINE] = {ERR_UPSTREAM, CODE_ERROR},
    };
    return table[b];
}

/* For an error inside a 200: the status it would have had. */
static int guess_status(const struct said *s)
{
    static const struct {
        const char *word;
        int status;
    } words[] = {
        {"rate_limit", 429},         {"quota", 429},
        {"resource_exhausted", 429}, {"overloaded", 503},
        {"unavailable", 503},        {"timeout", 504},
        {"authentication", 401},     {"invalid_api_key", 401},
        {"permission", 403},         {"too_large", 413},
        {"deadline_exceeded", 504},  {"invalid", 400},
        {"BadRequest", 400},         {"not_found", 404},
        {"exceed_context", 400},     {"context_length", 400},
    };
    if (s->status)
        return s->status;
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (said_has_code(s, words[i].word))
            return words[i].status;
    return 502;
}

static struct meaning meaning_of_status(int status, const struct said *s)
{
    switch (status) {
    case 400:
    case 422:
        return (struct meaning){ERR_BAD_REQUEST, blame_is_silent(s)  ? CODE_SILENT
                                                 : blame_is_vague(s) ? CODE_UNCLEAR
                                                                     : CODE_REJECTED};
    case 413:
        return (struct meaning){ERR_TOO_LARGE, CODE_TOO_LARGE};
    case 401:
    case 403:
        return (struct meaning){ERR_UPSTREAM, CODE_AUTH};
    case 402:
        return (struct meaning){ERR_UPSTREAM, CODE_PAYMENT};
    case 404:
    case 410:
        return (struct meaning){ERR_UPSTREAM, CODE_NOT_FOUND};
    case 408:
    case 504:
        return (struct meaning){ERR_TIMEOUT, CODE_TIMEOUT};
    case 429:
        return (struct meaning){ERR_RATE_LIMIT, CODE_RATE};
    case 503:
    case 529:
        return (struct meaning){ERR_OVERLOAD, CODE_OVERLOADED};
    case 500:
    case 502: /* also of an error inside a 200 */
        /* Some servers say of any fault that it is theirs. */
        if (statement_is_of_form(str_of(s->words)))
            return (struct meaning){ERR_BAD_REQUEST, CODE_REJECTED};
        return (struct meaning){ERR_UPSTREAM, CODE_ERROR};
    default:
        return (struct meaning){ERR_UPSTREAM, CODE_ERROR};
    }
}

/* Where the status says enough, words change only what is told of it. */
static struct meaning meaning_of(int status, const struct said *s)
{
    enum blame b = blame_of(s);
    struct meaning m = meaning_of_blame(b);
    switch (status) {
    case 508: /* of a weir, or a proxy */
        return (struct meaning){ERR_LOOP, CODE_LOOP};
    case 402:
    case 408:
    case 503:
    case 504:
    case 529:
        return meaning_of_status(status, s);
    case 429:
        return (struct meaning){ERR_RATE_LIMIT, b == BLAME_QUOTA || b == BLAME_MONEY
                                                    ? CODE_QUOTA
                                                    : CODE_RATE};
    case 401:
    case 403:
        if (b == BLAME_CONTEXT || b == BLAME_FILTER || b == BLAME_ENGINE)
            return meaning_of_status(status, s);
        break;
    case 404:
        if (b == BLAME_FILTER || b == BLAME_CONTEXT)
            return meaning_of_status(status, s);
        break;
    default:
        break;
    }
    return m.kind ? m : meaning_of_status(status, s);
}

/* A proxy's page, say: what it is called, and which status it came with. */
static void describe_page(int status, struct str page, struct meaning m, struct err *ret)
{
    char title[CLEAN_BYTES];
    page_title(page, title);
    if (title[0])
        err_set(ret, m.kind, m.code, "the engine answered HTTP %d with %s: \"%s\"",
                status, page_kind(page), title);
    else
        err_set(ret, m.kind, m.code,
                "the engine answered HTTP %d with %s instead of a reason", status,
                page_kind(page));
}

static void describe(int status, const struct said *s, struct err *ret)
{
    char message[CLEAN_BYTES];
    struct meaning m = meaning_of(status, s);
    clean_message(s->message, s->is_text, message);
    if (strcmp(m.code, CODE_AUTH) == 0)
        /* Such messages like to quote the key. */
        err_set(ret, m.kind, m.code, "the engine refused weir's credentials (HTTP %d)",
                status);
    else if (message[0])
        err_set(ret, m.kind, m.code, "%s", message);
    else if (s->page.n)
        describe_page(status, s->page, m, ret);
    else
        err_set(ret, m.kind, m.code, "the engine answered HTTP %d without a reason",
                status);
}

static bool is_span_char(char ch)
{
    return (ch >= '0' && ch <= '9') || ((ch | 0x20) >= 'a' && (ch | 0x20) <= 'z') ||
           ch == '.' || ch == ' ';
}

void engine_classify(int status, struct str body, struct err *ret)
{
    struct arena a;
    struct said s;
    arena_init(&a, 4 * body.n + ARENA_SPARE_BYTES);
    said_read(body, &a, &s);
    describe(status, &s, ret);
    arena_reset(&a);
}

void classify_value(struct str value, struct err *ret)
{
    struct arena a;
    struct said s;
    arena_init(&a, 4 * value.n + ARENA_SPARE_BYTES);
    said_read(value, &a, &s);
    describe(guess_status(&s), &s, ret);
    arena_reset(&a);
}

bool engine_lacks_path(int status, struct str body)
{
    struct arena a;
    struct said s;
    if (status == 405)
        return true; /* something is there, and it takes no requests */
    if (status != 404)
        return false;
    arena_init(&a, 4 * body.n + ARENA_SPARE_BYTES);
    said_read(body, &a, &s);
    bool ret = blame_of(&s) == BLAME_NOBODY && s.param.raw.n == 0 &&
               !str_contains_nocase(s.message, STR("model")) &&
               !said_has_code(&s, "model");
    arena_reset(&a);
    return ret;
}

/* nginx, Go, Apache, Node. */
bool engine_wants_tls(int status, struct str body)
{
    static const char *const words[] = {"HTTP request was sent to HTTPS port",
                                        "sent an HTTP request to an HTTPS server",
                                        "speaking plain HTTP to an SSL-enabled"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if ((status == 400 || status == 497) &&
            str_contains_nocase(body, str_of(words[i])))
            return true;
    return false;
}

/* A number that its name says to be of milliseconds. */
static bool read_ms(struct str text, uint64_t *ret_ms)
{
    size_t n = 0;
    while (n < text.n && text.p[n] >= '0' && text.p[n] <= '9')
        n++;
    return n && n < 10 && str_to_u64(str_sub(text, 0, n), ret_ms);
}

/* "6.5s. Then ...": the longest piece from its beginning that is a span of time. */
static bool read_span(struct str text, uint64_t *ret_ms)
{
    size_t n = 0;
    while (n < text.n && is_span_char(text.p[n]))
        n++;
    for (; n; n--) {
        struct str span = str_sub(text, 0, n);
        bool is_end = n == text.n || !is_span_char(text.p[n]) || text.p[n] == ' ' ||
                      text.p[n] == '.';
        if (is_end && http_span_ms(str_trim(span), ret_ms))
            return true;
    }
    return false;
}

/* Past blanks and the quote of a JSON string. */
static struct str skip_to_value(struct str s)
{
    while (s.n && (s.p[0] == ' ' || s.p[0] == '"'))
        s = str_sub(s, 1, s.n);
    return s;
}

/* The first span of time that stands behind one of these. */
static bool read_span_behind(struct str text, const char *const *before, size_t n,
                             uint64_t *ret_ms)
{
    for (size_t i = 0; i < n; i++) {
        struct str word = str_of(before[i]);
        for (size_t at = 0; at + word.n < text.n; at++)
            if (str_eq_nocase(str_sub(text, at, at + word.n), word) &&
                read_span(skip_to_value(
                              str_sub(text, at + word.n, at + word.n + MAX_SPAN_BYTES)),
                          ret_ms))
                return true;
    }
    return false;
}

/* Of members by such names. */
static bool read_wait_members(struct str body, uint64_t *ret_ms)
{
    static const char *const members[] = {
        "retryDelay\":",     "retry_after\":",         "retryAfter\":",
        "retry-after\":",    "retry_after_seconds\":", "retryAfterSeconds\":",
        "estimated_time\":",
    };
    static const char *const members_ms[] = {"retry_after_ms\":", "retryAfterMs\":"};
    for (size_t i = 0; i < ARRAY_LEN(members_ms); i++) {
        ptrdiff_t at = str_find(body, str_of(members_ms[i]));
        struct str rest = str_sub(body, (size_t)at + strlen(members_ms[i]), body.n);
        if (at >= 0 && read_ms(skip_to_value(rest), ret_ms))
            return true;
    }
    return read_span_behind(body, members, ARRAY_LEN(members), ret_ms);
}

/* Has the engine said by status or code that it wants to be left alone for a while? */
static bool is_asking_to_wait(int status, const struct said *s)
{
    return status == 429 || status == 503 || status == 529 || blame_is_rate_by_code(s);
}

bool engine_wait_ms(int status, struct str body, uint64_t *ret_ms)
{
    static const char *const before[] = {"try again in ", "retry after ", "retry in ",
                                         "wait for ", "wait "};
    struct arena a;
    struct said s;
    arena_init(&a, 4 * body.n + ARENA_SPARE_BYTES);
    said_read(body, &a, &s);
    bool ret = is_asking_to_wait(status, &s) &&
               (read_wait_members(body, ret_ms) ||
                read_span_behind(str_of(s.sure), before, ARRAY_LEN(before), ret_ms));
    arena_reset(&a);
    return ret;
}

unsigned engine_refused_caps(struct str body)
{
    struct arena a;
    struct said s;
    arena_init(&a, 4 * body.n + ARENA_SPARE_BYTES);
    said_read(body, &a, &s);
    memcpy(s.words, s.sure, sizeof s.words);
    unsigned caps = blame_of(&s) == BLAME_ABILITY ? blame_caps(&s) : 0;
    arena_reset(&a);
    return caps;
}
