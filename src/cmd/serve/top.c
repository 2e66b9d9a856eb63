/* top.c -- `weir top`: the first screen of the page, for a terminal.
 *
 * Not here: what it knows (top_feed.c), how that looks (top_draw.c), the terminal
 * (top_term.c). */
#include "cmd/lib/commands.h"
#include "cmd/lib/options.h"
#include "cmd/lib/running.h"
#include "cmd/lib/state_dir.h"
#include "cmd/serve/top_draw.h"
#include "cmd/serve/top_feed.h"
#include "cmd/serve/top_term.h"
#include "core/clean.h"
#include "core/clock.h"
#include "ledger/row_filter.h"
#include "loop/turn.h"
#include "upstream/fetch.h"
#include "json/scan.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    TICK_MS = 200,
    SCREEN_BYTES = 1 << 20,
    PLAIN_WIDTH = 80,
    PLAIN_ROWS = 20,
    PLAIN_HEIGHT = 8 + PLAIN_ROWS,
    KEYS_BYTES = 256,
    CTRL_U = 'U' & 0x1F
};

static const struct command_option options[] = {
    {"-c", "FILE", "The configuration of the weir that runs: its state_dir."},
    {"--state-dir", "DIR", STATE_DIR_HELP},
};

static const char details[] =
    "Shows the weir that runs on this machine, as it goes: what was answered here and "
    "in\n"
    "the cloud, what left and what was held, what it cost, the engines, and each "
    "request\n"
    "as it ends. No text of a prompt or an answer is in it.\n"
    "\n"
    "  up, down, j, k    move            f    filter: local cloud errors held masked, "
    "or\n"
    "  Enter             open a row           any word that stands in the row\n"
    "  Esc               back            p    pause the cloud for everybody, or resume\n"
    "  q                 quit            ?    help\n"
    "\n"
    "When weir is restarted, it waits for it. Where the output is no terminal, one\n"
    "picture is printed. NO_COLOR takes the colours away.\n"
    "\n"
    "Exit codes: 0 done, 1 no weir runs, 2 usage.";

struct top {
    struct loop *loop;
    struct top_feed *feed;
    struct loop_io keys;
    struct loop_timer tick;
    enum top_mode mode;
    enum top_prompt prompt;
    char typed[TOP_TYPED], filter[TOP_TYPED], selected[24];
    size_t scroll;
    uint64_t shown_s;
    bool is_dirty, has_colour, hides_message;
};

static bool wants_colour(void)
{
    const char *term = getenv("TERM"), *no = getenv("NO_COLOR");
    return term && strcmp(term, "dumb") != 0 && !(no && *no);
}

static void fill_view(const struct top *t, struct top_view *v)
{
    *v = (struct top_view){.now_ms = clock_wall_ms(),
                           .mode = t->mode,
                           .prompt = t->prompt,
                           .typed = t->typed,
                           .filter = t->filter,
                           .selected = t->selected,
                           .scroll = t->scroll,
                           .has_colour = t->has_colour};
    top_feed_show(t->feed, v);
    if (t->hides_message)
        v->message = "";
    term_size(&v->width, &v->height);
}

static void draw(struct top *t)
{
    struct top_view v;
    struct buf out;
    fill_view(t, &v);
    buf_init(&out, SCREEN_BYTES);
    top_draw(&v, &out);
    term_show(buf_view(&out));
    buf_release(&out);
    t->is_dirty = false;
    t->shown_s = v.now_ms / 1000;
}

static void on_changed(void *ctx)
{
    struct top *t = ctx;
    t->is_dirty = true;
}

/* -- keys -------------------------------------------------------------------------------
 */

static void move(struct top *t, long steps)
{
    struct top_view v;
    fill_view(t, &v);
    long page = v.height > 10 ? (long)v.height - 8 : 2;
    steps = steps > 1 ? page : steps < -1 ? -page : steps;
    if (t->mode == TOP_ROW) {
        size_t most = top_most_scroll(&v), to = t->scroll + (size_t)steps;
        if (steps < 0)
            to = t->scroll < (size_t)-steps ? 0 : to;
        t->scroll = to < most ? to : most;
        return;
    }
    top_move(&v, steps, t->selected);
}

