/* anthropic_answer.c -- what an engine says in Anthropic's form, in weir's form.
 *
 * A message is blocks, one after the other (anthropic_blocks.c).  In a stream each has a
 * start, deltas and a stop; a whole answer is told here as such a stream.  Counts are
 * those of the whole answer whenever they are said: the last that is said holds.  Events
 * that are not known are stepped over, as the documentation asks for. */
#include "engine/anthropic_answer.h"
#include "engine/lacks.h"
#include "engine/toolnames.h"

#include "engine/members.h"
#include "json/scan.h"

static void init(struct telling *k)
{
    siphash_init(&k->thought, anthropic_digest_key);
    buf_init(&k->signature, MAX_TEXT_BYTES);
    buf_init(&k->input, MAX_TEXT_BYTES);
    buf_init(&k->sources, MAX_TEXT_BYTES);
}

static void release(void *state)
{
    struct telling *k = state;
    made_release(&k->made);
    buf_release(&k->signature);
    buf_release(&k->input);
    buf_release(&k->sources);
}

/* -- a message, whole or what events say of it -----------------------------------------
 */

enum {
    OF_ID,
    OF_MODEL,
    OF_CONTENT,
    OF_USAGE,
    OF_REASON,
    OF_SEQUENCE,
    OF_DETAILS,
    OF_CHOICES, /* it is in weir's form */
    MESSAGE_MEMBERS
};

static void read_message(struct str message, struct str *of)
{
    static const char *const names[MESSAGE_MEMBERS] = {[OF_ID] = "id",
                                                       [OF_MODEL] = "model",
                                                       [OF_CONTENT] = "content",
                                                       [OF_USAGE] = "usage",
                                                       [OF_REASON] = "stop_reason",
                                                       [OF_SEQUENCE] = "stop_sequence",
                                                       [OF_DETAILS] = "stop_details",
                                                       [OF_CHOICES] = "choices"};
    (void)members_read(message, names, MESSAGE_MEMBERS, of);
}

/* -- usage ----------------------------------------------------------------------------
 */

/* A count that is said again replaces the one before; one that is not said stays. */
static void take_usage(struct telling *k, struct str raw)
{
    struct usage_report r;
    if (!raw.p || !usage_report_read(raw, &r))
        return;
    for (size_t i = 0; i < USAGE_COUNTS; i++)
        if (r.given & 1U << i)
            k->usage.n[i] = r.n[i];
    k->usage.given |= r.given;
    if (r.has_tier) {
        k->usage.has_tier = true;
        k->usage.tier = r.tier;
    }
    k->has_usage = true;
}

static void say_usage(struct engine_translation *t)
{
    struct telling *k = t->state;
    if (k->has_usage)
        made_usage(&k->made, &t->made, &k->usage);
    k->has_usage = false;
}

/* -- the end --------------------------------------------------------------------------
 */

/* OpenAI's word; p == NULL: it has none, and the word goes on as it is. */
static struct str word_of(struct str reason, bool has_calls)
{
    static const struct {
        const char *reason, *word;
    } words[] = {
        {"end_turn", "\"stop\""},       {"stop_sequence", "\"stop\""},
        {"max_tokens", "\"length\""},   {"model_context_window_exceeded", "\"length\""},
        {"tool_use", "\"tool_calls\""}, {"refusal", "\"content_filter\""},
    };
    if (has_calls && str_eqz(reason, "end_turn"))
        return STR("\"tool_calls\"");
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (str_eqz(reason, words[i].reason))
            return str_of(words[i].word);
    return (struct str){NULL, 0};
}

static int take_end(struct engine_translation *t, const struct str *of, struct err *err)
{
    struct telling *k = t->state;
    struct str raw = of[OF_REASON], reason = string_inside(raw);
    if (!reason.n)
        return 0;
    if (str_eqz(reason, "pause_turn") && !t->naming.is_own)
        return err_set(err, ERR_UPSTREAM, "upstream_paused",
                       "the engine paused its turn (pause_turn): tools that its provider "
                       "runs are not done, and a translated request cannot go on with "
                       "them");
    anthropic_end_all(t);
    if (str_eqz(reason, "refusal"))
        made_text(&k->made, &t->made, 0, "refusal",
                  json_get(of[OF_DETAILS], "explanation"));
    struct str word = word_of(reason, k->made.ncalls[0] > 0);
    made_finish(&k->made, &t->made, 0, word.p ? word : raw,
                str_eqz(reason, "stop_sequence") ? of[OF_SEQUENCE]
                                                 : (struct str){NULL, 0});
    k->has_finish = true;
    return 0;
}

/* -- events ---------------------------------------------------------------------------
 */

enum { IN_TYPE, IN_INDEX, IN_MESSAGE, IN_BLOCK, IN_DELTA, IN_USAGE, EVENT_MEMBERS };

static void begin(struct engine_translation *t, const struct str *of)
{
    struct telling *k = t->state;
    take_usage(k, of[OF_USAGE]);
    if (t->has_begun)
        return;
    t->has_begun = true;
    made_name(&k->made, &t->naming, of[OF_ID], 0, of[OF_MODEL]);
    made_begin(&k->made, &t->made, 0, k->has_usage ? &k->usage : NULL);
}

static void end(struct engine_translation *t)
{
    say_usage(t);
    buf_lit(&t->made, "data: [DONE]\n\n");
    t->has_ended = true;
}

static int take_message_delta(struct engine_translation *t, const struct str *in,
                              struct err *err)
{
    struct str of[MESSAGE_MEMBERS];
    take_usage(t->state, in[IN_USAGE]);
    read_message(in[IN_DELTA], of);
    return take_end(t, of, err);
}

