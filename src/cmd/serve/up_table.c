/* up_table.c -- what was found, within 80 columns, and what to do with it.
 *
 * The same text goes to a terminal and into a pipe; on a terminal the side is also a
 * colour (unless NO_COLOR is set or the terminal is dumb). */
#include "cmd/serve/up.h"

#include "facts/date.h"
#include "facts/money.h"
#include "guard/guard.h"

#include <stdlib.h>
#include <unistd.h>

enum { NAME_WIDTH = 30, WIDTH = 79 };

static bool wants_colour(FILE *out)
{
    const char *term = getenv("TERM"), *no = getenv("NO_COLOR");
    return isatty(fileno(out)) && term && strcmp(term, "dumb") != 0 && !(no && *no);
}

static const char *colour(FILE *out, bool is_cloud)
{
    if (!wants_colour(out))
        return "";
    return is_cloud ? "\033[33m" : "\033[32m";
}

static const char *plain(FILE *out)
{
    return wants_colour(out) ? "\033[0m" : "";
}

/* Words of text after `indent` blanks, wrapped. */
static void print_wrapped(FILE *out, struct str text, int indent)
{
    int column = indent;
    struct str word;
    fprintf(out, "%*s", indent, "");
    for (bool is_first = true; str_split(&text, ' ', &word); is_first = false) {
        if (!is_first && column + 1 + (int)word.n > WIDTH) {
            fprintf(out, "\n%*s", indent, "");
            column = indent;
        } else if (!is_first) {
            fputc(' ', out);
            column++;
        }
        fprintf(out, "%.*s", STR_ARG(word));
        column += (int)word.n;
    }
    fputc('\n', out);
}

static void tokens(uint64_t n, const char *mark, char out[16])
{
    if (n == 0)
        snprintf(out, 16, "?");
    else if (n < 1000)
        snprintf(out, 16, "%s%u", mark, (unsigned)n);
    else if (n < 10000000)
        snprintf(out, 16, "%s%uk", mark, (unsigned)(n / (n % 1000 ? 1024 : 1000)));
    else
        snprintf(out, 16, "%s%uM", mark, (unsigned)(n / 1000000));
}

static void price(const struct found_model *m, char out[120])
{
    char in[MONEY_TEXT], per_out[MONEY_TEXT], day[DATE_TEXT] = "";
    const struct price *p = m->price;
    if (!m->is_cloud) {
        snprintf(out, 120, "-");
    } else if (!p || p->input < 0 || p->output < 0) {
        snprintf(out, 120, "unknown");
    } else {
        money_decimal_per_million(p->input, in);
        money_decimal_per_million(p->output, per_out);
        if (p->source_days != DATE_UNKNOWN)
            date_format(p->source_days, day);
        snprintf(out, 120, "%s/%s %s", in, per_out, day);
    }
}

static const char *load_of(const struct found_engine *e, const struct found_model *m)
{
    static const char *const words[] = {"-", "no", "loaded"};
    return e->kind == ENGINE_SIM ? "simulated" : words[m->load];
}

/* A context the engine does not tell is shown as what the model could read at most. */
static void print_model(FILE *out, const struct found_engine *e,
                        const struct found_model *m)
{
    char context[16], cost[120];
    if (m->context_tokens)
        tokens(m->context_tokens, "", context);
    else
        tokens(m->trained_tokens, "<=", context);
    price(m, cost);
    if (m->name.n > NAME_WIDTH) /* it is what to ask for: whole, on a line of its own */
        fprintf(out, "    %.*s\n    %-*s ", STR_ARG(m->name), NAME_WIDTH, "");
    else
        fprintf(out, "    %-*.*s ", NAME_WIDTH, STR_ARG(m->name));
    fprintf(out, "%s%-5s%s %-9s %7s  %s\n", colour(out, m->is_cloud),
            side_name(m->is_cloud ? SIDE_CLOUD : SIDE_LOCAL), plain(out), load_of(e, m),
            context, cost);
    if (m->why.n)
        print_wrapped(out, m->why, 6);
}

/* It answers on this machine, and nothing shows where its prompts end up. */
static bool is_stranger(const struct found_engine *e)
{
    return e->side == SIDE_CLOUD && e->url.n && !e->key_env.n && !e->problem.n;
}

static void print_engine(FILE *out, const struct found_engine *e)
{
    fprintf(out, "  %.*s%s\n", STR_ARG(e->name),
            e->kind == ENGINE_SIM ? " (simulated)" : "");
    if (e->url.n && !e->key_env.n)
        fprintf(out, "    at %.*s\n", STR_ARG(e->url));
    print_wrapped(out, e->why, 4);
    if (e->problem.n) {
        fprintf(out, "    not used: ");
        print_wrapped(out, e->problem, 0);
        return;
    }
    if (is_stranger(e))
        print_wrapped(
            out,
            STR("Is it yours, and does nothing leave it? Save this with weir up "
                "--write weir.yaml and set its side to local."),
            4);
    for (size_t i = 0; i < e->nmodels; i++)
        print_model(out, e, &e->models[i]);
    if (e->nleft_out)
        fprintf(out, "    (%zu more are left out)\n", e->nleft_out);
}

