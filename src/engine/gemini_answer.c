/* gemini_answer.c -- what an engine says in Gemini's form, in weir's form.
 *
 * Every event is a piece of an answer: parts of each candidate, the counts so far, and at
 * the end a reason.  Calls come whole, often without an id, and the reason is then STOP
 * all the same.  Nothing says that the stream is over but its end.
 *
 * A part that is not known would be something that the client never sees: it is an error.
 * So is a reason that says that the model's answer came to nothing. */
#include "core/id_text.h"
#include "engine/gemini.h"
#include "engine/lacks.h"
#include "engine/members.h"
#include "engine/toolnames.h"
#include "json/scan.h"

#include <stdio.h>

enum {
    MAX_SOURCES = 64,
    ID_BYTES = 64,
    MAX_SIGNATURE_BYTES = 16 * 1024 * 1024,
    MAX_COUNTS_BYTES = 16 * 1024
};

struct telling {
    struct made made;
    struct usage_report usage;
    uint64_t sourced;                     /* bits: choices that have their sources */
    uint64_t thought_bytes[MADE_CHOICES]; /* of the thought that is going on */
    struct buf counts;                    /* the newest usage that has not been read */
    bool has_new_usage;
};

static void release(void *state)
{
    struct telling *k = state;
    made_release(&k->made);
    buf_release(&k->counts);
}

static uint64_t bit_of(uint32_t choice)
{
    return (uint64_t)1 << choice;
}

static int bad(struct err *err, const char *what, struct str name)
{
    return err_set(err, ERR_UPSTREAM, "upstream_bad_answer",
                   "the engine's answer has %s'%.*s', which weir cannot translate", what,
                   STR_ARG(str_sub(name, 0, 64)));
}

/* -- usage -----------------------------------------------------------------------------
 */

/* The counts are those of the whole answer so far. */
static void take_usage(struct telling *k, struct str raw)
{
    struct usage_report r;
    if (!raw.p || !usage_report_read(raw, &r))
        return;
    for (size_t i = 0; i < USAGE_COUNTS; i++)
        if (r.given & 1U << i)
            k->usage.n[i] = r.n[i];
    k->usage.given |= r.given;
    k->has_new_usage = true;
}

/* Of events that were known by those before them. */
static void read_counts(struct telling *k)
{
    if (!buf_len(&k->counts))
        return;
    take_usage(k, buf_view(&k->counts));
    buf_clear(&k->counts);
}

static void note(struct engine_translation *t, const struct known_said *said)
{
    struct telling *k = t->state;
    uint32_t choice = t->known.choice;
    if (t->known.kind == SOLE_TEXT)
        k->made.nchars[choice] += made_known_chars(said);
    else
        k->thought_bytes[choice] += made_known_bytes(said);
    if (!said->counts.p)
        return;
    k->counts.max_bytes = MAX_COUNTS_BYTES;
    buf_clear(&k->counts);
    buf_append(&k->counts, said->counts);
    t->made.failed |= k->counts.failed;
}

static void say_usage(struct engine_translation *t)
{
    struct telling *k = t->state;
    read_counts(k);
    if (k->has_new_usage)
        made_usage(&k->made, &t->made, &k->usage);
    k->has_new_usage = false;
}

/* -- parts -----------------------------------------------------------------------------
 */

enum {
    IN_TEXT,
    IN_THOUGHT,
    IN_SIGNATURE,
    IN_CALL,
    IN_INLINE,
    IN_CODE,
    IN_CODE_RESULT,
    IN_TOOL_CALL,
    IN_TOOL_RESPONSE,
    PART_MEMBERS
};

static void seal(struct engine_translation *t, uint32_t choice, enum seal_kind kind,
                 struct str call, struct str signature)
{
    struct telling *k = t->state;
    const struct seal s = {.issuer = str_of(t->naming.issuer.text),
                           .kind = kind,
                           .length = kind == SEAL_THOUGHT ? k->thought_bytes[choice] : 0,
                           .call = call,
                           .payload = string_inside(signature)};
    if (is_json_string(signature) && signature.n > 2)
        made_seal(&k->made, &t->made, choice, &s);
    if (kind == SEAL_THOUGHT)
        k->thought_bytes[choice] = 0;
}

