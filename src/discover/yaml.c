/* yaml.c -- writes the configuration a person would have written, with the reasons.
 *
 * Names from outside are plain only when nothing in YAML could read them otherwise;
 * else they are JSON strings, which YAML reads the same way. */
#include "discover/yaml.h"

#include "facts/date.h"
#include "facts/money.h"
#include "json/write.h"

#include <ctype.h>

static bool is_plain(struct str s)
{
    static const char *const words[] = {"true", "false", "null", "yes", "no",
                                        "on",   "off",   "y",    "n"};
    if (s.n == 0 || !isalpha((unsigned char)s.p[0]) || s.p[s.n - 1] == ':')
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (!isalnum((unsigned char)s.p[i]) && !strchr("-_./:@+", s.p[i]))
            return false;
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (str_eq_nocase(s, str_of(words[i])))
            return false;
    return true;
}

static void value(struct buf *b, struct str s)
{
    if (is_plain(s))
        buf_append(b, s);
    else
        json_write_string(b, s);
}

/* A few words are weir's own and name no model; such a one gets its engine's name. */
static void model_name(struct buf *b, const struct found_engine *e,
                       const struct found_model *m)
{
    static const char *const words[] = {"auto", "local", "cloud"};
    enum role role;
    bool is_taken = role_parse(m->name, &role);
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        is_taken |= str_eqz(m->name, words[i]);
    if (is_taken)
        buf_printf(b, "%.*s-", STR_ARG(e->name));
    buf_append(b, m->name);
}

/* Left out when nothing is known: that is what an absent list means. */
static void caps(struct buf *b, const struct found_model *m)
{
    const char *sep = "";
    unsigned yes = m->caps & ~(unsigned)CAP_CHAT;
    if (!yes && m->caps_unknown == CAPS_UNSURE)
        return;
    buf_lit(b, ", caps: [");
    for (unsigned bit = 1; bit <= CAP_FILES; bit <<= 1)
        if ((yes | m->caps_unknown) & bit) {
            buf_printf(b, "%s%s%s", sep, capability_name(bit), yes & bit ? "" : "?");
            sep = ", ";
        }
    buf_byte(b, ']');
}

static void price_comment(struct buf *b, const struct price *p)
{
    char in[MONEY_TEXT], out[MONEY_TEXT], day[DATE_TEXT] = "undated";
    money_decimal_per_million(p->input, in);
    money_decimal_per_million(p->output, out);
    if (p->source_days != DATE_UNKNOWN)
        date_format(p->source_days, day);
    buf_printf(b, "  # $%s in, $%s out a million tokens (%s)", in, out, day);
}

/* Its own form has room to say how much it is to read (num_ctx), how long the model stays
 * in memory, and whether it thinks. */
static bool speaks_ollama(const struct found_engine *e)
{
    return e->kind == ENGINE_OLLAMA && e->side == SIDE_LOCAL;
}

static void model(struct buf *b, const struct found_engine *e,
                  const struct found_model *m)
{
    struct buf name;
    buf_init(&name, 1024);
    model_name(&name, e, m);
    buf_lit(b, "      - {name: ");
    value(b, buf_view(&name));
    if (buf_len(&name) != m->name.n) {
        buf_lit(b, ", as: ");
        value(b, m->name);
    }
    buf_release(&name);
    if (m->context_tokens) {
        buf_lit(b, ", context: ");
        buf_u64(b, m->context_tokens);
    }
    if (m->trained_tokens &&
        (!m->context_tokens ||
         (speaks_ollama(e) && m->trained_tokens >= m->context_tokens))) {
        buf_lit(b, ", context_max: ");
        buf_u64(b, m->trained_tokens);
    }
    if (m->is_cloud && e->side == SIDE_LOCAL)
        buf_lit(b, ", side: cloud");
    if (m->price_name.n) {
        buf_lit(b, ", price: ");
        value(b, m->price_name);
    }
    caps(b, m);
    buf_byte(b, '}');
    if (m->price && m->price->input >= 0 && m->price->output >= 0)
        price_comment(b, m->price);
    else if (m->why.n)
        buf_printf(b, "  # %.*s", STR_ARG(m->why));
    buf_byte(b, '\n');
}

static void engine(struct buf *b, const struct found_engine *e)
{
    buf_printf(b, "  # %.*s\n  - name: ", STR_ARG(e->why));
    value(b, e->name);
    buf_printf(b, "\n    kind: %s\n    side: %s%s\n", engine_kind_name(e->kind),
               side_name(e->side),
               e->side == SIDE_CLOUD && e->url.n && !e->key_env.n
                   ? "  # local, if you know that nothing leaves it"
                   : "");
    if (e->url.n) {
        buf_lit(b, "    url: ");
        value(b, e->url);
        buf_byte(b, '\n');
    }
    if (speaks_ollama(e))
        buf_lit(b, "    speaks: ollama\n");
    if (e->profile.n)
        buf_printf(b, "    profile: %.*s\n", STR_ARG(e->profile));
    if (e->key_env.n)
        buf_printf(b, "    api_key: ${%.*s}\n", STR_ARG(e->key_env));
    if (e->slots && e->side == SIDE_LOCAL)
        buf_printf(b, "    max_inflight: %u\n", e->slots);
    buf_lit(b, "    models:\n");
    for (size_t i = 0; i < e->nmodels; i++)
        model(b, e, &e->models[i]);
}

static void roles(struct buf *b, const struct discovery *d)
{
    const char *head = "roles:\n";
    for (int r = ROLE_NONE + 1; r < ROLE_COUNT; r++) {
        if (d->roles[r].engine < 0)
            continue;
        const struct found_engine *e = &d->engines[d->roles[r].engine];
        buf_append(b, str_of(head));
        buf_printf(b, "  %s: \"%.*s/", role_name((enum role)r), STR_ARG(e->name));
        model_name(b, e, &e->models[d->roles[r].model]);
        buf_lit(b, "\"\n");
        head = "";
    }
}

void discover_yaml(const struct discovery *d, struct str listen, struct buf *out)
{
    buf_lit(out, "# What `weir up` found.  Checked by: weir check -c THIS_FILE\n"
                 "# Keys stay in the environment; every setting is explained in "
                 "docs/configuration.md.\n");
    if (listen.n) {
        buf_lit(out, "listen: ");
        json_write_string(out, listen);
        buf_byte(out, '\n');
    } else {
        buf_lit(out, "listen:\n  - 127.0.0.1:4141\n"
                     "  # Where apps look for Ollama, unless it is there itself.\n"
                     "  - {address: \"127.0.0.1:11434\", speaks: [ollama, openai], "
                     "if_free: true}\n");
    }
    buf_lit(out, "policy: local-first\nengines:\n");
    for (size_t i = 0; i < d->nengines; i++)
        if (d->engines[i].nmodels && !d->engines[i].problem.n)
            engine(out, &d->engines[i]);
    roles(out, d);
}
