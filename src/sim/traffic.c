/* traffic.c -- see traffic.h. */
#include "sim/traffic.h"

#include "sim/traffic_text.h"
#include "json/write.h"

#include <math.h>
#include <stdio.h>

enum { TEXT_BYTES = 64 << 10, TURNS_MAX = 8, TALKS = 4, ANSWER_TOKENS = 160 };

const char *traffic_app_name(enum traffic_app a)
{
    static const char *const names[] = {"chat", "code", "agent", "mail", "office"};
    return names[a];
}

const char *traffic_app_key(enum traffic_app a)
{
    static const char *const keys[] = {"trial-chat", "trial-code", "trial-agent",
                                       "trial-mail", "trial-office"};
    return keys[a];
}

void traffic_begin(struct traffic *t, uint64_t seed, double requests_a_second)
{
    *t = (struct traffic){.seed = seed, .rate = requests_a_second};
}

/* -- the parts of a body --------------------------------------------------------------
 */

typedef void text_fn(struct draw *d, struct buf *b);

static void put_text(struct json_writer *w, const char *key, const char *before,
                     text_fn *text, struct draw *d, const char *after)
{
    struct buf b;
    buf_init(&b, TEXT_BYTES);
    buf_append(&b, str_of(before));
    if (text)
        text(d, &b);
    buf_append(&b, str_of(after));
    json_key(w, key);
    json_str(w, buf_view(&b));
    buf_release(&b);
}

static void put_said(struct json_writer *w, const char *role, const char *before,
                     text_fn *text, struct draw *d, const char *after)
{
    json_object_open(w);
    json_key(w, "role");
    json_str(w, str_of(role));
    put_text(w, "content", before, text, d, after);
    json_object_close(w);
}

static void put_head(struct json_writer *w, const char *model, bool is_stream)
{
    json_object_open(w);
    json_key(w, "model");
    json_str(w, str_of(model));
    json_key(w, "max_tokens");
    json_u64(w, ANSWER_TOKENS);
    if (is_stream)
        json_key(w, "stream");
    if (is_stream)
        json_bool(w, true);
    json_key(w, "messages");
    json_array_open(w);
}

/* -- the apps -------------------------------------------------------------------------
 */

/* One request on its way to be written. */
struct making {
    const struct traffic *t;
    struct draw d; /* of this request */
    struct traffic_item *item;
    struct json_writer w;
    const char *trouble; /* said to a simulated engine, in the last user message */
};

/* One of a few conversations that an app has open, and its turn: the same seed has said
 * the same in the turns before. */
static struct draw talk_of(struct making *m, unsigned *ret_turn)
{
    uint64_t talk = draw_below(&m->d, TALKS) + TALKS * (m->t->n / 120);
    snprintf(m->item->session, sizeof m->item->session, "%s-%llx-%llu",
             traffic_app_name(m->item->app), (unsigned long long)(m->t->seed & 0xffff),
             (unsigned long long)talk);
    *ret_turn = (unsigned)(m->t->n % 120 / 15);
    return draw_of(m->t->seed, 1000 + m->item->app, talk);
}

static void make_chat(struct making *m)
{
    static const char *const models[] = {"auto", "auto",  "auto",
                                         "auto", "local", "cloud"};
    unsigned turn;
    struct draw talk = talk_of(m, &turn);
    m->item->is_stream = draw_below(&m->d, 5) > 0;
    m->item->fields = draw_below(&m->d, 8) ? "" : "x-weir-quality: high\r\n";
    put_head(&m->w, DRAW_ONE(&m->d, models), m->item->is_stream);
    put_said(&m->w, "system", "You are helpful and brief.", NULL, NULL, "");
    put_said(&m->w, "user", "", say_question, &talk, turn ? "" : m->trouble);
    for (unsigned i = 1; i <= turn; i++) {
        put_said(&m->w, "assistant", "", say_answer, &talk, "");
        put_said(&m->w, "user", "", say_follow_up, &talk, i == turn ? m->trouble : "");
    }
    json_array_close(&m->w);
}

static void make_code(struct making *m)
{
    static const char *const models[] = {"auto", "auto", "auto", "cloud"};
    put_head(&m->w, DRAW_ONE(&m->d, models), false);
    put_said(&m->w, "system", "You review code. Answer as a numbered list.", NULL, NULL,
             "");
    put_said(&m->w, "user", "", say_diff, &m->d, m->trouble);
    json_array_close(&m->w);
}

static void put_call(struct json_writer *w, unsigned i, const char *name, struct draw *d)
{
    char id[24];
    snprintf(id, sizeof id, "call_%u", i);
    json_object_open(w);
    json_key(w, "role");
    json_str(w, STR("assistant"));
    json_key(w, "content");
    json_str(w, (struct str){NULL, 0});
    json_key(w, "tool_calls");
    json_raw(w, STR("[{\"id\":\""));
    buf_printf(w->out,
               "%s\",\"type\":\"function\",\"function\":{\"name\":\"%s\","
               "\"arguments\":\"{\\\"path\\\":\\\"src/part%u.py\\\"}\"}}]",
               id, name, (unsigned)draw_below(d, 40));
    json_object_close(w);
    json_object_open(w);
    json_key(w, "role");
    json_str(w, STR("tool"));
    json_key(w, "tool_call_id");
    json_str(w, str_of(id));
    put_text(w, "content", "", say_listing, d, "");
    json_object_close(w);
}

