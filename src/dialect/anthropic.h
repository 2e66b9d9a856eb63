/* anthropic.h -- the parts of the dialect of Anthropic's Messages; inside this folder
 * only.
 *
 * Its clients (Claude Code, the anthropic SDKs) send a request with `system` beside the
 * messages, contents of typed blocks, results of tools inside messages of the user, and
 * read a stream of blocks that never overlap. */
#ifndef WEIR_DIALECT_ANTHROPIC_H
#define WEIR_DIALECT_ANTHROPIC_H

#include "dialect/anthropic_queue.h"
#include "dialect/dialect.h"
#include "dialect/reader.h"

/* Places in the lists of anthropic_names.c. */
enum anthropic_body_name {
    ANTHROPIC_MODEL,
    ANTHROPIC_MESSAGES,
    ANTHROPIC_SYSTEM,
    ANTHROPIC_STREAM,
    ANTHROPIC_MAX_TOKENS,
    ANTHROPIC_TOOLS,
    ANTHROPIC_METADATA,
    ANTHROPIC_OUTPUT_CONFIG,
    ANTHROPIC_OUTPUT_FORMAT,
    ANTHROPIC_THINKING,
    ANTHROPIC_TOOL_CHOICE
};
enum anthropic_message_name { ANTHROPIC_ROLE, ANTHROPIC_CONTENT };
enum anthropic_block_name {
    ANTHROPIC_BLOCK_TYPE,
    ANTHROPIC_BLOCK_TEXT,
    ANTHROPIC_BLOCK_SOURCE,
    ANTHROPIC_BLOCK_CONTENT,
    ANTHROPIC_BLOCK_SIGNATURE,
    ANTHROPIC_BLOCK_DATA
};
enum anthropic_source_name {
    ANTHROPIC_SOURCE_TYPE,
    ANTHROPIC_SOURCE_DATA,
    ANTHROPIC_SOURCE_MEDIA_TYPE,
    ANTHROPIC_SOURCE_URL,
    ANTHROPIC_SOURCE_FILE_ID,
    ANTHROPIC_SOURCE_CONTENT
};
enum anthropic_output_name { ANTHROPIC_OUTPUT_FORMAT_IN };

/* -- requests ------------------------------------------------------------------------ */

int anthropic_decode(const struct dialect_ask *ask, struct arena *a, struct chat *ret,
                     struct err *err);
/* The messages, or `system`, at the cursor: noted in the chat, and counted. */
int anthropic_note_messages(struct json_cur *c, struct arena *a, struct chat *chat,
                            struct err *err);
int anthropic_note_system(struct json_cur *c, struct chat *chat, struct err *err);

int anthropic_read_conversation(const struct chat *chat, struct arena *a,
                                struct conversation *ret, struct err *err);

/* One reading into a conversation, which has room for `cap` messages. */
struct anthropic_reading {
    struct reader r;
    size_t messages_cap, others_cap;
};
/* An array with room for one element more; NULL: no memory, and *err says so. */
void *anthropic_grown(const struct reader *r, void *v, size_t n, size_t *cap,
                      size_t size);
/* true or false; p == NULL: false. */
int anthropic_read_flag(const struct reader *r, const struct place *in, const char *name,
                        struct str raw, bool *ret);
/* Notes what is left out although an answer might use it. */
int anthropic_lose(struct anthropic_reading *a, struct str name);
/* One member under OpenAI's name for it, or "anthropic." and its own. */
int anthropic_add_other(struct anthropic_reading *a, struct str name, struct str value);
/* `system`; and the message of this index in the request, at the cursor. */
int anthropic_read_system(struct anthropic_reading *a, struct str raw);
int anthropic_read_message(struct anthropic_reading *a, ptrdiff_t index,
                           struct json_cur *c);
/* tools and tool_choice, which are read together. */
int anthropic_read_tools(struct anthropic_reading *a, struct str tools,
                         struct str choice);

/* -- answers ------------------------------------------------------------------------- */

/* The echo of a request: which thoughts its client is to see.  Like the API itself weir
 * shows them to those alone that asked for some: others take the first block for the
 * text. */
int anthropic_echo(const struct chat *chat, struct arena *a, struct buf *out,
                   struct err *err);
enum anthropic_thoughts {
    THOUGHTS_HIDDEN,
    THOUGHTS_SEALED, /* only what their maker wants back with them */
    THOUGHTS_SHOWN
};
enum anthropic_thoughts anthropic_thoughts(const struct answer_about *about);

/* The state of a stream. */
struct anthropic_encoder {
    struct answer_encoder base;
    struct block_queue queue;
    struct usage usage;
    enum finish_reason finish;
    struct buf stop;    /* the stop sequence that matched */
    struct buf refusal; /* the beginning of it */
    uint32_t nhidden;   /* events with thoughts that are not shown */
    bool is_started;
};
void anthropic_encoder_init(struct answer_encoder *base);
void anthropic_encoder_release(struct answer_encoder *base);
void anthropic_encode_event(struct answer_encoder *base, const struct event *e,
                            struct buf *out);
bool anthropic_encode_sole(struct answer_encoder *base, const struct event *e,
                           struct buf *out);
void anthropic_encode_end(struct answer_encoder *base, struct buf *out);
void anthropic_encode_stream_error(struct answer_encoder *base, const struct err *err,
                                   struct buf *out);
int anthropic_encode_answer(const struct answer_about *about, struct str answer,
                            struct buf *out, struct err *err);
void anthropic_encode_error(const struct err *err, struct buf *out);
int anthropic_error_status(const struct err *err);

extern const struct dialect dialect_anthropic;

#endif
