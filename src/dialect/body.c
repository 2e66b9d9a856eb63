/* body.c -- see body.h. */
#include "dialect/body.h"

#include "config/kinds.h"
#include "dialect/forward.h"
#include "json/name.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum { MAX_MODEL_BYTES = 256, FIRST_TURNS = 2, MEDIA_LEAST = 1024 };

int body_bad_field(struct err *err, const char *key, const char *expected)
{
    return err_set(err, ERR_BAD_REQUEST, "invalid_field", "'%s' must be %s", key,
                   expected);
}

int body_missing(struct err *err, const char *key)
{
    return err_set(err, ERR_BAD_REQUEST, "missing_field", "'%s' is missing", key);
}

/* -- names --------------------------------------------------------------------------- */

static int check_unknown(struct body_names *b, struct json_string k, struct err *err)
{
    b->has_odd |= name_is_odd(k);
    for (size_t i = 0; i < b->n; i++) {
        struct json_string other = {b->raw[i], false};
        if (str_eq(other.raw, k.raw))
            return err_set(err, ERR_BAD_REQUEST, "duplicate_key", "'%.*s' is given twice",
                           STR_ARG(json_name_shown(k.raw)));
        if (UNLIKELY(b->has_odd) && name_resembles(other, k))
            return err_set(err, ERR_BAD_REQUEST, "ambiguous_key",
                           "'%.*s' and '%.*s' are one member to some engines and two to "
                           "others; leave one of them out",
                           STR_ARG(json_name_shown(other.raw)),
                           STR_ARG(json_name_shown(k.raw)));
    }
    return 0;
}

int body_note_name(struct body_names *b, enum shape s, struct json_string name,
                   struct err *err)
{
    int place = name_find(s, name, &b->seen, err);
    if (place == NAME_UNKNOWN && check_unknown(b, name, err) != 0)
        return NAME_REFUSED;
    if (place != NAME_REFUSED && b->n == BODY_MAX_MEMBERS) {
        err_set(err, ERR_BAD_REQUEST, "invalid_field",
                "the request has more than %d members", BODY_MAX_MEMBERS);
        return NAME_REFUSED;
    }
    if (place != NAME_REFUSED)
        b->raw[b->n++] = name.raw;
    return place;
}

void body_note_forwarding(struct chat *chat, struct json_string name, struct str value,
                          struct arena *a)
{
    struct str found = forward_find(name, value, a);
    if (found.p && chat->forwards.n == 0)
        chat->forwards = found;
}

int body_step_over(struct json_cur *c, enum shape s, int place, struct json_string name,
                   struct chat *chat, struct arena *a, struct err *err)
{
    struct str value;
    if (place != NAME_UNKNOWN || LIKELY(!forward_may_be(name)))
        return shape_skip(c, name_inner(s, place), err);
    if (json_skip(c, &value))
        body_note_forwarding(chat, name, value, a);
    return 0;
}

/* -- values -------------------------------------------------------------------------- */

int body_read_model(struct json_cur *c, struct arena *a, struct str *ret, struct err *err)
{
    struct json_string s;
    if (json_peek(c) != JSON_STRING)
        return body_bad_field(err, "model", "a string");
    if (!json_read_string(c, &s))
        return 0;
    *ret = json_unescape(a, s);
    if (!ret->p)
        return err_set(err, ERR_TOO_LARGE, "request_too_large",
                       "the request needs more memory than weir gives to one");
    if (ret->n == 0 || ret->n > MAX_MODEL_BYTES)
        return body_bad_field(err, "model", "a name of 1 to 256 bytes");
    if (json_odd_escapes(s))
        return body_bad_field(err, "model",
                              "a name without control characters or half a surrogate "
                              "pair");
    return 0;
}

int body_read_flag(struct json_cur *c, const char *key, bool *ret, struct err *err)
{
    enum json_type t = json_peek(c);
    if (t != JSON_TRUE && t != JSON_FALSE && t != JSON_NULL)
        return body_bad_field(err, key, "true or false");
    *ret = t == JSON_TRUE;
    json_skip(c, NULL);
    return 0;
}

int body_read_integer(struct json_cur *c, const char *key, int64_t *ret, bool *ret_given,
                      struct err *err)
{
    struct str raw;
    enum json_type t = json_peek(c);
    *ret_given = t == JSON_NUMBER;
    if (t != JSON_NUMBER && t != JSON_NULL)
        return body_bad_field(err, key, "an integer");
    if (!json_skip(c, &raw))
        return 0;
    return !*ret_given || json_to_i64(raw, ret) ? 0
                                                : body_bad_field(err, key, "an integer");
}

int body_read_tools(struct json_cur *c, const char *key, enum shape s, struct chat *chat,
                    struct err *err)
{
    enum json_type t = json_peek(c);
    const char *from = c->p;
    bool is_empty = true;
    if (t != JSON_ARRAY && t != JSON_NULL)
        return body_bad_field(err, key, "an array");
    if (!json_array_or_skip(c))
        return 0;
    for (; json_next_element(c); is_empty = false)
        if (shape_skip(c, s, err) != 0)
            return -1;
    if (is_empty)
        return 0;
    struct str raw = {from, (size_t)(c->p - from)};
    chat->needs |= CAP_TOOLS;
    chat->text_bytes += raw.n;
    chat->wide_bytes += body_wide_bytes(raw);
    return 0;
}

/* "required", {"type":"any"}, {"type":"function",...}; {"type":"allowed_tools"} has a
 * mode. */
