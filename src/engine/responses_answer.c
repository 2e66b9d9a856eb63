/* responses_answer.c -- what an engine says in the form of OpenAI's Responses, in weir's.
 *
 * An answer is items (responses_told.c).  In a stream each is added, told in pieces, and
 * said once more as a whole when it is done; the answer says all of them a third time at
 * its end.  What was told is not told again; what was not is taken from there. */
#include "engine/lacks.h"
#include "engine/responses_told.h"
#include "engine/toolnames.h"

#include "engine/members.h"
#include "json/scan.h"

#include <stdio.h>

/* -- a response, whole or as events have it
 * ----------------------------------------------
 */

enum {
    OF_ID,
    OF_CREATED,
    OF_MODEL,
    OF_STATUS,
    OF_OUTPUT,
    OF_USAGE,
    OF_TIER,
    OF_DETAILS,
    OF_ERROR,
    OF_CHOICES, /* it is in weir's form */
    RESPONSE_MEMBERS
};

static void read_response(struct str response, struct str *of)
{
    static const char *const names[RESPONSE_MEMBERS] = {[OF_ID] = "id",
                                                        [OF_CREATED] = "created_at",
                                                        [OF_MODEL] = "model",
                                                        [OF_STATUS] = "status",
                                                        [OF_OUTPUT] = "output",
                                                        [OF_USAGE] = "usage",
                                                        [OF_TIER] = "service_tier",
                                                        [OF_DETAILS] =
                                                            "incomplete_details",
                                                        [OF_ERROR] = "error",
                                                        [OF_CHOICES] = "choices"};
    (void)members_read(response, names, RESPONSE_MEMBERS, of);
}

static void begin(struct engine_translation *t, const struct str *of)
{
    struct telling *k = t->state;
    int64_t created = 0;
    if (of[OF_CREATED].p)
        (void)json_to_i64(of[OF_CREATED], &created);
    t->has_begun = true;
    made_name(&k->made, &t->naming, of[OF_ID], created, of[OF_MODEL]);
    made_begin(&k->made, &t->made, 0, NULL);
}

static void take_usage(struct telling *k, const struct str *of)
{
    if (of[OF_USAGE].p && usage_report_read(of[OF_USAGE], &k->usage))
        k->has_usage = true;
    if (is_json_string(of[OF_TIER])) {
        k->usage.has_tier = true;
        k->usage.tier = service_tier_of(string_inside(of[OF_TIER]));
    }
}

/* OpenAI's word for why it ended, raw. */
static struct str word_of(const struct telling *k, const struct str *of, bool is_whole)
{
    if (is_whole)
        return k->made.ncalls[0] ? STR("\"tool_calls\"") : STR("\"stop\"");
    struct str reason = json_get(of[OF_DETAILS], "reason");
    if (str_eqz(reason, "\"max_output_tokens\"") || !is_json_string(reason))
        return STR("\"length\"");
    return reason; /* content_filter is called the same */
}

static int tell_output(struct engine_translation *t, struct str output, struct err *err)
{
    struct telling *k = t->state;
    struct json_cur c;
    struct str item;
    uint64_t index = 0;
    if (k->nitems || !output.p)
        return 0; /* it was told item by item */
    if (!elements_begin(&c, output))
        return responses_bad(err, "no list as ", STR("output"));
    for (; elements_next(&c, &item); index++)
        if (responses_item_done(t, index, item, err) != 0)
            return -1;
    return 0;
}

static int end(struct engine_translation *t, const struct str *of, bool is_whole,
               struct err *err)
{
    struct telling *k = t->state;
    if (tell_output(t, of[OF_OUTPUT], err) != 0)
        return -1;
    responses_end_all(t);
    take_usage(k, of);
    made_finish(&k->made, &t->made, 0, word_of(k, of, is_whole), (struct str){NULL, 0});
    if (k->has_usage)
        made_usage(&k->made, &t->made, &k->usage);
    buf_lit(&t->made, "data: [DONE]\n\n");
    t->has_ended = true;
    return 0;
}

/* -- events ----------------------------------------------------------------------------
 */

/* For decode.c, which reads what it finds in `error`. */
static void say_error(struct engine_translation *t, struct str error)
{
    buf_lit(&t->made, "data: {\"error\":");
    if (error.n && error.p[0] == '{')
        made_flat(&t->made, error);
    else
        buf_lit(&t->made, "\"the engine's answer failed, and it does not say why\"");
    buf_lit(&t->made, "}\n\n");
}