static void open_row(struct top *t)
{
    struct top_view v;
    fill_view(t, &v);
    top_move(&v, 0, t->selected);
    if (!t->selected[0])
        return;
    t->mode = TOP_ROW;
    t->scroll = 0;
    top_feed_open(t->feed, t->selected);
}

static void begin_prompt(struct top *t, enum top_prompt prompt)
{
    t->prompt = prompt;
    snprintf(t->typed, sizeof t->typed, "%s", prompt == TOP_ASKS_FILTER ? t->filter : "");
}

static bool is_paused(const struct top *t)
{
    struct top_view v;
    fill_view(t, &v);
    return str_eqz(running_text(v.cloud, "paused"), "true");
}

static void end_prompt(struct top *t)
{
    struct str typed = str_trim(str_of(t->typed));
    if (t->prompt == TOP_ASKS_FILTER) {
        struct err err;
        if (row_filter_check(typed, &err) < 0) {
            t->hides_message = false;
            top_feed_say(t->feed, err.msg);
            return; /* to be mended: neither it nor the filter before it is thrown away */
        }
        snprintf(t->filter, sizeof t->filter, "%.*s", STR_ARG(typed));
        t->selected[0] = '\0';
    } else if (typed.n) {
        t->typed[(size_t)(typed.p - t->typed) + typed.n] = '\0';
        t->hides_message = false;
        top_feed_set_cloud(t->feed, !is_paused(t), typed.p);
    }
    t->prompt = TOP_NO_PROMPT;
}

static void type(struct top *t, int key)
{
    size_t n = strlen(t->typed);
    t->hides_message |= key != KEY_NONE;
    if (key == KEY_ENTER) {
        end_prompt(t);
    } else if (key == KEY_ESCAPE) {
        t->prompt = TOP_NO_PROMPT;
    } else if (key == KEY_BACKSPACE && n) {
        while (n > 1 && ((unsigned char)t->typed[n - 1] & 0xC0) == 0x80)
            n--;
        t->typed[n - 1] = '\0';
    } else if (key == CTRL_U) {
        t->typed[0] = '\0';
    } else if (key >= ' ' && key < 256 && n + 1 < sizeof t->typed) {
        t->typed[n] = (char)key;
        t->typed[n + 1] = '\0';
    }
}

static void press(struct top *t, int key)
{
    t->hides_message |= key != KEY_NONE;
    switch (key) {
    case 'q':
        loop_stop(t->loop);
        return;
    case KEY_UP:
    case 'k':
        move(t, -1);
        return;
    case KEY_DOWN:
    case 'j':
        move(t, 1);
        return;
    case KEY_PAGE_UP:
        move(t, -2);
        return;
    case KEY_PAGE_DOWN:
        move(t, 2);
        return;
    case KEY_HOME:
    case 'g':
        t->selected[0] = '\0';
        t->scroll = 0;
        return;
    case KEY_ENTER:
        if (t->mode == TOP_LIST)
            open_row(t);
        return;
    case KEY_ESCAPE:
    case KEY_BACKSPACE:
        t->mode = TOP_LIST;
        return;
    case '?':
        t->mode = t->mode == TOP_HELP ? TOP_LIST : TOP_HELP;
        return;
    case 'f':
        t->mode = TOP_LIST;
        begin_prompt(t, TOP_ASKS_FILTER);
        return;
    case 'p':
        begin_prompt(t, TOP_ASKS_WHY);
        return;
    default:
        return;
    }
}

static void on_keys(struct loop_io *io, unsigned ready)
{
    struct top *t = CONTAINER_OF(io, struct top, keys);
    char bytes[KEYS_BYTES];
    LOOP_MAY_BLOCK("the terminal gives what it has, and says when it has nothing");
    ssize_t n = read(STDIN_FILENO, bytes, sizeof bytes);
    (void)ready;
    if (n <= 0) { /* the terminal is gone */
        loop_stop(t->loop);
        return;
    }
    struct str rest = {bytes, (size_t)n};
    while (rest.n) {
        int key = term_key(&rest);
        if (t->prompt)
            type(t, key);
        else
            press(t, key);
    }
    draw(t);
}

