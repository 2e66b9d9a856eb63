/* top_term.h -- a terminal as a screen: raw keys in, whole pictures out, and back as it
 * was however the program ends.
 *
 * Plain ECMA-48: the other screen, the cursor away, home, clear to the end of a line.
 * It is put back on term_close(), at exit(), before a stop (Ctrl-Z) and, as far as that
 * goes, when the program crashes. */
#ifndef WEIR_CMD_SERVE_TOP_TERM_H
#define WEIR_CMD_SERVE_TOP_TERM_H

#include "core/str.h"

enum term_key {
    KEY_NONE,
    KEY_UP = 256,
    KEY_DOWN,
    KEY_PAGE_UP,
    KEY_PAGE_DOWN,
    KEY_HOME,
    KEY_ENTER,
    KEY_ESCAPE,
    KEY_BACKSPACE
};

bool term_open(void); /* false: no terminal */
void term_close(void);
/* Columns and rows; 80 and 24 where nobody knows. */
void term_size(unsigned *ret_width, unsigned *ret_height);
/* Lines that end in \n, the last one perhaps without. */
void term_show(struct str lines);
/* The next key of what was read, as a character or one of the above; takes it off. */
int term_key(struct str *bytes);
/* A signal asks to end; the size may have changed since the last term_show(). */
bool term_is_stopped(void);
bool term_has_changed(void);

#endif
