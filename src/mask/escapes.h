/* escapes.h -- inside mask/: characters of a tag that came back written otherwise.
 *
 *     %40  percent encoding          &#64; &#x40; &commat;  HTML
 *     =40  quoted-printable          \u0040 \x40 \u{40}      JSON and most languages
 *     name [at] example [dot] com    spelt out
 *
 * A text that has a tag in such a writing wants the value in the same. */
#ifndef WEIR_MASK_ESCAPES_H
#define WEIR_MASK_ESCAPES_H

#include "mask/quoting.h"

enum escape_kind {
    ESCAPE_NONE,
    ESCAPE_PERCENT,
    ESCAPE_HTML,
    ESCAPE_QUOTED, /* -printable */
    ESCAPE_U,      /* \u0040, \x40, \100; whatever is read as that is read as @ too */
    ESCAPE_SPELT   /* " [at] " for @, " [dot] " for the dots behind it */
};

/* How an escape is written. */
struct escape {
    uint8_t kind;
    uint8_t base;       /* HTML: 10, 16, or 0: by name */
    bool is_lower;      /* %2b rather than %2B */
    bool is_twice;      /* %2540, &amp;#64; */
    bool is_all;        /* every character of the tag was */
    struct str at, dot; /* ESCAPE_SPELT: in the text that was read */
};

/* The escape at the front of `text`: how many bytes, with what it stands for in
 * *ret_code; 0: there is none; -1: the text ends inside of what may be one. */
int escape_read(struct str text, struct escape *ret, uint32_t *ret_code);
/* What stands for "@example.com" at the front of `text`, spelt out; as above. */
int escape_read_spelt(struct str text, struct escape *ret);
/* 1: any "@domain.name" is spelt out at the front of the text, or follows a sign that is;
 * 0: none is; -1: the text ends too early to say. */
int escape_read_spelt_domain(struct str text);
/* Appends the value, written that way. */
void escape_write(const struct escape *e, struct str value, const struct quoting_pen *pen,
                  struct buf *out);

#endif
