/* ask.c -- reading requests by the rows of the dialects. */
#include "sim/ask.h"

#include "core/hash.h"
#include "sim/text.h"
#include "json/write.h"

enum { MODEL_MAX_BYTES = 64 * 1024, ECHO_MAX_BYTES = 64 * 1024 * 1024 };

/* -- where it came to ------------------------------------------------------- */

static int hex(char c)
{
    return c >= '0' && c <= '9'                 ? c - '0'
           : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10
                                                : -1;
}

/* "%2F" is '/'. */
static struct str unescape_path(struct str name, char *room, size_t nroom)
{
    size_t n = 0;
    for (size_t i = 0; i < name.n && n < nroom; i++) {
        bool is_escape = name.p[i] == '%' && i + 2 < name.n && hex(name.p[i + 1]) >= 0 &&
                         hex(name.p[i + 2]) >= 0;
        room[n++] =
            is_escape ? (char)(hex(name.p[i + 1]) * 16 + hex(name.p[i + 2])) : name.p[i];
        i += is_escape ? 2 : 0;
    }
    return (struct str){room, n};
}

bool sim_address_find(struct str method, struct str path, char *room, size_t nroom,
                      struct sim_address *ret, bool *ret_wrong_method)
{
    if (str_eqz(method, "HEAD"))
        method = STR("GET");
    *ret_wrong_method = false;
    *ret = (struct sim_address){.dialect = dialect_of_path(path, NULL)};
    for (size_t i = 0; i < dialect_count; i++) {
        const struct dialect *d = dialect_table[i];
        for (size_t k = 0; k < d->npaths; k++) {
            struct str name;
            if ((d == dialect_first() && d->paths[k].answer == ANSWERED_BY_MODEL) ||
                !dialect_path_matches(&d->paths[k], path, &name))
                continue;
            ret->dialect = d;
            if (!str_eqz(method, d->paths[k].method)) {
                *ret_wrong_method = true;
                continue;
            }
            *ret_wrong_method = false;
            ret->path = &d->paths[k];
            ret->name = unescape_path(name, room, nroom);
            return true;
        }
    }
    return *ret_wrong_method;
}

/* -- what it says ----------------------------------------------------------- */

static const struct siphash_key digest_key = {0x7765697273696d31, 0x6469616c65637431};

static uint64_t count_tokens(const struct conversation *said, struct arena *a)
{
    uint64_t n = 0;
    for (size_t i = 0; i < said->nmessages; i++)
        for (size_t k = 0; k < said->messages[i].npieces; k++)
            n += sim_count_tokens(piece_plain(&said->messages[i].pieces[k], a));
    for (size_t i = 0; i < said->ntools; i++)
        n += sim_tool_tokens(said->tools[i].name) +
             sim_tool_tokens(json_text_plain(a, said->tools[i].description)) +
             sim_tool_tokens(said->tools[i].parameters);
    return n;
}

/* The body of the JSON string that stands for the model's name. */
static int write_model(struct str model, struct str default_model, struct arena *a,
                       struct str *ret, struct err *err)
{
    struct buf b;
    *ret = default_model;
    if (model.n == 0)
        return 0;
    buf_init(&b, MODEL_MAX_BYTES);
    json_write_inside(&b, model);
    *ret = b.failed ? (struct str){NULL, 0} : arena_strdup(a, buf_view(&b));
    buf_release(&b);
    return ret->p ? 0 : err_nomem(err);
}

static struct json_string plain(struct str text)
{
    return (struct json_string){.raw = text};
}

static void take_wishes(struct sim_request *r, const struct conversation *said)
{
    r->max_tokens = said->max_output_tokens > 0 ? (uint64_t)said->max_output_tokens : 0;
    for (size_t i = 0; i < said->nstops && i < SIM_MAX_STOPS; i++)
        r->stops[r->nstops++] = plain(said->stops[i]);
    r->must_call =
        said->ntools && (said->choice == CHOICE_REQUIRED || said->choice == CHOICE_NAMED);
    if (said->choice == CHOICE_NAMED)
        r->tool = plain(said->choice_name);
    r->wants_json = said->format != FORMAT_TEXT;
    if (said->format == FORMAT_SCHEMA)
        r->schema = said->schema;
}