static void print_roles(const struct discovery *d, FILE *out)
{
    bool is_first = true;
    for (int r = ROLE_NONE + 1; r < ROLE_COUNT; r++) {
        if (d->roles[r].engine < 0)
            continue;
        const struct found_engine *e = &d->engines[d->roles[r].engine];
        struct str name = e->models[d->roles[r].model].name; /* whole in the table */
        bool is_long = name.n > NAME_WIDTH;
        fprintf(out, "%s%-13s %.*s%s on %.*s\n", is_first ? "\n  ROLES  " : "         ",
                role_name((enum role)r), is_long ? NAME_WIDTH - 2 : (int)name.n, name.p,
                is_long ? ".." : "", STR_ARG(e->name));
        is_first = false;
    }
}

void up_print_table(const struct discovery *d, FILE *out)
{
    fprintf(out, "weir %s found:\n\n  %-*s %-5s %-9s %7s  %s\n", WEIR_VERSION,
            NAME_WIDTH + 2, "ENGINE, MODEL", "SIDE", d->is_simulated ? "" : "IN MEMORY",
            "CONTEXT", "USD/M IN/OUT, AS OF");
    for (size_t i = 0; i < d->nengines; i++)
        print_engine(out, &d->engines[i]);
    print_roles(d, out);
}

void up_print_install(FILE *out)
{
    fprintf(out,
            "\n  No engine answers on this machine and no API key is set, so what you\n"
            "  see is simulated: the answers are made-up words, no model, no cost.\n"
            "  For real ones, do one of these; weir notices within 30 s:\n"
            "    local  Ollama       https://ollama.com/download; ollama pull "
            "qwen2.5:7b\n"
            "           llama.cpp    weir up --model FILE.gguf   (needs llama-server)\n"
            "           LM Studio    https://lmstudio.ai, then start its server\n"
            "    cloud  set OPENAI_API_KEY, ANTHROPIC_API_KEY, GEMINI_API_KEY,\n"
            "           OPENROUTER_API_KEY, GROQ_API_KEY or MISTRAL_API_KEY; weir up "
            "again\n");
}

static bool has_side(const struct discovery *d, bool is_cloud)
{
    for (size_t e = 0; e < d->nengines; e++)
        for (size_t i = 0; i < d->engines[e].nmodels && !d->engines[e].problem.n; i++)
            if (d->engines[e].models[i].is_cloud == is_cloud)
                return true;
    return false;
}

static bool has_stranger(const struct discovery *d)
{
    for (size_t e = 0; e < d->nengines; e++)
        if (is_stranger(&d->engines[e]))
            return true;
    return false;
}

static void print_route(const struct discovery *d, FILE *out)
{
    bool local = has_side(d, false), cloud = has_side(d, true);
    if (local && cloud)
        fprintf(out, "  Requests for \"auto\" go to a local model while it has room, "
                     "else to the cloud.\n");
    else if (local)
        fprintf(out, "  Everything is answered on this machine; no cloud is set up.\n");
    else if (has_stranger(d))
        fprintf(out,
                "  No engine here is known to keep prompts to itself, so all of them "
                "count as cloud,\n  and what is labelled internal or confidential "
                "is refused.\n");
    else
        fprintf(out, "  Everything goes to the cloud: no local engine was found, and "
                     "what is labelled\n  internal or confidential is refused.\n");
    if (cloud)
        fprintf(out, "  Each prompt is scanned: secrets, ids and the like stay here; "
                     "names and\n  addresses leave as tags and come back in the "
                     "answer.\n");
}

static void print_cloud(struct server *s, FILE *out)
{
    const struct cloud_state now = cloud_look(s);
    if (now.is_paused)
        fprintf(out,
                "  PAUSED: the cloud, since %s (%s). Nothing goes to it until\n"
                "  weir cloud resume --why REASON\n",
                now.since, now.why);
}

void up_print_hints(const struct up *u, const char *url, FILE *out)
{
    fprintf(out,
            "\n  BASE URL  %s/v1\n"
            "            any API key; model: auto%s%s or a name above\n\n"
            "  curl      curl %s/v1/chat/completions \\\n"
            "              -H 'content-type: application/json' -d '{\"model\":\"auto\",\n"
            "              \"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}'\n"
            "  Python    OpenAI(base_url=\"%s/v1\", api_key=\"weir\")\n"
            "  Node      new OpenAI({baseURL: \"%s/v1\", apiKey: \"weir\"})\n"
            "  Aider     aider --openai-api-base %s/v1 \\\n"
            "              --openai-api-key weir --model openai/auto\n"
            "  others    \"OpenAI compatible\" and the base URL; see "
            "docs/guide/clients.md\n\n",
            url, has_side(u->found, false) ? ", local" : "",
            has_side(u->found, true) ? ", cloud" : "", url, url, url, url);
    print_route(u->found, out);
    print_cloud(u->serving.server, out);
    fprintf(out, "  Each request is listed below; all of them: weir ledger.  "
                 "Ctrl-C stops.\n\n");
}