/* The id that the call has, or gets. */
static struct str id_of(const struct engine_translation *t, uint32_t choice,
                        struct str own, char room[ID_BYTES])
{
    const struct telling *k = t->state;
    if (is_json_string(own) && own.n > 2)
        return own;
    snprintf(room, ID_BYTES, "\"call_%s_%u_%u\"", id_text(t->naming.id).text, choice,
             k->made.ncalls[choice]);
    return str_of(room);
}

static int take_call(struct engine_translation *t, uint32_t choice, const struct str *of,
                     struct err *err)
{
    static const char *const names[] = {"name", "args", "id", "partialArgs"};
    struct telling *k = t->state;
    struct str in[4], id;
    char room[ID_BYTES];
    if (!members_read(of[IN_CALL], names, ARRAY_LEN(names), in) || in[3].p)
        return bad(err, "a ", STR("functionCall"));
    if (!is_json_string(in[0]) || in[0].n == 2)
        return err_set(err, ERR_UPSTREAM, "upstream_bad_answer",
                       "the engine's answer calls a tool without a name");
    id = id_of(t, choice, in[2], room);
    seal(t, choice, SEAL_CALL, string_inside(id), of[IN_SIGNATURE]);
    (void)made_call(&k->made, &t->made, choice, &t->naming, id, in[0],
                    json_is_empty(in[1]) ? STR("{}") : in[1]);
    return 0;
}

static void take_text(struct engine_translation *t, uint32_t choice, const struct str *of)
{
    struct telling *k = t->state;
    bool is_thought = str_eqz(of[IN_THOUGHT], "true");
    bool has_role = k->made.spoken & bit_of(choice); /* it is said once */
    made_text(&k->made, &t->made, choice, is_thought ? "reasoning_content" : "content",
              of[IN_TEXT]);
    if (has_role && is_json_string(of[IN_TEXT]) && of[IN_TEXT].n > 2)
        known_text(&t->known, is_thought ? SOLE_THOUGHT : SOLE_TEXT, choice, of[IN_TEXT],
                   k->made.text_at);
    if (is_thought)
        k->thought_bytes[choice] += made_count_bytes(of[IN_TEXT]);
    if (of[IN_SIGNATURE].p)
        seal(t, choice, is_thought ? SEAL_THOUGHT : SEAL_TEXT, STR(""), of[IN_SIGNATURE]);
}

/* False: it is no picture. */
static bool take_image(struct engine_translation *t, uint32_t choice, struct str raw)
{
    struct telling *k = t->state;
    struct str type = json_get(raw, "mimeType"), data = json_get(raw, "data");
    if (!is_json_string(data) || !str_starts(type, STR("\"image/")))
        return false;
    made_image(&k->made, &t->made, choice, type, data);
    return true;
}

/* The first member of a part, for who has to name it. */
static struct str first_name(struct str part)
{
    struct json_cur c;
    struct json_string name;
    json_begin(&c, part);
    if (json_peek(&c) != JSON_OBJECT || !json_enter_object(&c) ||
        !json_next_member(&c, &name))
        return STR("");
    return name.raw;
}

static int take_part(struct engine_translation *t, uint32_t choice, struct str part,
                     struct err *err)
{
    static const char *const names[PART_MEMBERS] = {[IN_TEXT] = "text",
                                                    [IN_THOUGHT] = "thought",
                                                    [IN_SIGNATURE] = "thoughtSignature",
                                                    [IN_CALL] = "functionCall",
                                                    [IN_INLINE] = "inlineData",
                                                    [IN_CODE] = "executableCode",
                                                    [IN_CODE_RESULT] =
                                                        "codeExecutionResult",
                                                    [IN_TOOL_CALL] = "toolCall",
                                                    [IN_TOOL_RESPONSE] = "toolResponse"};
    struct str of[PART_MEMBERS];
    if (!members_read(part, names, PART_MEMBERS, of) ||
        (of[IN_TEXT].p && !is_json_string(of[IN_TEXT])))
        return bad(err, "a part that is no ", STR("text"));
    if (of[IN_CALL].p)
        return take_call(t, choice, of, err);
    bool is_image = of[IN_INLINE].p && take_image(t, choice, of[IN_INLINE]);
    if (of[IN_TEXT].p || of[IN_SIGNATURE].p) {
        take_text(t, choice, of);
        return 0;
    }
    if (is_image)
        return 0;
    /* The provider ran these himself: what came of it is in the text. */
    bool is_of_own_tools = of[IN_CODE].p || of[IN_CODE_RESULT].p || of[IN_TOOL_CALL].p ||
                           of[IN_TOOL_RESPONSE].p;
    struct str name = first_name(part);
    return is_of_own_tools || !name.n || t->naming.is_own ? 0 : bad(err, "a part ", name);
}