static void on_tick(struct loop_timer *timer)
{
    struct top *t = CONTAINER_OF(timer, struct top, tick);
    if (term_is_stopped()) {
        loop_stop(t->loop);
        return;
    }
    if (term_has_changed() || t->is_dirty || clock_wall_ms() / 1000 != t->shown_s)
        draw(t);
    loop_timer_at(timer, loop_now_ms(t->loop) + TICK_MS);
}

/* -- the two ways to be asked ----------------------------------------------------------
 */

static int watch(struct top *t, const struct running *at, struct err *err)
{
    t->loop = loop_create(err);
    if (!t->loop)
        return -1;
    loop_timer_init(t->loop, &t->tick, on_tick);
    if (loop_io_open(t->loop, &t->keys, STDIN_FILENO, on_keys, err) < 0)
        return -1;
    t->feed = top_feed_create(t->loop, at, on_changed, t);
    if (!t->feed)
        return err_nomem(err);
    t->has_colour = wants_colour();
    loop_io_want(&t->keys, LOOP_READ);
    loop_timer_at(&t->tick, loop_now_ms(t->loop) + 1);
    loop_run(t->loop);
    loop_io_close(&t->keys, NULL);
    return 0;
}

/* One picture, as it is now. */
static int print_once(const struct running *at)
{
    struct buf overview, rows, out;
    struct str items[PLAIN_ROWS];
    struct top_view v = {.address = at->address,
                         .now_ms = clock_wall_ms(),
                         .filter = "",
                         .selected = "",
                         .message = "",
                         .typed = "",
                         .is_plain = true,
                         .width = PLAIN_WIDTH,
                         .height = PLAIN_HEIGHT,
                         .rows = items};
    char path[64];
    struct json_cur c;
    struct str all[PLAIN_ROWS], one;
    size_t n = 0;
    snprintf(path, sizeof path, "/weir/api/rows?limit=%d", PLAIN_ROWS);
    buf_init(&overview, FETCH_MAX_BYTES);
    buf_init(&rows, FETCH_MAX_BYTES);
    buf_init(&out, SCREEN_BYTES);
    int rc = running_ask(at, "/weir/api/overview", NULL, &overview);
    if (rc == EXIT_YES)
        rc = running_ask(at, path, NULL, &rows);
    v.overview = buf_view(&overview);
    v.engines = json_get(v.overview, "engines");
    v.cloud = json_get(v.overview, "cloud");
    json_begin(&c, json_get(buf_view(&rows), "rows"));
    if (rc == EXIT_YES && json_enter_array(&c))
        while (n < PLAIN_ROWS && json_next_element(&c) && json_skip(&c, &one))
            all[n++] = one;
    for (size_t i = 0; i < n; i++)
        items[i] = all[n - 1 - i];
    v.nrows = n;
    if (rc == EXIT_YES) {
        top_draw(&v, &out);
        printf("%.*s", STR_ARG(buf_view(&out)));
    }
    buf_release(&overview);
    buf_release(&rows);
    buf_release(&out);
    return rc;
}

static int run_in_terminal(const struct running *at)
{
    struct top t = {.mode = TOP_LIST};
    struct err err = {0};
    int rc = watch(&t, at, &err);
    top_feed_free(t.feed);
    loop_free(t.loop);
    term_close();
    if (rc < 0)
        fprintf(stderr, "weir top: %s\n", err.msg);
    return rc < 0 ? EXIT_NO : EXIT_YES;
}

static int run(int argc, char **argv)
{
    struct options o;
    struct running at;
    int rc = EXIT_YES;
    if (!options_read(&o, &cmd_top, argc, argv, &rc))
        return rc;
    if (o.nwords)
        return options_fault(&cmd_top, "'%s' is not understood", o.words[0]);
    rc = running_find(&cmd_top, &o, &at);
    if (rc == EXIT_YES)
        rc = term_open() ? run_in_terminal(&at) : print_once(&at);
    running_forget(&at);
    return rc;
}

const struct command cmd_top = {
    .name = "top",
    .summary = "watch the weir that runs, in the terminal",
    .usage = "[-c weir.yaml] [--state-dir DIR]",
    .details = details,
    .options = options,
    .noptions = ARRAY_LEN(options),
    .run = run,
};