static int take_chat(struct sim_asking *asking, struct arena *a, struct sim_request *r,
                     struct err *err)
{
    struct sim_heard heard;
    const struct chat *chat = &asking->chat;
    if (chat->dialect->read_conversation(chat, a, &asking->said, err) < 0 ||
        sim_hear(&heard, &asking->said, chat->model, a, err) < 0)
        return -1;
    r->said = &asking->said;
    r->prompt = plain(heard.user);
    r->prompt_tokens = count_tokens(&asking->said, a);
    r->n = 1;
    take_wishes(r, &asking->said);
    return 0;
}

/* Of another surface: its body in OpenAI's form is read as that. */
static int take_other(const struct sim_asking *asking, struct str default_model,
                      struct arena *a, struct sim_request *r, struct err *err)
{
    static const enum sim_surface surfaces[SURFACE_COUNT] = {
        [SURFACE_CHAT] = SIM_CHAT,
        [SURFACE_COMPLETIONS] = SIM_COMPLETIONS,
        [SURFACE_EMBEDDINGS] = SIM_EMBEDDINGS,
    };
    const struct chat *chat = &asking->chat;
    struct str body = chat->body;
    struct conversation told = {.nlost = 0};
    if (chat->dialect->as_openai &&
        chat->dialect->as_openai(chat, a, &told, &body, err) < 0)
        return -1;
    return sim_request_read(r, surfaces[chat->surface], body, default_model, err);
}

static int tell_encoder(const struct sim_address *at, struct sim_asking *asking,
                        const struct sim_request *r, struct arena *a, struct err *err)
{
    struct buf echo;
    const struct dialect *d = at->dialect;
    asking->about = (struct answer_about){
        .path = at->path, .model = asking->chat.model, .id = r->digest};
    if (!d->echo)
        return 0;
    buf_init(&echo, ECHO_MAX_BYTES);
    int rc = d->echo(&asking->chat, a, &echo, err);
    if (rc == 0) {
        asking->about.echo =
            echo.failed ? (struct str){NULL, 0} : arena_strdup(a, buf_view(&echo));
        rc = asking->about.echo.p ? 0 : err_nomem(err);
    }
    buf_release(&echo);
    return rc;
}

static int read_by_row(const struct sim_address *at, struct str body,
                       struct str default_model, struct arena *a,
                       struct sim_asking *asking, struct sim_request *r, struct err *err)
{
    const struct dialect_ask ask = {.path = at->path, .model = at->name, .body = body};
    struct chat *chat = &asking->chat;
    struct siphash h;
    *r = (struct sim_request){.surface = SIM_CHAT};
    if (dialect_decode(at->dialect, &ask, a, chat, err) < 0)
        return -1;
    int rc = chat->surface == SURFACE_CHAT ? take_chat(asking, a, r, err)
                                           : take_other(asking, default_model, a, r, err);
    if (rc < 0 || write_model(chat->model, default_model, a, &r->model, err) < 0)
        return -1;
    siphash_init(&h, digest_key);
    siphash_update(&h, r->model);
    siphash_update(&h, chat->input.n ? chat->input : body);
    r->digest = siphash_final(&h);
    r->is_stream = chat->is_stream || at->path->is_stream;
    r->include_usage = true;
    return tell_encoder(at, asking, r, a, err);
}

int sim_ask_read(const struct sim_address *at, enum sim_surface surface, struct str body,
                 struct str default_model, struct arena *a, struct sim_asking *ret,
                 struct sim_request *r, struct err *err)
{
    *ret = (struct sim_asking){0};
    if (at->path)
        return read_by_row(at, body, default_model, a, ret, r, err);
    return sim_request_read(r, surface, body, default_model, err);
}

int sim_ask_script(const struct sim_script *script, struct str body, struct arena *a,
                   struct sim_asking *asking, struct sim_request *r, struct sim_turn *ret,
                   struct err *err)
{
    struct sim_heard heard;
    *ret = (struct sim_turn){.input = -1, .output = -1, .cached = -1, .reasoning = -1};
    if (r->surface != SIM_CHAT ||
        (!script && !(r->prompt.raw.p && sim_script_in(r->prompt.raw))))
        return 0;
    if (!r->said) {
        const struct dialect *d = dialect_first();
        if (dialect_read(d, SURFACE_CHAT, body, a, &asking->chat, err) < 0 ||
            d->read_conversation(&asking->chat, a, &asking->said, err) < 0)
            return -1;
        r->said = &asking->said;
    }
    if (sim_hear(&heard, r->said, asking->chat.model, a, err) < 0)
        return -1;
    return sim_script_play(script, &heard, a, ret, err);
}