/* -- sources ---------------------------------------------------------------------------
 */

/* Where in the text they are named is said in bytes of pieces that are gone by then: they
 * are sources of all of it. */
static size_t add_sources(const struct telling *k, uint32_t choice, struct str list,
                          bool is_grounding, struct made_source *to, size_t n)
{
    struct json_cur c;
    struct str one;
    if (!list.p || !elements_begin(&c, list))
        return n;
    while (n < MAX_SOURCES && elements_next(&c, &one)) {
        struct str from = is_grounding ? json_get(one, "web") : one;
        struct str uri = json_get(from, "uri");
        if (!is_json_string(uri) || uri.n == 2)
            continue;
        to[n++] = (struct made_source){
            .url = uri, .title = json_get(from, "title"), .end = k->made.nchars[choice]};
    }
    return n;
}

static void say_sources(struct engine_translation *t, uint32_t choice,
                        struct str grounding, struct str citations)
{
    struct telling *k = t->state;
    struct made_source found[MAX_SOURCES];
    size_t n = 0;
    if (k->sourced & bit_of(choice))
        return;
    if (grounding.p)
        n = add_sources(k, choice, json_get(grounding, "groundingChunks"), true, found,
                        n);
    if (citations.p)
        n = add_sources(k, choice, json_get(citations, "citations"), false, found, n);
    made_citations(&k->made, &t->made, choice, found, n);
    k->sourced |= n ? bit_of(choice) : 0;
}

/* -- the end ---------------------------------------------------------------------------
 */

/* OpenAI's word; p == NULL: it has none. */
static struct str word_of(struct str reason)
{
    static const struct {
        const char *reason, *word;
    } words[] = {
        {"STOP", "\"stop\""},
        {"MAX_TOKENS", "\"length\""},
        {"SAFETY", "\"content_filter\""},
        {"RECITATION", "\"content_filter\""},
        {"BLOCKLIST", "\"content_filter\""},
        {"PROHIBITED_CONTENT", "\"content_filter\""},
        {"SPII", "\"content_filter\""},
        {"MODEL_ARMOR", "\"content_filter\""},
        {"JAILBREAK", "\"content_filter\""},
        {"IMAGE_SAFETY", "\"content_filter\""},
        {"IMAGE_PROHIBITED_CONTENT", "\"content_filter\""},
        {"IMAGE_RECITATION", "\"content_filter\""},
    };
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (str_eqz(reason, words[i].reason))
            return str_of(words[i].word);
    return (struct str){NULL, 0};
}

