/* chunk.c -- chunked framing (RFC 9112, section 7.1), one byte of framing at a time,
 * but for the steps that every chunk takes when its framing comes in one piece.
 *
 * Data is never looked at, only measured.  Trailers of responses are read over (they
 * may be discarded, RFC 9110 6.5.1); those of requests are refused, because a field
 * that arrives after the decision was made can only contradict it. */
#include "http/chunk.h"

enum { MAX_QUICK_DIGITS = 6 };

enum state {
    SIZE_START,
    SIZE,
    EXTENSION,
    SIZE_LF,
    DATA,
    DATA_CR,
    DATA_LF,
    LAST_START, /* at the start of a line after the last chunk */
    LAST_LF,
    TRAILER,
    TRAILER_LF
};

void chunk_begin(struct chunk_reader *c, bool skips_trailers)
{
    *c = (struct chunk_reader){.state = SIZE_START, .skips_trailers = skips_trailers};
}

static int hex_value(char ch)
{
    if (ch >= '0' && ch <= '9')
        return ch - '0';
    if (ch >= 'a' && ch <= 'f')
        return ch - 'a' + 10;
    if (ch >= 'A' && ch <= 'F')
        return ch - 'A' + 10;
    return -1;
}

static bool go(struct chunk_reader *c, enum state to)
{
    c->state = (unsigned char)to;
    return true;
}

static bool go_if(struct chunk_reader *c, bool is_right, enum state to)
{
    return is_right && go(c, to);
}

static bool is_text(char ch)
{
    return (unsigned char)ch >= 0x20 ? ch != 0x7F : ch == '\t';
}

static bool size_byte(struct chunk_reader *c, char ch)
{
    int digit = hex_value(ch);
    if (digit >= 0) {
        if (c->left >> 56) /* a sixteenth digit: nobody means that */
            return false;
        c->left = c->left * 16 + (uint64_t)digit;
        return go(c, SIZE);
    }
    if (c->state == SIZE_START)
        return false;
    return ch == ';' ? go(c, EXTENSION) : go_if(c, ch == '\r', SIZE_LF);
}

static bool trailer_byte(struct chunk_reader *c, char ch)
{
    if (!c->skips_trailers || ++c->line_bytes > CHUNK_MAX_TRAILER_BYTES)
        return false;
    return ch == '\r' ? go(c, TRAILER_LF) : is_text(ch) && go(c, TRAILER);
}

static bool size_line_ends(struct chunk_reader *c, char ch)
{
    c->line_bytes = 0;
    return go_if(c, ch == '\n', c->left ? DATA : LAST_START);
}

/* Any byte but data.  False when it does not belong there. */
static bool framing_byte(struct chunk_reader *c, char ch)
{
    switch ((enum state)c->state) {
    case SIZE_START:
    case SIZE:
        return ++c->line_bytes <= CHUNK_MAX_LINE_BYTES && size_byte(c, ch);
    case EXTENSION:
        if (++c->line_bytes > CHUNK_MAX_LINE_BYTES)
            return false;
        return ch == '\r' ? go(c, SIZE_LF) : is_text(ch);
    case SIZE_LF:
        return size_line_ends(c, ch);
    case DATA_CR:
        return go_if(c, ch == '\r', DATA_LF);
    case DATA_LF:
        return go_if(c, ch == '\n', SIZE_START);
    case LAST_START:
        return ch == '\r' ? go(c, LAST_LF) : trailer_byte(c, ch);
    case TRAILER:
        return trailer_byte(c, ch);
    case TRAILER_LF:
        return go_if(c, ch == '\n', LAST_START);
    case LAST_LF:
    case DATA:
        break; /* chunk_next() has them */
    }
    return false;
}

static enum chunk_result take_data(struct chunk_reader *c, struct str *in,
                                   struct str *ret_data)
{
    size_t n = in->n < c->left ? in->n : (size_t)c->left;
    *ret_data = str_sub(*in, 0, n);
    *in = str_sub(*in, n, in->n);
    c->left -= n;
    if (c->left == 0)
        go(c, DATA_CR);
    return CHUNK_DATA;
}

/* Past the line break after a chunk's data; false when it is not there in one piece. */
static bool step_over_break(struct chunk_reader *c, struct str *in)
{
    if (in->n < 2 || in->p[0] != '\r' || in->p[1] != '\n')
        return false;
    *in = str_sub(*in, 2, in->n);
    return go(c, SIZE_START);
}

/* To the data, when the size is there in one piece and nothing with it, as engines send
 * every event.  Changes nothing when it is anything else: that is read byte by byte. */
static void step_to_data(struct chunk_reader *c, struct str *in)
{
    const char *p = in->p, *end = p + in->n;
    const char *last = in->n > MAX_QUICK_DIGITS ? p + MAX_QUICK_DIGITS : end;
    uint64_t size = 0;
    for (int v; p < last && (v = hex_value(*p)) >= 0; p++)
        size = size * 16 + (uint64_t)v;
    if (size == 0 || end - p < 2 || p[0] != '\r' || p[1] != '\n')
        return;
    *c = (struct chunk_reader){
        .state = DATA, .skips_trailers = c->skips_trailers, .left = size};
    *in = str_sub(*in, (size_t)(p + 2 - in->p), in->n);
}

enum chunk_result chunk_next(struct chunk_reader *c, struct str *in, struct str *ret_data)
{
    if (c->state == SIZE_START || (c->state == DATA_CR && step_over_break(c, in)))
        step_to_data(c, in);
    while (in->n > 0) {
        if (c->state == DATA)
            return take_data(c, in, ret_data);
        char ch = in->p[0];
        *in = str_sub(*in, 1, in->n);
        if (c->state == LAST_LF)
            return ch == '\n' ? CHUNK_END : CHUNK_BAD;
        if (!framing_byte(c, ch))
            return CHUNK_BAD;
    }
    return CHUNK_MORE;
}