static int take_of_block(struct engine_translation *t, struct str type,
                         const struct str *in, struct err *err)
{
    uint64_t index = 0;
    if (in[IN_INDEX].p && !str_to_u64(in[IN_INDEX], &index))
        return anthropic_bad(err, "the index ", in[IN_INDEX]);
    if (str_eqz(type, "content_block_start"))
        return anthropic_begin_block(t, index, in[IN_BLOCK], err);
    if (str_eqz(type, "content_block_delta"))
        return anthropic_take_delta(t, index, in[IN_DELTA], err);
    anthropic_end_block(t, index);
    return 0;
}

/* For decode.c, which tells what it is. */
static void leave(struct engine_translation *t, struct str name, struct str data)
{
    if (str_eqz(name, "error"))
        buf_lit(&t->made, "event: error\n");
    made_as_it_is(&t->made, data);
}

static int take_event(struct engine_translation *t, struct str name, struct str data,
                      struct err *err)
{
    static const char *const names[EVENT_MEMBERS] = {
        [IN_TYPE] = "type",           [IN_INDEX] = "index", [IN_MESSAGE] = "message",
        [IN_BLOCK] = "content_block", [IN_DELTA] = "delta", [IN_USAGE] = "usage"};
    struct telling *k = t->state;
    struct str in[EVENT_MEMBERS], of[MESSAGE_MEMBERS];
    if (!k->signature.max_bytes)
        init(k);
    bool is_object = members_read(data, names, EVENT_MEMBERS, in);
    struct str type = string_inside(in[IN_TYPE]);
    type = type.n ? type : name;
    if (t->has_ended)
        return 0;
    bool is_start = str_eqz(type, "message_start");
    bool is_of_block = str_starts(type, STR("content_block_"));
    if (is_start || (is_of_block && !t->has_begun)) {
        read_message(in[IN_MESSAGE], of);
        begin(t, of);
    }
    if (is_start)
        return 0;
    if (is_of_block)
        return take_of_block(t, type, in, err);
    if (str_eqz(type, "message_delta"))
        return take_message_delta(t, in, err);
    if (str_eqz(type, "message_stop"))
        end(t);
    else if (!is_object && k->has_finish && str_eqz(str_trim(data), "[DONE]"))
        end(t);
    else if (!is_object || str_eqz(type, "error") || !type.n)
        leave(t, name, data);
    else
        buf_lit(&t->made, ": ping\n\n");
    return 0;
}

static int translate(struct engine_translation *t, struct str bytes, bool is_end,
                     struct err *err)
{
    struct telling *k = t->state;
    if (translate_events(t, bytes, is_end, take_event, err) != 0)
        return -1;
    if (is_end && !t->has_ended && k->has_finish)
        say_usage(t);
    return 0;
}

/* -- whole answers ---------------------------------------------------------------------
 */

static int tell_blocks(struct engine_translation *t, struct str content, struct err *err)
{
    struct json_cur c;
    struct str block;
    uint64_t index = 0;
    if (!elements_begin(&c, content))
        return anthropic_bad(err, "no list as ", STR("content"));
    for (; elements_next(&c, &block); index++) {
        if (anthropic_begin_block(t, index, block, err) != 0)
            return -1;
        anthropic_end_block(t, index);
    }
    return 0;
}

static int tell(struct engine_translation *t, const struct str *of, struct err *err)
{
    struct telling *k = t->state;
    begin(t, of);
    if (tell_blocks(t, of[OF_CONTENT], err) != 0 || take_end(t, of, err) != 0)
        return -1;
    if (!k->has_finish)
        return err_set(err, ERR_UPSTREAM, "upstream_truncated",
                       "the engine's answer ends before it is complete: it has no "
                       "'stop_reason'");
    end(t);
    return 0;
}

static int translate_answer(const struct engine_naming *naming, struct str answer,
                            struct buf *out, struct err *err)
{
    struct str of[MESSAGE_MEMBERS];
    read_message(answer, of);
    if (!of[OF_CONTENT].p || of[OF_CHOICES].p) {
        buf_append(out, answer); /* an error, weir's form, or what says nothing */
        return 0;
    }
    struct telling k = {.nopen = 0};
    struct engine_translation t = {.naming = *naming, .state = &k};
    init(&k);
    buf_init(&t.made, 8 * answer.n + MAX_TEXT_BYTES);
    int rc = tell(&t, of, err);
    if (rc == 0 && t.made.failed)
        rc = err_nomem(err);
    if (rc == 0)
        rc = made_collect(&k.made, buf_view(&t.made), out, err);
    buf_release(&t.made);
    release(&k);
    return rc;
}

/* Its API's own words, September 2026: "String should match pattern
 * '^[a-zA-Z0-9_-]{1,128}$'". */
static const struct name_form names = {.most = 128, .more = "-"};

const struct engine_translator translator_anthropic = {
    .speaks = SPEECH_ANTHROPIC,
    .form = ANTHROPIC_FORM,
    .lacks = LACKS_GRAMMAR,
    .names = &names,
    .key_field = "x-api-key: ",
    .more_fields = "anthropic-version: 2023-06-01\r\n",
    .encode = anthropic_encode,
    .encode_own = anthropic_encode_own,
    .dialect = DIALECT_ANTHROPIC,
    .own_path = "/v1/messages",
    .translate = translate,
    .translate_answer = translate_answer,
    .note = anthropic_note,
    .state_bytes = sizeof(struct telling),
    .release_state = release,
    .translated = 1U << SURFACE_CHAT,
};