static bool demands_call(struct str raw)
{
    static const char *const no[] = {"\"auto\"", "\"none\""};
    struct str word = raw, mode;
    if (json_is_empty(raw))
        return false;
    if (raw.p[0] == '{') {
        word = json_get(raw, "type");
        if (str_eqz(word, "\"allowed_tools\"")) {
            mode = json_get(raw, "mode");
            word = mode.p ? mode : json_path(raw, "allowed_tools", "mode", NULL);
            return str_eqz(word, "\"required\"");
        }
    }
    for (size_t i = 0; i < ARRAY_LEN(no); i++)
        if (str_eqz(word, no[i]))
            return false;
    return raw.p[0] == '{' || str_eqz(word, "\"required\"") || str_eqz(word, "\"any\"");
}

int body_read_choice(struct json_cur *c, enum shape s, struct chat *chat, struct err *err)
{
    json_peek(c);
    const char *from = c->p;
    if (shape_skip(c, s, err) != 0)
        return -1;
    if (json_ok(c) && demands_call((struct str){from, (size_t)(c->p - from)}))
        chat->needs |= CAP_TOOL_CHOICE;
    return 0;
}

static bool is_base64(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
              (c >= '0' && c <= '9') || (c && strchr("+/=_-\\", c))))
            return false;
    }
    return true;
}

static bool is_media(struct str s)
{
    enum { HEAD = 128 };
    if (s.n < MEDIA_LEAST)
        return false;
    return str_starts(s, STR("data:"))
               ? str_find(str_sub(s, 0, HEAD), STR(";base64,")) > 0
               : is_base64(s);
}

uint64_t body_media_bytes(struct str raw)
{
    uint64_t n = 0;
    struct json_cur c;
    struct json_string s;
    if (LIKELY(raw.n < MEDIA_LEAST))
        return 0;
    json_begin(&c, raw);
    if (json_peek(&c) == JSON_STRING)
        return json_read_string(&c, &s) && is_media(s.raw) ? s.raw.n : 0;
    if (json_peek(&c) != JSON_OBJECT || !json_enter_object(&c))
        return 0;
    while (json_next_member(&c, &s)) {
        if (json_peek(&c) != JSON_STRING)
            json_skip(&c, NULL);
        else if (json_read_string(&c, &s) && is_media(s.raw))
            n += s.raw.n;
    }
    return n;
}

uint64_t body_wide_bytes(struct str s)
{
    uint64_t n = 0, word;
    size_t i = 0;
#ifdef __SSE2__
    for (; i + 16 <= s.n; i += 16) { /* past ASCII is the sign of a byte */
        unsigned wide = (unsigned)_mm_movemask_epi8(
            _mm_loadu_si128((const __m128i *)(const void *)(s.p + i)));
        if (UNLIKELY(wide))
            n += (uint64_t)__builtin_popcount(wide);
    }
#endif
    for (; i + sizeof word <= s.n; i += sizeof word) {
        memcpy(&word, s.p + i, sizeof word);
        word &= UINT64_C(0x8080808080808080);
        if (UNLIKELY(word))
            n += (uint64_t)__builtin_popcountll(word);
    }
    for (; i < s.n; i++)
        n += (unsigned char)s.p[i] >> 7;
    return n;
}

/* -- the whole ----------------------------------------------------------------------- */

/* Marks and encodings that some platforms put in front unasked. */
static int refuse_encoding(struct str body, struct err *err)
{
    if (str_starts(body, STR("\xEF\xBB\xBF")))
        return err_set(err, ERR_BAD_REQUEST, "invalid_json",
                       "the body begins with a byte order mark, which is no JSON; send "
                       "it without (.NET: new UTF8Encoding(false); PowerShell: "
                       "utf8NoBOM; Python: utf-8 and not utf-8-sig)");
    return err_set(err, ERR_BAD_REQUEST, "invalid_json",
                   "the body is UTF-16 or UTF-32; send it as UTF-8");
}

/* By its first two bytes: of JSON in UTF-8 neither is NUL, and the first is ASCII. */
static bool is_encoded_otherwise(struct str body)
{
    if (body.n < 2)
        return false;
    unsigned char a = (unsigned char)body.p[0];
    return a == 0 || body.p[1] == 0 || a >= 0xFE ||
           (a == 0xEF && str_starts(body, STR("\xEF\xBB\xBF")));
}

int body_check_bytes(struct str body, struct err *err)
{
    if (UNLIKELY(is_encoded_otherwise(body)))
        return refuse_encoding(body, err);
    return body.n < UINT32_MAX ? 0
                               : err_set(err, ERR_TOO_LARGE, "request_too_large",
                                         "the body is too large");
}

int body_enter(struct json_cur *c, struct err *err)
{
    if (json_peek(c) != JSON_OBJECT && json_ok(c)) {
        json_skip(c, NULL);
        return json_finish(c, err) != 0 ? -1
                                        : err_set(err, ERR_BAD_REQUEST, "invalid_json",
                                                  "the body must be one JSON object");
    }
    json_enter_object(c);
    return 0;
}

/* -- turns --------------------------------------------------------------------------- */

int body_add_turn(struct chat *chat, struct arena *a, struct str user, struct err *err)
{
    if (chat->nturns == chat->turns_cap) {
        uint32_t cap = chat->turns_cap ? 2 * chat->turns_cap : FIRST_TURNS;
        struct chat_turn *v = arena_array(a, struct chat_turn, cap);
        if (!v)
            return err_nomem(err);
        if (chat->nturns)
            memcpy(v, chat->turns, chat->nturns * sizeof *v);
        chat->turns = v;
        chat->turns_cap = cap;
    }
    chat->turns[chat->nturns++] = (struct chat_turn){user, {NULL, 0}};
    return 0;
}

void body_note_reply(struct chat *chat, struct str reply)
{
    struct chat_turn *last = chat->nturns ? &chat->turns[chat->nturns - 1] : NULL;
    if (last && !last->reply.p)
        last->reply = reply;
}
