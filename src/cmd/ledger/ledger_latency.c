/* ledger_latency.c -- see ledger_latency.h. */
#include "cmd/ledger/ledger_latency.h"

#include "cmd/lib/say.h"
#include "json/write.h"

#include <math.h>

static const char *number(char text[24], double v)
{
    if (isnan(v))
        return "-";
    snprintf(text, 24, v < 10 ? "%.1f" : "%.0f", v);
    return text;
}

static void print_line(FILE *out, struct latency_line *l)
{
    char text[7][24];
    const struct {
        double value;
    } cells[] = {{sample_mean(&l->ttft)},          {sample_deviation(&l->ttft)},
                 {sample_quantile(&l->ttft, .5)},  {sample_quantile(&l->ttft, .9)},
                 {sample_quantile(&l->ttft, .99)}, {sample_quantile(&l->paused, .5)},
                 {sample_quantile(&l->speed, .5)}};
    say(out, "%-6s %-24.24s %6zu %7s %7s %7s %7s %7s %9s %8s", side_name(l->side),
        l->model.n ? l->model.p : "?", l->ttft.n + l->paused.n,
        number(text[0], cells[0].value), number(text[1], cells[1].value),
        number(text[2], cells[2].value), number(text[3], cells[3].value),
        number(text[4], cells[4].value), number(text[5], cells[5].value),
        number(text[6], cells[6].value));
}

static void write_number(struct json_writer *w, const char *key, double v)
{
    json_key(w, key);
    if (isnan(v))
        json_write_null(w);
    else
        json_double(w, v);
}

static void write_line(FILE *out, struct latency_line *l)
{
    struct json_writer w;
    struct buf b;
    buf_init(&b, 64 * 1024);
    json_writer_init(&w, &b);
    json_object_open(&w);
    json_key(&w, "engine");
    json_str(&w, l->engine);
    json_key(&w, "model");
    json_str(&w, l->model);
    json_key(&w, "side");
    json_str(&w, str_of(side_name(l->side)));
    json_key(&w, "legs");
    json_u64(&w, l->legs);
    json_key(&w, "streamed");
    json_u64(&w, l->ttft.n + l->paused.n);
    json_key(&w, "after_pause");
    json_u64(&w, l->paused.n);
    write_number(&w, "ttft_ms_mean", sample_mean(&l->ttft));
    write_number(&w, "ttft_ms_deviation", sample_deviation(&l->ttft));
    write_number(&w, "ttft_ms_p50", sample_quantile(&l->ttft, .5));
    write_number(&w, "ttft_ms_p90", sample_quantile(&l->ttft, .9));
    write_number(&w, "ttft_ms_p99", sample_quantile(&l->ttft, .99));
    write_number(&w, "ttft_ms_after_pause_p50", sample_quantile(&l->paused, .5));
    write_number(&w, "tokens_per_s_p50", sample_quantile(&l->speed, .5));
    json_object_close(&w);
    say_json(out, buf_view(&b));
    buf_release(&b);
}

void latency_print(struct latency_table *t, bool is_json, FILE *out)
{
    if (!is_json && !t->first) {
        fputs("No request that an engine answered is in the ledger for that time.\n",
              out);
        return;
    }
    if (!is_json)
        fprintf(out, "%-6s %-24s %6s %7s %7s %7s %7s %7s %9s %8s\n", "side", "model", "n",
                "mean", "sd", "p50", "p90", "p99", "p50 cold", "tokens/s");
    for (struct latency_line *l = t->first; l; l = l->next)
        if (is_json)
            write_line(out, l);
        else
            print_line(out, l);
    if (!is_json)
        fputs("\nTime to first token in milliseconds, of streamed answers.  cold: the "
              "first "
              "answer\nafter five minutes without a request, when the model may have had "
              "to "
              "be loaded;\nit is in no other figure.  tokens/s: median, behind the first "
              "token, where the\nengine told its counts.\n",
              out);
}