static void make_agent(struct making *m)
{
    static const char *const tools[] = {"read_file", "read_file", "edit_file",
                                        "run_tests"};
    unsigned turn;
    struct draw talk = talk_of(m, &turn);
    m->item->is_stream = true;
    put_head(&m->w, "auto", true);
    put_said(&m->w, "system", "You are a coding agent. Use the tools.", NULL, NULL, "");
    put_said(&m->w, "user", "", say_task, &talk, m->trouble);
    for (unsigned i = 0; i < turn; i++)
        put_call(&m->w, i, DRAW_ONE(&talk, tools), &talk);
    json_array_close(&m->w);
    json_key(&m->w, "tools");
    json_array_open(&m->w);
    for (size_t i = 1; i < ARRAY_LEN(tools); i++) {
        json_raw(&m->w, STR("{\"type\":\"function\",\"function\":{\"name\":\""));
        buf_printf(m->w.out,
                   "%s\",\"parameters\":{\"type\":\"object\",\"properties\":{\"path\":"
                   "{\"type\":\"string\"}},\"required\":[\"path\"]}}}",
                   tools[i]);
        m->w.needs_comma = true;
    }
    json_array_close(&m->w);
}

static void make_mail(struct making *m)
{
    static const char *const models[] = {"auto", "auto", "cloud"};
    put_head(&m->w, DRAW_ONE(&m->d, models), false);
    put_said(&m->w, "user", "Fill in what this customer wants, as JSON.\n\n", say_mail,
             &m->d, m->trouble);
    json_array_close(&m->w);
    json_key(&m->w, "response_format");
    json_raw(&m->w,
             STR("{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"claim\","
                 "\"schema\":{\"type\":\"object\",\"properties\":{\"order\":{\"type\":"
                 "\"string\"},\"wish\":{\"type\":\"string\"},\"is_urgent\":{\"type\":"
                 "\"boolean\"}},\"required\":[\"order\",\"wish\",\"is_urgent\"]}}}"));
}

/* Half of it is found by the scan, some is labelled by the app, and now and then somebody
 * asks a cloud model all the same. */
static void make_office(struct making *m)
{
    uint64_t kind = draw_below(&m->d, 10);
    bool is_labelled = kind >= 7;
    const char *model = kind == 6 || kind == 9 ? "cloud" : "auto";
    m->item->fields = is_labelled ? "x-weir-sensitivity: confidential\r\n" : "";
    m->item->is_stream = draw_below(&m->d, 3) == 0;
    put_head(&m->w, model, m->item->is_stream);
    put_said(&m->w, "user", "Summarise this in two sentences.\n\n",
             kind < 3 ? say_minutes : say_document, &m->d, m->trouble);
    json_array_close(&m->w);
}

/* -- what goes wrong ------------------------------------------------------------------
 */

/* Words that simulated engines take for an order (docs/sim.md), and others for text. */
static const char *trouble_of(struct draw *d)
{
    static const char *const words[] = {
        "\n[[sim:500]]", "\n[[sim:reset-mid-stream=4]]", "\n[[sim:overflow]]",
        "\n[[sim:slow-first-token=1500]]", "\n[[sim:429=2]]"};
    return draw_below(d, 25) ? "" : DRAW_ONE(d, words);
}

static void make_wrong(struct making *m, struct buf *body)
{
    m->item->is_odd = true;
    if (draw_below(&m->d, 2)) {
        buf_lit(body,
                "{\"model\":\"auto\",\"messages\":[{\"role\":\"user\",\"content\":");
        return;
    }
    put_head(&m->w, "a-model-of-last-year", false);
    put_said(&m->w, "user", "", say_question, &m->d, "");
    json_array_close(&m->w);
    json_object_close(&m->w);
}

void traffic_next(struct traffic *t, struct traffic_item *ret, struct buf *body)
{
    static void (*const makes[])(struct making * m) = {
        [TRAFFIC_CHAT] = make_chat,     [TRAFFIC_CODE] = make_code,
        [TRAFFIC_AGENT] = make_agent,   [TRAFFIC_MAIL] = make_mail,
        [TRAFFIC_OFFICE] = make_office,
    };
    static const unsigned char shares[TRAFFIC_APPS] = {32, 16, 24, 14, 14}; /* of 100 */
    struct making m = {.t = t, .d = draw_of(t->seed, t->n, 1), .item = ret};
    uint64_t share = draw_below(&m.d, 100);
    unsigned app = 0;
    while (share >= shares[app])
        share -= shares[app++];
    t->at_s += -log(1 - draw_unit(&m.d)) / t->rate;
    *ret = (struct traffic_item){
        .at_ms = (uint64_t)(t->at_s * 1000), .app = (enum traffic_app)app, .fields = ""};
    json_writer_init(&m.w, body);
    m.trouble = trouble_of(&m.d);
    ret->is_odd = *m.trouble != '\0';
    if (draw_below(&m.d, 50) == 0) {
        make_wrong(&m, body);
    } else {
        makes[app](&m);
        json_object_close(&m.w);
    }
    t->n++;
}
