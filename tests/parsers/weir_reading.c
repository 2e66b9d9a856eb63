/* weir_reading.c -- what weir itself reads in a body: src/dialect, and whether its scan
 * says that it could read it.  The protocol is in README.md; the texts of messages are
 * those that weir looks at: the first system text and the first and last user text. */
#include "config/kinds.h"
#include "core/mem.h"
#include "dialect/dialect.h"
#include "json/write.h"

#include <stdio.h>
#include <stdlib.h>

static size_t decode_base64(char *text)
{
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t n = 0;
    unsigned bits = 0, have = 0;
    for (const char *p = text; *p; p++) {
        const char *hit = strchr(digits, *p);
        if (!hit)
            continue;
        bits = bits << 6 | (unsigned)(hit - digits);
        have += 6;
        if (have >= 8) {
            have -= 8;
            text[n++] = (char)(bits >> have);
        }
    }
    return n;
}

static enum surface surface_of(const char *name)
{
    for (int s = 0; s < SURFACE_COUNT; s++)
        if (strcmp(surface_name((enum surface)s), name) == 0)
            return (enum surface)s;
    fprintf(stderr, "weir_reading: no surface is called '%s'\n", name);
    exit(2);
}

static void put_raw(struct json_writer *w, const char *key, struct str raw)
{
    json_key(w, key);
    if (raw.n)
        json_raw(w, raw);
    else
        json_write_null(w);
}

static void put_chat(struct json_writer *w, const struct chat *c)
{
    json_key(w, "model");
    json_str(w, c->model);
    json_key(w, "stream");
    json_bool(w, c->is_stream);
    json_key(w, "usage");
    json_bool(w, c->wants_usage);
    json_key(w, "n");
    json_u64(w,
             c->surface == SURFACE_COMPLETIONS ? c->nchoices / c->nprompts : c->nchoices);
    json_key(w, "max");
    json_i64(w, c->max_output_tokens);
    json_key(w, "tools");
    json_bool(w, (c->needs & CAP_TOOLS) != 0);
    json_key(w, "nmessages");
    json_u64(w, c->nmessages);
    put_raw(w, "system", c->system_text);
    struct str nothing = {NULL, 0};
    bool has_turns = c->surface == SURFACE_CHAT && c->nturns > 0;
    put_raw(w, "first_user", has_turns ? c->turns[0].user : nothing);
    put_raw(w, "last_user", c->last_user);
}

static void answer(enum surface surface, struct str body)
{
    struct arena a;
    struct chat chat;
    struct err err = {0};
    struct buf out;
    struct json_writer w;
    arena_init(&a, 4 * body.n + (1 << 20));
    buf_init(&out, 8 * body.n + (1 << 20));
    json_writer_init(&w, &out);
    json_object_open(&w);
    if (dialect_read(dialect_get(DIALECT_OPENAI), surface, body, &a, &chat, &err) < 0) {
        json_key(&w, "error");
        json_str(&w, str_of(err.msg));
    } else {
        put_chat(&w, &chat);
    }
    json_object_close(&w);
    /* Raw values keep the client's line ends, which are blanks there. */
    for (size_t i = 0; i < out.n; i++)
        putchar(out.p[i] == '\n' || out.p[i] == '\r' ? ' ' : out.p[i]);
    putchar('\n');
    fflush(stdout);
    buf_release(&out);
    arena_reset(&a);
}

int main(void)
{
    char *line = NULL;
    size_t cap = 0;
    while (getline(&line, &cap, stdin) > 0) {
        char *text = strchr(line, ' ');
        if (!text)
            return 2;
        *text++ = '\0';
        size_t n = decode_base64(text);
        answer(surface_of(line), (struct str){text, n});
    }
    free(line);
    return 0;
}
