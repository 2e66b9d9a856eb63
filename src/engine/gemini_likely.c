/* gemini_likely.c -- how likely the tokens of a candidate were, as OpenAI says it.
 *
 * {"chosenCandidates":[{token,logProbability}],"topCandidates":[{"candidates":[...]}]}:
 * the second list has the others that there were, token by token. */
#include "engine/gemini.h"
#include "engine/members.h"
#include "json/scan.h"

enum { MAX_BYTES = 16 * 1024 * 1024 };

/* {"token":..., "logprob":..., "bytes":null, and the object is left open. */
static void write_token(struct buf *out, struct str raw)
{
    static const char *const names[] = {"token", "logProbability"};
    struct str in[2];
    (void)members_read(raw, names, ARRAY_LEN(names), in);
    buf_lit(out, "{\"token\":");
    buf_append(out, is_json_string(in[0]) ? in[0] : STR("\"\""));
    buf_lit(out, ",\"logprob\":");
    buf_append(out, in[1].p ? in[1] : STR("0"));
    buf_lit(out, ",\"bytes\":null");
}

static void write_others(struct buf *out, struct str raw)
{
    struct json_cur c;
    struct str one, list = json_get(raw, "candidates");
    bool is_first = true;
    buf_lit(out, ",\"top_logprobs\":[");
    if (list.p && elements_begin(&c, list))
        for (; elements_next(&c, &one); is_first = false) {
            buf_append(out, is_first ? STR("") : STR(","));
            write_token(out, one);
            buf_byte(out, '}');
        }
    buf_byte(out, ']');
}

void gemini_tell_likely(struct made *m, struct buf *out, uint32_t choice,
                        struct str result)
{
    struct json_cur c, of;
    struct str chosen = json_get(result, "chosenCandidates"), one, others;
    struct str top = json_get(result, "topCandidates");
    struct buf list;
    bool has_top = top.p && elements_begin(&of, top), is_first = true;
    if (!chosen.p || !elements_begin(&c, chosen))
        return;
    buf_init(&list, MAX_BYTES);
    buf_byte(&list, '[');
    for (; elements_next(&c, &one); is_first = false) {
        bool has_others = has_top && elements_next(&of, &others);
        buf_append(&list, is_first ? STR("") : STR(","));
        write_token(&list, one);
        write_others(&list, has_others ? others : STR("{}"));
        buf_byte(&list, '}');
    }
    buf_byte(&list, ']');
    out->failed |= list.failed;
    made_likely_text(m, out, choice, STR("\"\""), buf_view(&list));
    buf_release(&list);
}
