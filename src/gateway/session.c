/* session.c -- which session a request belongs to.
 *
 * A session is a conversation.  Its client may name it (x-weir-session), and agents name
 * theirs in headers and members of their own; those are taken when the client names none.
 * All others are known by what their users said: see sessions.h.  Texts of users alone
 * are digested, without what applications put beside them, for answers and tool results
 * are cut and rewritten by many applications from one turn to the next.
 *
 * Ids are keyed, over the client's key: nobody can aim for another's, and two keys never
 * share one. */
#include "gateway/request.h"

#include "core/clean.h"
#include "loop/turn.h"
#include "json/scan.h"

enum {
    OPENING_BYTES = 64, /* of a text, and as many at its end */
    NAME_BYTES = 128,
    USER_ID_BYTES = 4096, /* in a longer one no session is looked for */
    FIRST_TURNS = 448,    /* of a conversation with more turns than both, those between */
    LAST_TURNS = 64,      /* count for the digest and are not looked up */
    UNIQUE_HEX = 16,
    SUMMARY_BYTES = 600,     /* of a turn, where it says that it is one */
    LARGE_BYTES = 512 * 1024 /* parts of more are not read a second time */
};

bool request_is_plain_name(struct str s)
{
    if (s.n == 0 || s.n > NAME_BYTES)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool ok = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                  (c >= 'A' && c <= 'Z') || (c && strchr("-_.:/+=@", c));
        if (!ok)
            return false;
    }
    return true;
}

/* A client's own name for its session: also a person's name or a sentence, of whole
 * characters that can be printed. */
static bool is_printable_name(struct str s)
{
    return s.n > 0 && s.n <= NAME_BYTES && clean_is(s);
}

/* Not the key's place in the file, which a reload may give to another. */
static void begin(const struct session_ask *ask, struct siphash *h)
{
    siphash_init(h, ask->secret);
    if (ask->has_key)
        siphash_update(h,
                       (struct str){(const char *)ask->key_hash, sizeof ask->key_hash});
}

struct session_ask request_session_ask(const struct request *r)
{
    struct session_ask ask = {.secret = r->worker->server->session_key,
                              .named = r->session,
                              .is_nobodys = r->surface == SURFACE_EMBEDDINGS,
                              .has_key = r->key != NULL};
    if (r->key)
        memcpy(ask.key_hash, r->key->hash, sizeof ask.key_hash);
    return ask;
}

static uint64_t end(const struct siphash *h)
{
    struct siphash copy = *h;
    uint64_t id = siphash_final(&copy);
    return id == SESSION_NONE ? 1 : id;
}

/* -- by name ------------------------------------------------------------------------- */

/* `kind` keeps apart what different members name alike. */
static uint64_t id_of_name(const struct session_ask *ask, struct str kind,
                           struct str name)
{
    struct siphash h;
    begin(ask, &h);
    siphash_update(&h, kind);
    siphash_update(&h, name);
    return end(&h);
}

/* Headers by which a conversation is named, the first of them counts. */
static const struct str headers[] = {
    STR_INIT("x-weir-session"), STR_INIT("x-claude-code-session-id"),
    STR_INIT("x-session-id"),   STR_INIT("session-id"),
    STR_INIT("thread-id"),
};

/* The first value of headers[k] that can be one; p NULL: there is none. */
static struct str named_in(const struct http_head *head, size_t k)
{
    for (size_t i = 0; i < head->nfields; i++) {
        struct str value = head->fields[i].value;
        if (str_eq_nocase(head->fields[i].name, headers[k]) &&
            (request_is_plain_name(value) || (k == 0 && is_printable_name(value))))
            return value;
    }
    return (struct str){NULL, 0};
}

void request_name_session(struct request *r, const struct http_head *head)
{
    size_t best = 0;
    struct str value = {NULL, 0};
    for (; best < ARRAY_LEN(headers); best++)
        if (UNLIKELY(http_head_may_have(head, headers[best])) &&
            (value = named_in(head, best)).p)
            break;
    if (LIKELY(!value.p))
        return;
    if (best == 0)
        r->session_name = arena_strdup(&r->keep, value);
    if (best == 0 || r->surface != SURFACE_EMBEDDINGS) {
        const struct session_ask ask = request_session_ask(r);
        r->session = id_of_name(&ask, best ? headers[best] : STR(""), value);
    }
}

void session_each_digest(struct siphash_key secret, const unsigned char *key_hash,
                         struct str name, void (*each)(void *ctx, uint64_t digest),
                         void *ctx)
{
    static const char *const members[] = {"conversation", "metadata", "prompt_cache_key"};
    struct session_ask ask = {.secret = secret, .has_key = key_hash != NULL};
    if (key_hash)
        memcpy(ask.key_hash, key_hash, sizeof ask.key_hash);
    for (size_t i = 0; i < ARRAY_LEN(headers); i++)
        each(ctx, id_of_name(&ask, i ? headers[i] : STR(""), name));
    for (size_t i = 0; i < ARRAY_LEN(members); i++)
        each(ctx, id_of_name(&ask, str_of(members[i]), name));
}

