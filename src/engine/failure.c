/* failure.c -- see failure.h. */
#include "engine/failure.h"

#include "json/scan.h"

/* Of a state or a reason, which are a word or two, no more than this is searched. */
enum { MAX_DEPTH = 4, SEARCHED_BYTES = 1024 };

static bool is_one_of(struct str word, const char *const *words)
{
    for (; *words; words++)
        if (str_eq_nocase(word, str_of(*words)))
            return true;
    return false;
}

/* -- `error` ------------------------------------------------------------------------- */

/* Words that stand where there is no error. */
static bool is_good_word(struct str word)
{
    static const char *const good[] = {
        "",        "none",       "null",      "nil",       "undefined", "n/a",
        "na",      "-",          "no",        "no error",  "no errors", "no_error",
        "noerror", "no-error",   "false",     "ok",        "okay",      "success",
        "0",       "successful", "succeeded", "completed", "complete",  "normal",
        "done",    "finished",   "stop",      NULL};
    /* Said to a person, and of an answer that is there. */
    static const char *const remarks[] = {"warning", "deprecat", "notice", "info:"};
    for (size_t i = 0; i < ARRAY_LEN(remarks); i++)
        if (str_starts_nocase(word, str_of(remarks[i])))
            return true;
    return is_one_of(word, good);
}

/* "200", "200 OK", 0: a status of success. */
static bool is_good_status(struct str word)
{
    uint64_t n;
    struct str digits = str_sub(word, 0, word.n < 3 ? word.n : 3);
    bool is_alone = word.n == digits.n || word.p[3] == ' ' || word.p[3] == '.';
    return str_eqz(word, "0") || str_eqz(word, "0.0") ||
           (is_alone && str_to_u64(digits, &n) && n >= 200 && n <= 299);
}

/* `error` may be answered by "no"; as the message of an error, "no" is a refusal. */
static enum says of_string(struct str word, unsigned depth)
{
    word = str_trim(word);
    while (word.n && (word.p[word.n - 1] == '.' || word.p[word.n - 1] == '!'))
        word.n--;
    if (depth && str_eq_nocase(word, STR("no")))
        return SAYS_FAILURE;
    return is_good_word(word) || is_good_status(word) ? SAYS_NOTHING : SAYS_FAILURE;
}

static enum says of_value(struct str raw, unsigned depth);

static enum says of_array(struct str raw, unsigned depth)
{
    struct json_cur c;
    struct str value;
    enum says all = SAYS_NOTHING;
    json_begin(&c, raw);
    json_enter_array(&c);
    while (json_next_element(&c) && json_skip(&c, &value)) {
        enum says one = of_value(value, depth + 1);
        all = one > all ? one : all;
    }
    return all;
}

/* What the members of an error object say, each by its name. */
static enum says of_member(struct json_string k, struct str value, unsigned depth)
{
    static const char *const speaking[] = {
        "message",      "msg",         "detail",      "details",    "error",
        "errors",       "description", "reason",      "type",       "code",
        "status",       "status_code", "statusCode",  "error_code", "errcode",
        "http_status",  "error_type",  "httpStatus",  "errorCode",  "error_msg",
        "errorMessage", "errmsg",      "status_text", "title",      NULL};
    enum says says = of_value(value, depth + 1);
    return says == SAYS_FAILURE && !is_one_of(k.raw, speaking) ? SAYS_LITTLE : says;
}

static bool is_status_name(struct json_string k)
{
    static const char *const names[] = {
        "code",    "status",      "status_code", "statusCode", "error_code",
        "errcode", "http_status", "httpStatus",  "errorCode",  NULL};
    return is_one_of(k.raw, names);
}

static bool is_success(struct str raw)
{
    if (raw.n > 2 && raw.p[0] == '"')
        raw = str_trim(str_sub(raw, 1, raw.n - 1));
    return is_good_status(raw) || (raw.n && raw.p[0] != '0' && is_good_word(raw) &&
                                   !str_eqz(raw, "null") && !str_eqz(raw, "false"));
}

