/* spoken.h -- what an event, or a whole answer, says: for dialects that write their own
 * form out of weir's (event.h). */
#ifndef WEIR_DIALECT_SPOKEN_H
#define WEIR_DIALECT_SPOKEN_H

#include "core/arena.h"
#include "core/buf.h"
#include "core/err.h"
#include "dialect/event.h"

/* A call, or in a stream a piece of one: id and name come with its first piece. */
struct spoken_call {
    uint32_t index;
    struct str id, name, arguments; /* p == NULL: not in this piece */
};

/* Texts are unescaped and in the arena or in the data; p == NULL: nothing of the kind. */
struct spoken {
    struct str text, reasoning, refusal;
    struct str *seals; /* behind the reasoning, before the text (seal.h) */
    size_t nseals;
    struct spoken_call *calls;
    size_t ncalls;
    struct str images;      /* raw JSON array: spoken_image_next() */
    struct str annotations; /* raw JSON array: url_citation and others */
    struct str logprobs;    /* raw JSON */
    struct str finish;      /* the word: "stop", "length", "tool_calls", ... */
    struct str stopped_by;  /* the stop sequence that matched */
    uint32_t choice;
    struct str model, id; /* of the answer */
};

/* The first choice in `data`, a chunk or a whole answer in weir's form.  -1: no memory.
 */
/* ... What an engine that speaks OpenAI's form wants back with a thought gets the seal of
 * `issuer`, as those of other forms have one by then; without an issuer it is left out.
 */
int spoken_read(struct str data, struct str issuer, struct arena *a, struct spoken *ret,
                struct err *err);

/* Halves of surrogate pairs at which an engine cut its text: each waits for the next
 * piece of that text, with which it is one character.  Where the choice goes on with
 * something else, or ends, it is U+FFFD, and so is one too many.  All zero: none. */
enum { SPOKEN_MOST_HALVES = 4 };
enum spoken_part { SPOKEN_TEXT, SPOKEN_REASONING, SPOKEN_REFUSAL, SPOKEN_ARGUMENTS };
struct spoken_halves {
    struct spoken_half {
        enum spoken_part part;
        uint32_t choice, call, half;
    } v[SPOKEN_MOST_HALVES];
    size_t n;
};

/* The same of an event of a stream: where it says what it says (event.sole), its data are
 * not read again.  Such an event has no id and no model here. */
int spoken_read_event(const struct event *e, struct str issuer,
                      struct spoken_halves *halves, struct arena *a, struct spoken *ret,
                      struct err *err);
/* Does it have to be read because of them, although it is a sole one? */
bool spoken_has_halves(const struct event *e, const struct spoken_halves *halves);
/* What a sole one says, as the inside of a JSON string that weir writes. */
void spoken_write_sole(const struct event *e, struct buf *out);
/* Inside of spoken.c: puts them in, and takes others out.  -1: no memory. */
int spoken_join(struct spoken_halves *held, struct arena *a, struct spoken *s);

/* Does it say one text, of the first choice in the data, and nothing more?  *ret: event's
 * sole_kind, and of arguments sole_call. */
enum sole_kind spoken_is_sole(const struct spoken *s, uint32_t *ret_call);

/* Pictures that stand in the answer, one after another: insides of raw strings.  One at
 * an address is stepped over. */
struct json_cur; /* json/scan.h */
struct spoken_image {
    struct str type; /* "image/png"; empty: it is not said */
    struct str data; /* base64 */
};
bool spoken_images_begin(const struct spoken *s, struct json_cur *c);
bool spoken_image_next(struct json_cur *c, struct spoken_image *ret);
/* For forms without a place for them: the text says behind its words that they were
 * there.  -1: no memory. */
int spoken_remark_images(struct spoken *s, struct arena *a, struct err *err);

/* Every choice of a whole answer: *ret of *n.  -1: no memory. */
int spoken_read_all(struct str data, struct str issuer, struct arena *a,
                    struct spoken **ret, size_t *ret_n, struct err *err);

#endif