/* A cache key may be a program's, for all its conversations; one with the digits of a
 * random id is a conversation's. */
static bool is_random(struct str s)
{
    size_t hex = 0;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        hex += (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
        if (c != '-' && !((c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'f')))
            hex = 0;
        if (hex >= UNIQUE_HEX)
            return true;
    }
    return false;
}

/* The plain string at the cursor, or nothing. */
static struct str read_name(struct json_cur *c)
{
    struct json_string s;
    if (json_peek(c) != JSON_STRING) {
        json_skip(c, NULL);
        return (struct str){NULL, 0};
    }
    bool ok = json_read_string(c, &s) && !s.has_escapes && request_is_plain_name(s.raw);
    return ok ? s.raw : (struct str){NULL, 0};
}

/* user_id names a user; of some agents it holds the conversation's id as well: as JSON in
 * the string, or behind "_session_". */
static struct str session_in_user_id(struct json_string s, struct arena *a)
{
    const struct str mark = STR("_session_");
    struct str text = json_unescape(a, s);
    ptrdiff_t at = text.p ? str_find(text, mark) : -1;
    struct str found = {0};
    struct json_cur c;
    if (at >= 0) {
        found = str_sub(text, (size_t)at + mark.n, text.n);
    } else if (text.p && str_starts(text, STR("{"))) {
        struct str raw = json_get(text, "session_id");
        json_begin(&c, raw);
        if (raw.p)
            found = read_name(&c);
    }
    return request_is_plain_name(found) ? found : (struct str){NULL, 0};
}

static struct str name_in_metadata(struct str metadata, struct arena *a)
{
    struct json_cur c;
    struct json_string k, s, user_id = {0};
    struct str name = {0};
    json_begin(&c, metadata);
    if (!json_object_or_skip(&c))
        return name;
    while (json_next_member(&c, &k)) {
        if (json_string_is(k, "session_id"))
            name = read_name(&c);
        else if (json_string_is(k, "user_id") && json_peek(&c) == JSON_STRING &&
                 json_read_string(&c, &s))
            user_id = s;
        else
            json_skip(&c, NULL);
    }
    bool has_user_id = user_id.raw.p && user_id.raw.n <= USER_ID_BYTES;
    return name.p || !has_user_id ? name : session_in_user_id(user_id, a);
}

/* "conv_1" or {"id": "conv_1"} */
static struct str name_in_conversation(struct str value)
{
    struct json_cur c;
    struct str raw = value.p[0] == '{' ? json_get(value, "id") : value;
    json_begin(&c, raw);
    return raw.p ? read_name(&c) : (struct str){NULL, 0};
}

static uint64_t named_by_body(const struct session_ask *ask, struct draft *d)
{
    const struct chat *chat = &d->chat;
    struct str name = {0};
    struct json_cur c;
    if (chat->conversation.p) {
        name = name_in_conversation(chat->conversation);
        if (name.p)
            return id_of_name(ask, STR("conversation"), name);
    }
    if (chat->metadata.p) {
        name = name_in_metadata(chat->metadata, &d->arena);
        if (name.p)
            return id_of_name(ask, STR("metadata"), name);
    }
    if (chat->prompt_cache_key.p) {
        json_begin(&c, chat->prompt_cache_key);
        name = read_name(&c);
        if (name.p && is_random(name))
            return id_of_name(ask, STR("prompt_cache_key"), name);
    }
    return SESSION_NONE;
}

/* -- by what was said ---------------------------------------------------------------- */

/* A text stands by its length, its CRC and its two ends: at 3 instructions for 8 bytes
 * the CRC costs a tenth of what SipHash over all of it does, which was a fifteenth of a
 * request's instructions.  All of it, for many an application begins each of its prompts
 * with the same pages.  Two texts of one client that agree in all of these by chance are
 * one in 2^32 of those that begin, end and are as long alike. */
static uint64_t add_text(struct siphash *h, struct str s)
{
    uint64_t sum = reask_sum(s);
    siphash_update(h, (struct str){(const char *)&sum, sizeof sum});
    siphash_update(h, str_sub(s, 0, OPENING_BYTES));
    if (s.n > OPENING_BYTES)
        siphash_update(h, str_sub(s, s.n - OPENING_BYTES, s.n));
    return sum;
}

static void add_part(struct siphash *h, struct json_cur *c)
{
    struct json_string text;
    struct str raw;
    bool has_text = chat_read_part(c, &text, &raw);
    add_text(h, has_text ? text.raw : raw);
}

/* "a" and [{"type":"text","text":"a"}] are one: some applications send both, and put
 * marks for caches beside the newest.  The sum of a plain text, else 0. */
static uint64_t add_content(struct siphash *h, struct str raw)
{
    struct json_cur c;
    if (raw.n >= 2 && raw.p[0] == '"')
        return add_text(h, str_sub(raw, 1, raw.n - 1));
    if (raw.n && raw.p[0] == '[' && raw.n <= LARGE_BYTES) {
        json_begin(&c, raw);
        json_enter_array(&c);
        while (json_next_element(&c))
            add_part(h, &c);
    } else {
        add_text(h, raw);
    }
    return 0;
}