static void take_failure(struct engine_translation *t, struct str data, struct str error,
                         struct str response)
{
    if (error.p)
        say_error(t, error);
    else if (response.p)
        say_error(t, json_get(response, "error"));
    else
        say_error(t, data); /* its own members are those of an error */
}

enum { IN_TYPE, IN_RESPONSE, IN_ERROR, IN_CHOICES, EVENT_MEMBERS };

static int take_event(struct engine_translation *t, struct str name, struct str data,
                      struct err *err)
{
    static const char *const names[EVENT_MEMBERS] = {[IN_TYPE] = "type",
                                                     [IN_RESPONSE] = "response",
                                                     [IN_ERROR] = "error",
                                                     [IN_CHOICES] = "choices"};
    struct str in[EVENT_MEMBERS], of[RESPONSE_MEMBERS];
    bool is_object = members_read(data, names, EVENT_MEMBERS, in);
    struct str type = string_inside(in[IN_TYPE]);
    type = type.n ? type : name;
    if (t->has_ended)
        return 0;
    if (!is_object || in[IN_CHOICES].p || !type.n) {
        made_as_it_is(&t->made, data);
        return 0;
    }
    if (str_eqz(type, "error") || str_eqz(type, "response.failed") ||
        str_eqz(type, "response.cancelled")) {
        take_failure(t, data, in[IN_ERROR], in[IN_RESPONSE]);
        return 0;
    }
    if (!str_starts(type, STR("response."))) {
        buf_lit(&t->made, ": ping\n\n");
        return 0;
    }
    bool is_whole = str_eqz(type, "response.completed");
    bool is_end = is_whole || str_eqz(type, "response.incomplete");
    if (is_end || !t->has_begun)
        read_response(in[IN_RESPONSE], of);
    if (!t->has_begun)
        begin(t, of);
    return is_end ? end(t, of, is_whole, err) : responses_take_piece(t, type, data, err);
}

static int translate(struct engine_translation *t, struct str bytes, bool is_end,
                     struct err *err)
{
    return translate_events(t, bytes, is_end, take_event, err);
}

/* -- whole answers ---------------------------------------------------------------------
 */

static int tell(struct engine_translation *t, const struct str *of, struct err *err)
{
    struct str status = of[OF_STATUS];
    bool is_whole = str_eqz(status, "\"completed\"");
    if (!is_whole && !str_eqz(status, "\"incomplete\""))
        return err_set(err, ERR_UPSTREAM, "upstream_truncated",
                       "the engine's answer ends before it is complete: its status is "
                       "'%.*s'",
                       STR_ARG(str_sub(string_inside(status), 0, 48)));
    begin(t, of);
    return end(t, of, is_whole, err);
}

static int translate_answer(const struct engine_naming *naming, struct str answer,
                            struct buf *out, struct err *err)
{
    struct str of[RESPONSE_MEMBERS];
    struct telling k = {.nopen = 0};
    struct engine_translation t = {.naming = *naming, .state = &k};
    read_response(answer, of);
    if (!of[OF_OUTPUT].p || of[OF_ERROR].p || of[OF_CHOICES].p) {
        buf_append(out, answer); /* an error, weir's form, or what says nothing */
        return 0;
    }
    buf_init(&t.made, 8 * answer.n + MAX_TEXT_BYTES);
    int rc = tell(&t, of, err);
    if (rc == 0 && t.made.failed)
        rc = err_nomem(err);
    if (rc == 0)
        rc = made_collect(&k.made, buf_view(&t.made), out, err);
    buf_release(&t.made);
    made_release(&k.made);
    return rc;
}

static void release(void *state)
{
    struct telling *k = state;
    made_release(&k->made);
}

static const struct name_form names = {.most = 64, .more = "-"};

const struct engine_translator translator_responses = {
    .speaks = SPEECH_RESPONSES,
    .form = RESPONSES_FORM,
    .lacks = LACKS_CACHE,
    .names = &names,
    .encode = responses_encode,
    .encode_own = responses_encode_own,
    .dialect = DIALECT_OPENAI_RESPONSES,
    .own_path = "/v1/responses",
    .translate = translate,
    .translate_answer = translate_answer,
    .note = responses_note,
    .state_bytes = sizeof(struct telling),
    .release_state = release,
    .translated = 1U << SURFACE_CHAT,
};
