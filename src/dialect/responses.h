/* responses.h -- inside dialect/: the parts of OpenAI's Responses as clients speak it.
 *
 * A response is a list of items: messages, reasoning, calls.  weir keeps none of them:
 * what refers to an earlier response is refused, and the client sends everything again.
 */
#ifndef WEIR_DIALECT_RESPONSES_H
#define WEIR_DIALECT_RESPONSES_H

#include "dialect/dialect.h"
#include "dialect/reader.h"

int responses_decode(const struct dialect_ask *ask, struct arena *a, struct chat *ret,
                     struct err *err);
/* `input`: a text or items. */
int responses_read_input(struct json_cur *c, struct arena *a, struct chat *chat,
                         struct err *err);

/* -- what the request says --------------------------------------------------------------
 */

int responses_read_conversation(const struct chat *chat, struct arena *a,
                                struct conversation *ret, struct err *err);
/* The items of `input`, behind the messages that are there.  There is room for
 * chat->nmessages more. */
int responses_read_items(const struct reader *r, const struct chat *chat);
/* `tools` and `tool_choice`; p == NULL: not given. */
int responses_read_tools(const struct reader *r, struct str tools, struct str choice);
/* Notes that "PLACE (what)" is left out. */
int responses_lose(const struct reader *r, const struct place *at, struct str what);

/* -- names -----------------------------------------------------------------------------
 */

enum { RESPONSES_ID_BYTES = 64 }; /* what the SDKs and OpenAI allow an id or a name */

/* What a tool of a namespace is called where there are none: "ns__name", or, when that is
 * longer than a name may be, its beginning and a digest.  p == NULL: no memory. */
struct str responses_flat_name(struct arena *a, struct str ns, struct str name);
/* The id of a call: itself, or a digest of one that is too long.  The same on the way in
 * and out, so that a call and its result stay together. */
struct str responses_call_id(struct str id, char room[RESPONSES_ID_BYTES]);

/* -- what answers repeat ----------------------------------------------------------------
 */

/* struct dialect.echo: a line with the tools that are called otherwise towards engines,
 * and the members of a response that say what was asked. */
int responses_echo(const struct chat *chat, struct arena *a, struct buf *out,
                   struct err *err);
/* Those members, ending in a comma; of an empty echo what is said where nothing was
 * asked. */
void responses_write_asked(struct str echo, struct buf *out);
/* How the client calls the tool that an engine has called `flat`. */
struct responses_tool {
    bool is_custom;
    struct str ns,
        name; /* ns raw, between its quotes, or empty; name.p == NULL: `flat` */
};
struct responses_tool responses_tool_of(struct str echo, struct str flat);

/* -- errors
 * ------------------------------------------------------------------------------
 */

void responses_encode_error(const struct err *err, struct buf *out);
/* The code inside a failed response: those that clients act on. */
const char *responses_error_code(const struct err *err);

extern const struct dialect dialect_openai_responses;

#endif
