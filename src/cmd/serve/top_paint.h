/* top_paint.h -- one screen of `weir top` on its way: text of so many columns, and what
 * the JSON that it shows says.  For the files that draw parts of it.
 *
 * What does not fit is cut behind a whole word where that is near, and ends in an
 * ellipsis. */
#ifndef WEIR_CMD_SERVE_TOP_PAINT_H
#define WEIR_CMD_SERVE_TOP_PAINT_H

#include "cmd/serve/top_draw.h"
#include "json/scan.h"

enum { PAINT_SCRATCH = 1 << 20, PAINT_WORD = 64 };
enum { DATE_CHARS = 10, CLOCK_AT = 11, MINUTE_END = 16 }; /* of paint_time() */

enum style { PLAIN, BOLD, FAINT, LOCAL, CLOUD, ALARM, PICKED };

struct paint {
    const struct top_view *v;
    struct buf *out;
    struct arena arena;
    unsigned used;  /* columns of this line */
    unsigned lines; /* written */
};

/* At most so many columns of s, and none past the screen; what is left of `columns` is
 * filled with blanks when fills. */
void put(struct paint *p, enum style style, struct str s, unsigned columns, bool fills);
void put_text(struct paint *p, enum style style, const char *text);
void put_words(struct paint *p, enum style style, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* Columns that s takes. */
unsigned columns_of(struct str s);
/* The bytes of s that stand in one line of so many columns, up to a blank where there is
 * one; at least one letter. */
size_t line_of(struct str s, unsigned columns);
void end_line(struct paint *p);
/* Goes on in a new line below `indent` blanks, unless so many columns are left. */
void need(struct paint *p, unsigned columns, unsigned indent);

struct str raw_of(struct str object, const char *key);
bool is_null(struct str raw);
/* A text without its escapes; a number or a word as it is; null: empty. */
struct str text_of(struct paint *p, struct str object, const char *key);
uint64_t number_of(struct str object, const char *key);
/* Is it this string? */
bool has_word(struct str object, const char *key, const char *word);
bool begin_list(struct json_cur *c, struct str list);
bool next_item(struct json_cur *c, struct str *ret);
/* "upstream_error": "upstream error" */
struct str code_words(struct paint *p, struct str code);
/* Nano-dollars as people read them; null: unknown. */
void money_of(struct str raw, char ret[PAINT_WORD]);
/* "2026-11-30 10:41:22", of this machine's zone. */
void time_of(uint64_t ms, char ret[PAINT_WORD]);

/* The parts of the screen that have files of their own. */
void draw_table(struct paint *p, unsigned until);
void draw_open(struct paint *p, unsigned until);

#endif
