/* ollama_line.c -- see ollama_line.h.
 *
 * How long things took is what weir saw of it: all of it since the request came, of a
 * stream also until and since the first piece.  How long a model took to load nobody
 * tells it: that is left out, as Ollama leaves out what is 0. */
#include "dialect/ollama_line.h"

#include "core/clock.h"
#include "json/scan.h"
#include "json/write.h"

enum { UP_TO_MS = sizeof "2026-11-29T20:00:00." - 1 };

static void write_calls(struct json_writer *w, const struct ollama_line *l)
{
    if (l->ncalls == 0)
        return;
    json_key(w, "tool_calls");
    json_array_open(w);
    for (size_t i = 0; i < l->ncalls; i++) {
        json_object_open(w);
        if (l->calls[i].id.n) {
            json_key(w, "id");
            json_str(w, l->calls[i].id);
        }
        json_key(w, "function");
        json_object_open(w);
        json_key(w, "index");
        json_u64(w, i);
        json_key(w, "name");
        json_str(w, l->calls[i].name);
        json_key(w, "arguments");
        json_raw(w, l->calls[i].arguments);
        json_object_close(w);
        json_object_close(w);
    }
    json_array_close(w);
}

static void write_images(struct json_writer *w, const struct ollama_line *l)
{
    struct json_cur c;
    struct spoken_image one;
    bool is_open = false;
    if (!l->images || !spoken_images_begin(l->images, &c))
        return;
    for (; spoken_image_next(&c, &one); is_open = true) {
        if (!is_open) {
            json_key(w, "images");
            json_array_open(w);
        }
        json_text(w, (struct json_text){one.data});
    }
    if (is_open)
        json_array_close(w);
}

static void write_thinking(struct json_writer *w, const struct ollama_line *l)
{
    if (l->thinking.n == 0)
        return;
    json_key(w, "thinking");
    json_str(w, l->thinking);
}

static void write_said(struct json_writer *w, const struct ollama_line *l)
{
    const struct str text = l->text.p ? l->text : STR("");
    if (l->request == OLLAMA_GENERATE) {
        json_key(w, "response");
        json_str(w, text);
        write_thinking(w, l);
        write_images(w, l);
        write_calls(w, l);
        return;
    }
    json_key(w, "message");
    json_object_open(w);
    json_key(w, "role");
    json_str(w, STR("assistant"));
    json_key(w, "content");
    json_str(w, text);
    write_thinking(w, l);
    write_images(w, l);
    write_calls(w, l);
    json_object_close(w);
}

/* Ollama has no word of its own for calls, nor for what a filter ended; "load" and
 * "unload" come from weir itself. */
static struct str reason_of(struct str finish)
{
    static const char *const known[] = {"length", "load", "unload"};
    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        if (str_eqz(finish, known[i]))
            return finish;
    return STR("stop");
}

static void write_count(struct json_writer *w, const char *name, uint64_t n)
{
    if (n == 0)
        return;
    json_key(w, name);
    json_u64(w, n);
}

static void write_duration(struct json_writer *w, const char *name, uint64_t from_ms,
                           uint64_t to_ms)
{
    const uint64_t ns = 1000000;
    write_count(w, name, from_ms && to_ms > from_ms ? (to_ms - from_ms) * ns : 0);
}

static void write_end(struct json_writer *w, const struct ollama_line *l)
{
    const uint64_t now_ms = clock_mono_ms();
    json_key(w, "done_reason");
    json_str(w, reason_of(l->finish));
    write_duration(w, "total_duration", l->began_ms, now_ms);
    write_count(w, "prompt_eval_count", l->usage.input_tokens);
    write_duration(w, "prompt_eval_duration", l->began_ms, l->first_ms);
    write_count(w, "eval_count", l->usage.output_tokens);
    write_duration(w, "eval_duration", l->first_ms, now_ms);
}

void ollama_write_line(const struct ollama_line *l, struct buf *out)
{
    struct json_writer w;
    char now[25];
    clock_format_utc(clock_wall_ms(), now);
    json_writer_init(&w, out);
    json_object_open(&w);
    json_key(&w, "model");
    json_str(&w, l->model.p ? l->model : STR(""));
    json_key(&w, "created_at");
    json_str(&w, str_of(now));
    write_said(&w, l);
    json_key(&w, "done");
    json_bool(&w, l->is_done);
    if (l->is_done)
        write_end(&w, l);
    if (l->logprobs.p) {
        json_key(&w, "logprobs");
        json_raw(&w, l->logprobs);
    }
    json_object_close(&w);
}

/* What pieces have in common, up to their text. */
static void write_piece_head(const struct ollama_line *l, uint64_t ms,
                             struct ollama_head *kept)
{
    struct buf *head = &kept->text;
    char now[25];
    clock_format_utc(ms, now);
    buf_clear(head);
    buf_lit(head, "{\"model\":");
    json_write_string(head, l->model.p ? l->model : STR(""));
    buf_lit(head, ",\"created_at\":\"");
    kept->ms_at = head->n + UP_TO_MS;
    buf_append(head, str_of(now));
    buf_append(head, l->request == OLLAMA_GENERATE
                         ? STR("\",\"response\":\"")
                         : STR("\",\"message\":{\"role\":\"assistant\",\"content\":\""));
    kept->ms = ms;
}

/* As many of a stream's pieces as there are in a millisecond begin alike, and in a second
 * but for three digits. */
static void turn_to(const struct ollama_line *l, uint64_t ms, struct ollama_head *kept)
{
    uint64_t of_second = ms % 1000;
    if (!buf_len(&kept->text) || kept->ms / 1000 != ms / 1000) {
        write_piece_head(l, ms, kept);
        return;
    }
    char *digits = kept->text.p + kept->ms_at;
    digits[0] = (char)('0' + of_second / 100);
    digits[1] = (char)('0' + of_second / 10 % 10);
    digits[2] = (char)('0' + of_second % 10);
    kept->ms = ms;
}

void ollama_write_piece(const struct ollama_line *l, bool is_thought, struct str raw,
                        struct ollama_head *kept, struct buf *out)
{
    uint64_t ms = clock_wall_ms();
    if (UNLIKELY(kept->ms != ms)) {
        turn_to(l, ms, kept);
        out->failed |= kept->text.failed;
    }
    buf_append(out, buf_view(&kept->text));
    if (is_thought)
        buf_lit(out, "\",\"thinking\":\"");
    json_rewrite_inside(out, raw);
    buf_append(out, l->request == OLLAMA_GENERATE ? STR("\",\"done\":false}\n")
                                                  : STR("\"},\"done\":false}\n"));
}
