/* anchors.c -- which families of detectors want to see which token.
 *
 * Of the tokens of a chat nine in ten concern nobody.  When each family walked them all
 * and asked its own questions, those walks were a third of a scan and more; now the
 * questions that rule a token out are asked here, once, while its bytes are at hand, and
 * a family asks for its next anchor.  A family may be shown too much, never too little:
 * what it needs to begin must be allowed here.
 *
 * Read from the end, because an identifier of letters needs to know that digits come. */
#include "scan/detect.h"
#include "scan/scanner.h"

static bool begins_secret(const struct window *w, char a, char b)
{
    return w->sc->secrets.second[a & 63] >> (b & 63) & 1;
}

static bool is_host_char(char c)
{
    return is_alnum(c) || c == '-' || c == '.' || c < 0;
}

struct place {
    char before, c, second, next, next2; /* second: of the text, not of the token */
    uint32_t width, digit_at; /* of the next digit after this token, or far away */
};

static unsigned of_mark(const struct window *w, const struct token *t,
                        const struct place *p)
{
    switch (t->c) {
    case '@':
        return AT_FRAME;
    case ':':
        return p->next == '/' && p->next2 == '/' ? AT_FRAME : 0;
    case '-':
        return p->next == '-' && p->before != '-' ? AT_FRAME : 0;
    case '(':
        return is_upper(p->next) ? AT_MARK : 0;
    case '~':
        return AT_SECRET;
    case '&':
        return AT_LINK;
    case '_':
        return !is_alnum(p->before) && begins_secret(w, '_', p->next) ? AT_SECRET : 0;
    default:
        return 0;
    }
}

/* A run of letters and digits may be a token's first part, or all of it. */
static bool may_be_secret(const struct window *w, const struct place *p)
{
    if (begins_secret(w, p->c, p->second))
        return true;
    return is_alnum(p->next) || (p->next == ':' && p->width <= 10) ||
           (p->next == '.' && p->width > 22) || (p->next == '-' && p->width == 32);
}

static unsigned of_number(const struct place *p)
{
    unsigned at = AT_NUMBER | AT_DATE;
    if (!is_alnum(p->before) &&
        (is_alnum(p->next) || p->next == '.' || p->next == ':' || p->next == '-'))
        at |= AT_FRAME;
    return is_alpha(p->before) ? at : at | AT_ID;
}

static unsigned of_word(const struct token *t, const struct place *p)
{
    unsigned at = t->known;
    bool begins = !is_alnum(p->before);
    bool is_short = p->width <= 3 && (p->next == ' ' || p->next == '-');
    if (at == 0 && p->next == ' ' && p->digit_at - t->start >= DIGIT_WITHIN)
        return 0; /* most words */
    if ((at & AT_MARK) &&
        !(is_upper(t->c) && begins && p->before != '_' && p->before != '-'))
        at &= ~(unsigned)AT_MARK;
    if (begins &&
        (is_digit(p->next) || p->next == '-' ||
         (p->next == '.' && is_host_char(p->next2)) || (p->next == ':' && p->width <= 4)))
        at |= AT_FRAME;
    if (p->width <= 6 && t->c >= 0 && !is_digit(p->before) &&
        p->digit_at - t->start < DIGIT_WITHIN &&
        (is_digit(p->next) || (is_short && is_alnum(p->next2))))
        at |= AT_ID;
    return at;
}

static unsigned of_token(const struct window *w, const struct token *t, uint32_t digit_at)
{
    const char *s = w->p + t->start, *e = w->p + t->end;
    struct place p = {.before = t->start ? s[-1] : ' ',
                      .c = *s,
                      .second = s[1],
                      .next = *e,
                      .next2 = *e ? e[1] : '\0',
                      .width = t->end - t->start,
                      .digit_at = digit_at};
    if (t->kind == TOK_PUNCT)
        return of_mark(w, t, &p);
    unsigned at = t->kind == TOK_NUMBER ? of_number(&p) : of_word(t, &p);
    if (is_alnum(p.c) && !is_alnum(p.before) && p.before != '_' && may_be_secret(w, &p))
        at |= AT_SECRET;
    return at;
}

bool window_anchor(struct window *w)
{
    uint32_t digit_at = UINT32_MAX;
    w->anchor = arena_raw(w->a, w->ntok + 1);
    if (!w->anchor)
        return false;
    for (size_t i = w->ntok; i-- > 0;) {
        const struct token *t = &w->tok[i];
        w->anchor[i] = (uint8_t)of_token(w, t, digit_at);
        if (t->kind == TOK_NUMBER)
            digit_at = t->start;
    }
    return true;
}

size_t next_anchor(const struct window *w, size_t i, uint8_t family)
{
    uint64_t eight = family * UINT64_C(0x0101010101010101), v;
    for (; i + sizeof v <= w->ntok; i += sizeof v) {
        memcpy(&v, w->anchor + i, sizeof v);
        if (v & eight)
            break;
    }
    while (i < w->ntok && !(w->anchor[i] & family))
        i++;
    return i;
}
