/* top_draw.h -- what `weir top` shows, as lines of text; pure.
 *
 * Names and texts in it come from strangers: control characters become '?', and a line is
 * never wider than the screen. */
#ifndef WEIR_CMD_SERVE_TOP_DRAW_H
#define WEIR_CMD_SERVE_TOP_DRAW_H

#include "core/arena.h"
#include "core/buf.h"

enum { TOP_ROWS = 500, TOP_TYPED = 200, TOP_LEAST_WIDTH = 40, TOP_LEAST_HEIGHT = 10 };

enum top_mode { TOP_LIST, TOP_ROW, TOP_HELP };
enum top_prompt { TOP_NO_PROMPT, TOP_ASKS_FILTER, TOP_ASKS_WHY };

struct top_view {
    const char *address;
    uint64_t now_ms;                     /* of this machine */
    struct str overview, engines, cloud; /* JSON of docs/page.md; empty: not come yet */
    const struct str *rows;              /* JSON, the newest first */
    size_t nrows;
    struct str row, records; /* TOP_ROW: the one that is open; empty: not come yet */
    const char *open_id;
    enum top_mode mode;
    enum top_prompt prompt;
    const char *typed;         /* at the prompt */
    const char *filter;        /* "cloud errors gpt": words that must all hold */
    const char *selected;      /* id of a row; "": the newest */
    const char *message;       /* of the last order; or "" */
    size_t scroll;             /* lines of an open row that are above the screen */
    bool is_waiting;           /* for weir */
    bool has_colour, is_plain; /* is_plain: no terminal, all of it once */
    unsigned width, height;
};

/* `height` lines at most, each ended by \n. */
void top_draw(const struct top_view *v, struct buf *out);
/* Does the filter let this row through?  ledger/row_filter.h has its words. */
bool top_filter_has(const char *filter, struct str row);
/* Lines of the open row that a screen of this height cannot show at once: as far as it
 * can be scrolled. */
size_t top_most_scroll(const struct top_view *v);
/* The id of a row, of the `steps`th from the selected one among those the filter lets
 * through; "": there is none. */
void top_move(const struct top_view *v, long steps, char ret[24]);

#endif