/* The model began something that came to nothing. */
static bool is_failure(struct str reason)
{
    static const char *const words[] = {
        "MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS",
        "MISSING_THOUGHT_SIGNATURE", "MALFORMED_RESPONSE"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (str_eqz(reason, words[i]))
            return true;
    return false;
}

static int take_reason(struct engine_translation *t, uint32_t choice, struct str raw,
                       struct str message, struct err *err)
{
    struct telling *k = t->state;
    struct str reason = string_inside(raw), word = word_of(reason);
    if (!reason.n || str_eqz(reason, "FINISH_REASON_UNSPECIFIED"))
        return 0;
    if (is_failure(reason) && !t->naming.is_own)
        return err_set(err, ERR_UPSTREAM, "upstream_bad_answer",
                       "the engine ended its answer: %.*s: %.*s",
                       STR_ARG(str_sub(reason, 0, 48)),
                       STR_ARG(str_sub(string_inside(message), 0, 160)));
    if (str_eqz(word, "\"content_filter\""))
        made_text(&k->made, &t->made, choice, "refusal", message);
    if (str_eqz(word, "\"stop\"") && k->made.ncalls[choice])
        word = STR("\"tool_calls\"");
    made_finish(&k->made, &t->made, choice, word.p ? word : raw, (struct str){NULL, 0});
    return 0;
}

/* -- candidates ------------------------------------------------------------------------
 */

enum {
    OF_CONTENT,
    OF_REASON,
    OF_MESSAGE,
    OF_INDEX,
    OF_GROUNDING,
    OF_CITATIONS,
    OF_LIKELY,
    CANDIDATE_MEMBERS
};

static int take_candidate(struct engine_translation *t, struct str raw, struct err *err)
{
    static const char *const names[CANDIDATE_MEMBERS] = {
        [OF_CONTENT] = "content",
        [OF_REASON] = "finishReason",
        [OF_MESSAGE] = "finishMessage",
        [OF_INDEX] = "index",
        [OF_GROUNDING] = "groundingMetadata",
        [OF_CITATIONS] = "citationMetadata",
        [OF_LIKELY] = "logprobsResult"};
    struct telling *k = t->state;
    struct str of[CANDIDATE_MEMBERS], part, parts;
    struct json_cur c;
    uint64_t index = 0;
    if (!members_read(raw, names, CANDIDATE_MEMBERS, of) ||
        (of[OF_INDEX].p && !str_to_u64(of[OF_INDEX], &index)) || index >= MADE_CHOICES)
        return bad(err, "a ", STR("candidate"));
    parts = of[OF_CONTENT].p ? json_get(of[OF_CONTENT], "parts") : (struct str){NULL, 0};
    if (parts.p && !str_eqz(parts, "null")) {
        if (!elements_begin(&c, parts))
            return bad(err, "no list as ", STR("parts"));
        while (elements_next(&c, &part))
            if (take_part(t, (uint32_t)index, part, err) != 0)
                return -1;
    }
    if (of[OF_LIKELY].p)
        gemini_tell_likely(&k->made, &t->made, (uint32_t)index, of[OF_LIKELY]);
    if (of[OF_GROUNDING].p || of[OF_CITATIONS].p)
        say_sources(t, (uint32_t)index, of[OF_GROUNDING], of[OF_CITATIONS]);
    return of[OF_REASON].p
               ? take_reason(t, (uint32_t)index, of[OF_REASON], of[OF_MESSAGE], err)
               : 0;
}

/* -- events ----------------------------------------------------------------------------
 */

enum {
    IN_CANDIDATES,
    IN_FEEDBACK,
    IN_USAGE,
    IN_MODEL,
    IN_ID,
    IN_ERROR,
    IN_CHOICES,
    EVENT_MEMBERS
};

static void begin(struct engine_translation *t, const struct str *in)
{
    struct telling *k = t->state;
    if (t->has_begun)
        return;
    t->has_begun = true;
    made_name(&k->made, &t->naming, in[IN_ID], 0, in[IN_MODEL]);
    made_begin(&k->made, &t->made, 0, k->has_new_usage ? &k->usage : NULL);
}

/* The prompt was refused: there are no candidates. */
static void say_blocked(struct engine_translation *t, struct str feedback)
{
    struct telling *k = t->state;
    if (k->made.finished & bit_of(0))
        return;
    made_text(&k->made, &t->made, 0, "refusal", json_get(feedback, "blockReasonMessage"));
    made_finish(&k->made, &t->made, 0, STR("\"content_filter\""), (struct str){NULL, 0});
}

static int take_answer(struct engine_translation *t, const struct str *in,
                       struct err *err)
{
    struct telling *k = t->state;
    struct json_cur c;
    struct str one;
    read_counts(k);
    take_usage(k, in[IN_USAGE]);
    if (in[IN_USAGE].p)
        known_counts(&t->known, in[IN_USAGE]);
    begin(t, in);
    if (in[IN_CANDIDATES].p) {
        if (!elements_begin(&c, in[IN_CANDIDATES]))
            return bad(err, "no list as ", STR("candidates"));
        while (elements_next(&c, &one))
            if (take_candidate(t, one, err) != 0)
                return -1;
    }
    if (in[IN_FEEDBACK].p && json_get(in[IN_FEEDBACK], "blockReason").p)
        say_blocked(t, in[IN_FEEDBACK]);
    return 0;
}

/* false: it is no object. */
static bool read_members(struct str data, struct str *in)
{
    static const char *const names[EVENT_MEMBERS] = {
        [IN_CANDIDATES] = "candidates", [IN_FEEDBACK] = "promptFeedback",
        [IN_USAGE] = "usageMetadata",   [IN_MODEL] = "modelVersion",
        [IN_ID] = "responseId",         [IN_ERROR] = "error",
        [IN_CHOICES] = "choices"};
    return members_read(data, names, EVENT_MEMBERS, in);
}

static bool is_of_form(const struct str *in)
{
    return !in[IN_ERROR].p &&
           (in[IN_CANDIDATES].p || in[IN_FEEDBACK].p || in[IN_USAGE].p);
}

static int take_event(struct engine_translation *t, struct str name, struct str data,
                      struct err *err)
{
    struct str in[EVENT_MEMBERS];
    bool is_object = read_members(data, in);
    (void)name;
    if (is_of_form(in))
        return take_answer(t, in, err);
    if (!is_object || in[IN_ERROR].p || in[IN_CHOICES].p)
        made_as_it_is(&t->made,
                      data); /* an error, or weir's form; another says nothing */
    return 0;
}

static int translate(struct engine_translation *t, struct str bytes, bool is_end,
                     struct err *err)
{
    struct telling *k = t->state;
    if (translate_events(t, bytes, is_end, take_event, err) != 0)
        return -1;
    if (!is_end || !k->made.finished)
        return 0;
    bool is_cut = t->made.n && !str_ends(buf_view(&t->made), STR("\n\n"));
    if (!is_cut) {
        say_usage(t);
        buf_lit(&t->made, "data: [DONE]\n\n");
        t->has_ended = true;
    }
    return 0;
}

/* -- whole answers ---------------------------------------------------------------------
 */

static int translate_answer(const struct engine_naming *naming, struct str answer,
                            struct buf *out, struct err *err)
{
    struct str in[EVENT_MEMBERS];
    struct telling k = {.has_new_usage = false};
    struct engine_translation t = {.naming = *naming, .state = &k};
    (void)read_members(answer, in);
    if (!is_of_form(in)) {
        buf_append(out, answer); /* an error, weir's form, or what says nothing */
        return 0;
    }
    buf_init(&t.made, 8 * answer.n + MAX_SIGNATURE_BYTES);
    int rc = take_answer(&t, in, err);
    if (rc == 0 && !k.made.finished)
        rc = err_set(err, ERR_UPSTREAM, "upstream_truncated",
                     "the engine's answer ends before it is complete: it has no "
                     "'finishReason'");
    say_usage(&t);
    if (rc == 0 && t.made.failed)
        rc = err_nomem(err);
    if (rc == 0)
        rc = made_collect(&k.made, buf_view(&t.made), out, err);
    buf_release(&t.made);
    release(&k);
    return rc;
}

/* Its API's own words, November 2025: "Must start with a letter or an underscore. Must be
 * a-z, A-Z, 0-9, or contain underscores (_), dots (.), colons (:), or dashes (-), with a
 * maximum length of 64."  Newer types say 128. */
static const struct name_form names = {
    .most = 64, .more = "-.:", .begins_with_letter = true};

const struct engine_translator translator_gemini = {
    .speaks = SPEECH_GEMINI,
    .form = GEMINI_FORM,
    .lacks = LACKS_CACHE | LACKS_STRICT | LACKS_GRAMMAR | LACKS_FILE_NAME,
    .names = &names,
    .key_field = "x-goog-api-key: ",
    .encode = gemini_encode,
    .encode_own = gemini_encode_own,
    .dialect = DIALECT_GEMINI,
    .translate = translate,
    .translate_answer = translate_answer,
    .note = note,
    .state_bytes = sizeof(struct telling),
    .release_state = release,
    .translated = 1U << SURFACE_CHAT,
};