/* An object that calls its status a success denies what its other words may say. */
static enum says of_object(struct str raw, unsigned depth)
{
    struct json_cur c;
    struct json_string k;
    struct str value;
    enum says all = SAYS_NOTHING;
    bool has_success = false, has_bad_status = false;
    json_begin(&c, raw);
    json_enter_object(&c);
    while (json_next_member(&c, &k) && json_skip(&c, &value)) {
        enum says one = of_member(k, value, depth);
        bool is_status = is_status_name(k);
        has_success |= is_status && is_success(value);
        has_bad_status |= is_status && one == SAYS_FAILURE;
        all = one > all ? one : all;
    }
    return all == SAYS_FAILURE && has_success && !has_bad_status ? SAYS_LITTLE : all;
}

static enum says of_value(struct str raw, unsigned depth)
{
    if (raw.n == 0 || depth > MAX_DEPTH)
        return SAYS_LITTLE;
    switch (raw.p[0]) {
    case '"':
        return of_string(str_sub(raw, 1, raw.n - 1), depth);
    case '{':
        return of_object(raw, depth);
    case '[':
        return of_array(raw, depth);
    case 'n':
    case 'f':
        return SAYS_NOTHING;
    case 't':
        return SAYS_FAILURE;
    default:
        return is_good_status(raw) ? SAYS_NOTHING : SAYS_FAILURE;
    }
}

enum says failure_in_error(struct str raw)
{
    return of_value(raw, 0);
}

/* -- an object in the place of a chunk -------------------------------------------------
 */

/* What failed may be one step of several, after which the answer goes on. */
static bool is_of_a_step(struct str raw)
{
    static const char *const steps[] = {"tool", "search", "retry", "fetch", "step"};
    raw = str_sub(raw, 0, SEARCHED_BYTES);
    for (size_t i = 0; i < ARRAY_LEN(steps); i++)
        if (str_contains_nocase(raw, str_of(steps[i])))
            return true;
    return false;
}

static bool is_word_of_failure(struct str raw)
{
    return raw.n > 2 && raw.p[0] == '"' && !is_of_a_step(raw) &&
           failure_of_finish(str_sub(raw, 1, raw.n - 1)).error.p;
}

/* -1, 17, 500, "503 gone": a number that is no success. */
static bool is_failed_number(struct str raw, bool has_words)
{
    uint64_t n;
    if (raw.n > 2 && raw.p[0] == '"')
        raw = str_trim(str_sub(raw, 1, raw.n - 1));
    if (raw.n && raw.p[0] == '-')
        return has_words;
    struct str digits = raw;
    while (digits.n && (digits.p[digits.n - 1] < '0' || digits.p[digits.n - 1] > '9'))
        digits.n--;
    ptrdiff_t blank = str_index(digits, ' ');
    if (blank > 0)
        digits.n = (size_t)blank;
    if (!str_to_u64(digits, &n))
        return false;
    return n >= 400 || (n > 0 && n < 100 && has_words);
}

/* A code in letters beside words is an error's; one of progress is called `status`. */
static bool is_failed_code(struct json_string k, struct str value, bool has_words)
{
    static const char *const only_code[] = {"code", NULL};
    bool is_letters = value.n > 2 && value.p[0] == '"' && !is_success(value) &&
                      of_value(value, 0) == SAYS_FAILURE;
    return is_word_of_failure(value) || is_failed_number(value, has_words) ||
           (has_words && is_letters && is_one_of(k.raw, only_code));
}

static bool is_failed_member(struct json_string k, struct str value, bool has_words)
{
    static const char *const failures[] = {
        "errors",    "detail",   "error_msg",  "error_message",     "errorMessage",
        "errmsg",    "err_msg",  "errMsg",     "error_code",        "errcode",
        "errorCode", "err_code", "error_type", "error_description", "exception",
        "err",       "fault",    "failure",    "traceback",         NULL};
    static const char *const words[] = {"type", "event", "state", "object", NULL};
    static const char *const flags[] = {"success", "ok", "succeeded", NULL};
    static const char *const inside[] = {"base_resp", NULL}; /* MiniMax */
    static const char *const statuses[] = {"status_code", "statusCode",  "status",
                                           "code",        "http_status", "httpStatus",
                                           "ret_code",    "retcode",     NULL};
    if (is_one_of(k.raw, failures))
        return of_value(value, 0) == SAYS_FAILURE;
    if (is_one_of(k.raw, statuses))
        return is_failed_code(k, value, has_words);
    if (is_one_of(k.raw, words))
        return is_word_of_failure(value);
    return (is_one_of(k.raw, flags) && str_eqz(value, "false")) ||
           (is_one_of(k.raw, inside) && failure_in_object(value) == SAYS_FAILURE);
}