/* The id of its first call is an answer's own; else its text must do. */
static void add_reply(struct siphash *h, struct str raw)
{
    struct json_cur c;
    struct str call = {0}, id = {0};
    siphash_update(h, STR("reply"));
    if (raw.n && raw.p[0] == '[') {
        json_begin(&c, raw);
        json_enter_array(&c);
        if (json_next_element(&c) && json_skip(&c, &call) && call.p[0] == '{')
            id = json_get(call, "id");
    }
    if (id.p)
        add_text(h, id);
    else
        add_content(h, raw);
}

/* The ids of the turns before, and of the one the request stands in: after an answer
 * that is followed by no user it is that of the answer, which no other conversation has.
 * What the ledger shows is the conversation's opening: all that was said before the first
 * answer.
 */
static void find_turns(const struct session_ask *ask, struct draft *d, uint64_t *before)
{
    const struct chat *chat = &d->chat;
    struct session_of *of = &d->session;
    struct siphash h, with_reply;
    bool is_opening = true;
    begin(ask, &h);
    add_content(&h, chat->system_text);
    *of = (struct session_of){.before = before, .is_open = true};
    if (chat->nturns == 0) {
        add_text(&h, chat->input);
        d->opening = of->id = end(&h);
    }
    for (uint32_t i = 0; i < chat->nturns; i++) {
        const struct chat_turn *t = &chat->turns[i];
        bool is_kept = i < FIRST_TURNS || chat->nturns - i <= LAST_TURNS;
        if (i > 0 && is_kept)
            before[of->nbefore++] = of->id;
        d->newest_sum = add_content(&h, t->user);
        if (UNLIKELY(!is_kept && chat->nturns - i > LAST_TURNS + 1))
            continue; /* nobody asks for the ids of this turn */
        of->id = end(&h);
        of->is_open = !t->reply.p;
        if (is_opening)
            d->opening = of->id;
        if (!t->reply.p)
            continue;
        is_opening = false;
        if (is_kept)
            before[of->nbefore++] = of->id;
        with_reply = h;
        add_reply(&with_reply, t->reply);
        of->id = end(&with_reply);
    }
}

/* -- what a named session has said ----------------------------------------------------
 */

/* Words with which programs and people begin what stands for an earlier conversation. */
static bool says_summary(struct str raw)
{
    static const char *const words[] = {
        "summar",        "recap",      "conversation so far",
        "previous conv", "compacted",  "conversation history",
        "zusammenfass",  "resum",      "résum",
        "riassunt",      "samenvatt",  "podsumow",
        "streszcz",      "sammanfatt", "sammendrag",
        "yhteenveto",    "ringkas",    "shrnut",
        "özet",          "Özet",       "tóm tắt",
        "сводк",         "Сводк",      "Резюме",
        "резюме",        "摘要",       "总结",
        "總結",          "要約",       "요약",
        "ملخص"};
    struct str begin = str_sub(raw, 0, SUMMARY_BYTES);
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (str_contains_nocase(begin, str_of(words[i])))
            return true;
    return false;
}

/* What its users said, as digests over all turns: so a history that was replaced is
 * known. */
static void note_history(const struct session_ask *ask, struct draft *d)
{
    const struct chat *chat = &d->chat;
    struct session_of *of = &d->session;
    struct siphash h;
    struct str newest = chat->nturns ? chat->turns[chat->nturns - 1].user : chat->input;
    uintptr_t at = (uintptr_t)newest.p - (uintptr_t)chat->body.p;
    begin(ask, &h);
    of->earlier = end(&h);
    for (uint32_t i = 0; i < chat->nturns; i++) {
        of->earlier = end(&h);
        add_content(&h, chat->turns[i].user);
    }
    if (chat->nturns == 0)
        add_text(&h, chat->input);
    of->all = end(&h);
    of->newest_at = newest.p && at < chat->body.n ? at : chat->body.n;
    of->says_summary = says_summary(chat->nturns ? chat->turns[0].user : chat->input);
}

int draft_find_session(struct draft *d, const struct session_ask *ask, struct err *err)
{
    uint32_t n = d->chat.nturns;
    uint32_t kept = n < FIRST_TURNS + LAST_TURNS ? n : FIRST_TURNS + LAST_TURNS;
    uint64_t *before = NULL;
    turn_takes(buf_len(&d->body), "finding the session of a body");
    d->session = (struct session_of){.id = ask->named};
    d->opening = ask->named;
    if (ask->is_nobodys)
        return 0;
    if (ask->named == SESSION_NONE)
        d->session.id = d->opening = named_by_body(ask, d);
    if (d->opening != SESSION_NONE) {
        note_history(ask, d);
        return 0;
    }
    if (n > 1 || (n == 1 && d->chat.turns[0].reply.p)) {
        before = arena_array(&d->arena, uint64_t, 2 * (size_t)kept);
        if (!before)
            return err_nomem(err);
    }
    find_turns(ask, d, before);
    return 0;
}
