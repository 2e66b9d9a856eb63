/* unseal.c -- see unseal.h. */
#include "engine/unseal.h"

#include "dialect/seal.h"
#include "json/scan.h"
#include "json/write.h"

/* What is to become of the object at hand. */
enum fate { STAYS, GOES };

struct unsealing {
    enum dialect_id dialect;
    struct str issuer;
    struct buf *out;
    struct unsealed *gone;
    struct json_cur c;
    struct arena arena; /* for seals in base64 */
};

/* -- which members hold seals
 * ------------------------------------------------------------ */

static bool is_slot(enum dialect_id dialect, struct json_string name)
{
    switch (dialect) {
    case DIALECT_ANTHROPIC:
        return json_string_is(name, "signature") || json_string_is(name, "data");
    case DIALECT_OPENAI_RESPONSES:
        return json_string_is(name, "encrypted_content");
    case DIALECT_GEMINI:
        return json_string_is(name, "thoughtSignature") ||
               json_string_is(name, "thought_signature");
    default:
        return json_string_is(name, "data");
    }
}

/* A thought that no maker has signed: an engine without signatures made it. */
static bool is_unsigned(const struct unsealing *u, struct json_string name,
                        struct str value)
{
    return u->dialect == DIALECT_ANTHROPIC && json_string_is(name, "signature") &&
           value.n == 0;
}

/* What an emptied list says instead; providers refuse one without anything. */
static struct str in_place(enum dialect_id dialect)
{
    switch (dialect) {
    case DIALECT_ANTHROPIC:
        return STR("{\"type\":\"text\",\"text\":\"(thought)\"}");
    case DIALECT_GEMINI:
        return STR("{\"text\":\"(thought)\"}");
    default:
        return STR("");
    }
}

bool unseal_is_needed(enum dialect_id dialect, struct str body)
{
    return str_find(body, STR("\"weir1:")) >= 0 ||
           (dialect == DIALECT_GEMINI &&
            str_find(body, STR("\"" SEAL_BASE64_MARK)) >= 0) ||
           (dialect == DIALECT_ANTHROPIC &&
            (str_find(body, STR("\"signature\":\"\"")) >= 0 ||
             str_find(body, STR("\"signature\": \"\"")) >= 0));
}

/* -- the copy
 * ------------------------------------------------------------------------------ */

static enum fate copy_value(struct unsealing *u);

/* Gemini's signatures stand on parts that are more than them.  A call that another model
 * made passes with a word of Google's own, which its documentation gives for that. */
static enum fate copy_foreign(const struct unsealing *u, struct json_cur at,
                              bool *ret_is_cut)
{
    struct str object;
    if (!json_skip(&at, &object))
        return STAYS;
    bool is_signature = u->dialect == DIALECT_OPENAI ||
                        (u->dialect == DIALECT_GEMINI && !json_get(object, "thought").p);
    u->gone->signatures |= is_signature;
    u->gone->thoughts |= !is_signature;
    if (u->dialect != DIALECT_GEMINI || json_get(object, "thought").p)
        return GOES;
    if (json_get(object, "functionCall").p || json_get(object, "function_call").p)
        json_write_string(u->out, STR("skip_thought_signature_validator"));
    else
        *ret_is_cut = true;
    return STAYS;
}

/* The value of a slot: what its maker gave, or *ret_is_cut: the member goes. */
static enum fate copy_slot(struct unsealing *u, struct json_string name,
                           struct json_cur object, bool *ret_is_cut)
{
    struct json_string value;
    struct seal seal;
    if (!json_read_string(&u->c, &value))
        return STAYS;
    if (is_unsigned(u, name, value.raw)) {
        u->gone->thoughts = true;
        return GOES;
    }
    /* Written without escapes but for its payload's own. */
    struct str sealed = value.raw;
    if (u->dialect == DIALECT_GEMINI)
        sealed = seal_of_base64(sealed, &u->arena);
    if (!sealed.p) {
        u->out->failed = true;
        return STAYS;
    }
    if (!seal_read(sealed, &seal)) {
        buf_byte(u->out, '"');
        buf_append(u->out, value.raw);
        buf_byte(u->out, '"');
        return STAYS;
    }
    if (!str_eq(seal.issuer, u->issuer))
        return copy_foreign(u, object, ret_is_cut);
    buf_byte(u->out, '"');
    buf_append(u->out, seal.payload);
    buf_byte(u->out, '"');
    return STAYS;
}

static enum fate copy_object(struct unsealing *u)
{
    const struct json_cur object = u->c;
    struct json_string name;
    enum fate fate = STAYS;
    bool is_first = true, is_cut = false;
    buf_byte(u->out, '{');
    json_enter_object(&u->c);
    while (json_next_member(&u->c, &name)) {
        size_t mark = u->out->n;
        buf_append(u->out, is_first ? STR("\"") : STR(",\""));
        buf_append(u->out, name.raw);
        buf_lit(u->out, "\":");
        is_cut = false;
        if (is_slot(u->dialect, name) && json_peek(&u->c) == JSON_STRING)
            fate = copy_slot(u, name, object, &is_cut) == GOES ? GOES : fate;
        else
            (void)copy_value(u);
        if (is_cut && !u->out->failed)
            u->out->n = mark;
        is_first = is_first && is_cut;
    }
    buf_byte(u->out, '}');
    return fate;
}

static void copy_array(struct unsealing *u)
{
    bool is_empty = true, has_gone = false;
    buf_byte(u->out, '[');
    json_enter_array(&u->c);
    while (json_next_element(&u->c)) {
        size_t mark = u->out->n;
        buf_append(u->out, is_empty ? STR("") : STR(","));
        if (copy_value(u) == STAYS) {
            is_empty = false;
            continue;
        }
        has_gone = true;
        if (!u->out->failed)
            u->out->n = mark;
    }
    if (is_empty && has_gone)
        buf_append(u->out, in_place(u->dialect));
    buf_byte(u->out, ']');
}

static enum fate copy_value(struct unsealing *u)
{
    struct str raw;
    switch (json_peek(&u->c)) {
    case JSON_OBJECT:
        return copy_object(u);
    case JSON_ARRAY:
        copy_array(u);
        return STAYS;
    default:
        if (json_skip(&u->c, &raw))
            buf_append(u->out, raw);
        return STAYS;
    }
}

bool unseal_body(enum dialect_id dialect, struct str body, struct str issuer,
                 struct buf *out, struct unsealed *ret)
{
    struct unsealing u = {.dialect = dialect, .issuer = issuer, .out = out, .gone = ret};
    *ret = (struct unsealed){false, false};
    arena_init(&u.arena, body.n + 4096);
    json_begin(&u.c, body);
    (void)copy_value(&u);
    arena_reset(&u.arena);
    return json_finish(&u.c, NULL) == 0;
}