static bool has_words(struct str object)
{
    static const char *const words[] = {"message", "msg", "status_msg", "reason"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (json_get(object, words[i]).n > strlen("\"\""))
            return true;
    return false;
}

enum says failure_in_object(struct str object)
{
    struct json_cur c;
    struct json_string k;
    struct str value;
    bool words = has_words(object);
    json_begin(&c, object);
    if (json_peek(&c) != JSON_OBJECT)
        return SAYS_NOTHING;
    json_enter_object(&c);
    while (json_next_member(&c, &k) && json_skip(&c, &value))
        if (is_failed_member(k, value, words))
            return SAYS_FAILURE;
    return words ? SAYS_LITTLE : SAYS_NOTHING;
}

/* -- finish_reason --------------------------------------------------------------------
 */

static bool is_letter(char ch)
{
    return (ch | 0x20) >= 'a' && (ch | 0x20) <= 'z';
}

static bool is_lower(char ch)
{
    return ch >= 'a' && ch <= 'z';
}

/* The next of the words that stand in one: network_error, TIMED-OUT, engineFailed. */
static bool next_word(struct str *rest, struct str *ret)
{
    size_t from = 0, to;
    while (from < rest->n && !is_letter(rest->p[from]))
        from++;
    for (to = from; to < rest->n && is_letter(rest->p[to]); to++)
        if (to > from && is_lower(rest->p[to - 1]) && !is_lower(rest->p[to]))
            break;
    *ret = str_sub(*rest, from, to);
    *rest = str_sub(*rest, to, rest->n);
    return ret->n > 0;
}

#define ENDED(code, what)                                                                \
    STR_INIT("{\"code\":" code ",\"message\":\"the engine ended its answer: " what "\""  \
             "}")

static const struct {
    const char *word;
    struct finish_failure failure;
} endings[] = {
    {"error", {STR_INIT("\"the engine ended its answer with an error\""), false}},
    {"errored", {STR_INIT("\"the engine ended its answer with an error\""), false}},
    {"exception", {STR_INIT("\"the engine ended its answer with an error\""), false}},
    {"failed", {ENDED("502", "it failed"), false}},
    {"failure", {ENDED("502", "it failed"), false}},
    {"fail", {ENDED("502", "it failed"), false}},
    {"crash", {ENDED("502", "it failed"), false}},
    {"crashed", {ENDED("502", "it failed"), false}},
    {"timeout", {ENDED("504", "its time was up"), true}},
    {"timed", {ENDED("504", "its time was up"), true}},
    {"deadline", {ENDED("504", "its time was up"), true}},
    {"expired", {ENDED("504", "its time was up"), true}},
    {"overloaded", {ENDED("503", "it is overloaded"), true}},
    {"overload", {ENDED("503", "it is overloaded"), true}},
    {"unavailable", {ENDED("503", "it is not available"), true}},
    {"preempted", {ENDED("503", "it gave way to others"), true}},
    {"evicted", {ENDED("503", "it gave way to others"), true}},
    {"abort", {ENDED("502", "it was aborted"), false}},
    {"aborted", {ENDED("502", "it was aborted"), false}},
    {"cancel", {ENDED("502", "it was cancelled"), false}},
    {"cancelled", {ENDED("502", "it was cancelled"), false}},
    {"canceled", {ENDED("502", "it was cancelled"), false}},
    {"interrupted", {ENDED("502", "it was interrupted"), false}},
    {"killed", {ENDED("502", "it was killed"), false}},
    {"disconnect", {ENDED("502", "its connection ended"), false}},
    {"disconnected", {ENDED("502", "its connection ended"), false}},
    {"oom", {ENDED("502", "its memory was used up"), false}},
};

struct finish_failure failure_of_finish(struct str word)
{
    struct str one, first = STR("");
    for (struct str rest = str_sub(word, 0, SEARCHED_BYTES); next_word(&rest, &one);) {
        if (first.n == 0)
            first = one;
        for (size_t i = 0; i < ARRAY_LEN(endings); i++)
            if (str_eq_nocase(one, str_of(endings[i].word)) &&
                !str_eq_nocase(first, STR("no")) && !str_eq_nocase(first, STR("not")))
                return endings[i].failure;
    }
    return (struct finish_failure){{NULL, 0}, false};
}
