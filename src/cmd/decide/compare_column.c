/* compare_column.c -- see compare_column.h. */
#include "cmd/decide/compare_column.h"

#include "facts/date.h"
#include "facts/prices.h"
#include "json/write.h"

enum { BODY_BYTES = 256 << 20, ANSWER_BYTES = 4 << 20, ARENA_BYTES = 64 << 20 };

static void on_head(void *ctx, const struct http_head *head)
{
    struct compare_column *c = ctx;
    struct str side = http_head_get(head, STR("x-weir-side"));
    struct str request = http_head_get(head, STR("x-weir-request-id"));
    struct str label = http_head_get(head, STR("x-weir-label"));
    struct str masked = http_head_get(head, STR("x-weir-masked"));
    mutex_lock(&c->of->lock);
    snprintf(c->side, sizeof c->side, "%.*s", STR_ARG(side));
    snprintf(c->request, sizeof c->request, "%.*s", STR_ARG(request));
    snprintf(c->label, sizeof c->label, "%.*s", STR_ARG(label));
    snprintf(c->masked, sizeof c->masked, "%.*s", STR_ARG(masked));
    mutex_unlock(&c->of->lock);
}

static void on_event(void *ctx, const struct event *e)
{
    struct compare_column *c = ctx;
    struct spoken s;
    struct err ignored;
    if (spoken_read_event(e, STR(""), &c->halves, &c->scratch, &s, &ignored) == 0) {
        mutex_lock(&c->of->lock);
        buf_append(&c->text, s.text.p ? s.text : STR(""));
        buf_append(&c->text, s.refusal.p ? s.refusal : STR(""));
        buf_append(&c->thoughts, s.reasoning.p ? s.reasoning : STR(""));
        mutex_unlock(&c->of->lock);
    }
    arena_rewind(&c->scratch);
}

static void on_failed(void *ctx, const struct err *err)
{
    struct compare_column *c = ctx;
    mutex_lock(&c->of->lock);
    snprintf(c->failure, sizeof c->failure, "%s", err->msg);
    mutex_unlock(&c->of->lock);
}

static bool on_progress(void *ctx, uint32_t done, uint32_t of, uint64_t elapsed_us)
{
    const struct compare_column *c = ctx;
    (void)done;
    (void)of;
    (void)elapsed_us;
    return c->of->is_stopped;
}

static int on_ended(void *ctx, const struct bench_trace *t, struct err *err)
{
    struct compare_column *c = ctx;
    (void)err;
    mutex_lock(&c->of->lock);
    c->was_answered = t->end == BENCH_DONE;
    c->usage = t->usage;
    if (c->was_answered)
        bench_figures(t, AS_WEIR, false, &c->figures);
    mutex_unlock(&c->of->lock);
    return 0;
}

static void *run_column(void *arg)
{
    struct compare_column *c = arg;
    struct err err = {0};
    struct bench_result result;
    const struct bench_ears ears = {.head = on_head,
                                    .event = on_event,
                                    .failed = on_failed,
                                    .ended = on_ended,
                                    .ctx = c};
    const struct bench_ask ask = {.endpoint = &c->of->gateway.endpoint,
                                  .speaks = SPEECH_OPENAI,
                                  .prompts = &c->prompt,
                                  .nprompts = 1,
                                  .load = {.concurrency = 1, .requests = 1},
                                  .max_nanousd = -1,
                                  .ears = &ears,
                                  .progress = on_progress,
                                  .ctx = c};
    int rc = bench_run(&ask, &result, &err);
    mutex_lock(&c->of->lock);
    if (!c->was_answered && !c->failure[0])
        snprintf(c->failure, sizeof c->failure, "%s", rc < 0 ? err.msg : "stopped");
    c->is_done = true;
    mutex_unlock(&c->of->lock);
    return NULL;
}

static void write_message(struct json_writer *w, const char *role, struct str text)
{
    json_object_open(w);
    json_key(w, "role");
    json_str(w, str_of(role));
    json_key(w, "content");
    json_str(w, text);
    json_object_close(w);
}

int compare_column_prepare(struct compare_column *c, struct compare_shared *of,
                           struct str model, struct str system, struct str prompt,
                           uint64_t max_tokens, struct err *err)
{
    struct json_writer w;
    *c = (struct compare_column){.of = of, .model = model, .cost_nanousd = -1};
    buf_init(&c->body, BODY_BYTES);
    buf_init(&c->text, ANSWER_BYTES);
    buf_init(&c->thoughts, ANSWER_BYTES);
    arena_init(&c->scratch, ARENA_BYTES);
    json_writer_init(&w, &c->body);
    json_object_open(&w);
    json_key(&w, "model");
    json_str(&w, c->model);
    json_key(&w, "stream");
    json_bool(&w, true);
    json_key(&w, "stream_options");
    json_object_open(&w);
    json_key(&w, "include_usage");
    json_bool(&w, true);
    json_object_close(&w);
    if (max_tokens) {
        json_key(&w, "max_tokens");
        json_u64(&w, max_tokens);
    }
    json_key(&w, "messages");
    json_array_open(&w);
    if (system.n)
        write_message(&w, "system", system);
    write_message(&w, "user", prompt);
    json_array_close(&w);
    json_object_close(&w);
    if (c->body.failed)
        return err_nomem(err);
    const struct http_message m = {.method = STR("POST"),
                                   .target = STR("/v1/chat/completions"),
                                   .fields = str_of(of->gateway.fields),
                                   .body = {buf_view(&c->body)},
                                   .npieces = 1,
                                   .body_bytes = buf_len(&c->body)};
    bench_prompt_init(&c->prompt, &m, 0);
    return 0;
}

int compare_column_begin(struct compare_column *c, struct err *err)
{
    return pthread_create(&c->thread, NULL, run_column, c) == 0 ? 0 : err_nomem(err);
}

void compare_column_join(struct compare_column *c)
{
    pthread_join(c->thread, NULL);
}

void compare_column_price(struct compare_column *c, const struct prices *prices)
{
    struct err ignored;
    const struct usage *u = &c->usage;
    const struct price *list = prices_find(prices, STR(""), c->model, date_today());
    const struct token_counts n = {.input = u->input_tokens,
                                   .cached = u->cached_tokens,
                                   .cache_write = u->cache_write_tokens,
                                   .output = u->output_tokens,
                                   .reasoning = u->reasoning_tokens};
    c->cost_nanousd = -1;
    if (strcmp(c->side, "local") == 0)
        c->cost_nanousd = 0;
    else if (!list || !u->is_known ||
             prices_cost_nanousd(list, &n, &c->cost_nanousd, &ignored) < 0)
        c->cost_nanousd = -1;
}

void compare_column_release(struct compare_column *c)
{
    buf_release(&c->body);
    buf_release(&c->text);
    buf_release(&c->thoughts);
    arena_reset(&c->scratch);
}
