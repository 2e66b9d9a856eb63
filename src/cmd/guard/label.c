/* label.c -- `weir label`: a person takes it on himself that a session may leave masked.
 *
 * Asks the weir that runs on this machine.  Whoever can read its state directory is its
 * operator: the address and the token of the day stand there (state_dir/operator). */
#include "cmd/lib/commands.h"
#include "cmd/lib/options.h"
#include "cmd/lib/say.h"
#include "cmd/lib/state_dir.h"
#include "core/clean.h"
#include "core/mem.h"
#include "guard/sessions.h"
#include "upstream/fetch.h"
#include "json/scan.h"
#include "json/write.h"

#include <errno.h>
#include <string.h>

enum { ANSWER_MS = 5000, LINE_BYTES = 300 };

static const struct command_option options[] = {
    {"--why", "REASON", "Kept in the audit chain; required with an order."},
    {"-c", "FILE", "The configuration of the weir that runs: its state_dir."},
    {"--state-dir", "DIR", STATE_DIR_HELP},
};

static const char details[] =
    "Without more words it lists what was held in the last 24 hours, by kind: the "
    "value's\n"
    "name (never the value), whose request it was, how often, and in which session.\n"
    "\n"
    "  weir label\n"
    "  weir label nothing v-0123456789abcdef --why 'a test fixture of the parser'\n"
    "\n"
    "The second says of a value that it was nothing: requests of that client are no\n"
    "longer held or masked for it while this weir runs. Values with valid check digits\n"
    "cannot be let go like that. For longer than that, or for all clients, see guard:\n"
    "allow in the configuration.\n"
    "\n"
    "What a scan finds raises the label of its session, and the label stays: later\n"
    "requests of the session are answered locally too. When a person has looked at it\n"
    "and it may go on in the cloud, this lowers the label:\n"
    "\n"
    "  weir label lower s-0123456789abcdef --why 'test data, looked at by the owner'\n"
    "\n"
    "What was found then leaves masked, never in clear; what is found later of another\n"
    "kind raises the label again. Names stand in the error, in x-weir-offer and in the\n"
    "audit chain, and each order is in the chain before it holds.\n"
    "\n"
    "Exit codes: 0 done, 1 there is nothing of this name or no weir runs, 2 usage.";

struct place {
    char address[LINE_BYTES], token[LINE_BYTES];
};

static bool read_line(FILE *f, char out[LINE_BYTES])
{
    if (!fgets(out, LINE_BYTES, f))
        return false;
    out[strcspn(out, "\n")] = '\0';
    return out[0] != '\0';
}

static int find_weir(const char *dir, struct place *ret)
{
    char path[STATE_DIR_BYTES + 16];
    snprintf(path, sizeof path, "%s/operator", dir);
    FILE *f = fopen(path, "re");
    int why = errno;
    bool ok = f && read_line(f, ret->address) && read_line(f, ret->token);
    if (f)
        fclose(f);
    if (!ok)
        fprintf(stderr,
                "weir label: no weir runs on %s (%s%s%s); if its weir.yaml has a "
                "state_dir, give -c weir.yaml\n",
                dir, path, f ? "" : ": ", f ? " is not whole" : strerror(why));
    return ok ? EXIT_YES : EXIT_NO;
}

static void order_of(const char *what, const char *name, const char *why, struct buf *ret)
{
    struct json_writer w;
    json_writer_init(&w, ret);
    json_object_open(&w);
    json_key(&w, what);
    json_str(&w, str_of(name));
    json_key(&w, "why");
    json_str(&w, str_of(why));
    json_object_close(&w);
    buf_byte(ret, '\0');
}

/* error.message of an answer, or what came instead. */
static void print_refusal(struct str body)
{
    struct json_cur c;
    struct json_string k, message;
    json_begin(&c, body);
    if (json_enter_object(&c) && json_next_member(&c, &k) && json_enter_object(&c))
        while (json_next_member(&c, &k)) {
            if (json_string_is(k, "message") && json_read_string(&c, &message)) {
                say(stderr, "weir label: %.*s", STR_ARG(message.raw));
                return;
            }
            json_skip(&c, NULL);
        }
    say(stderr, "weir label: an answer that cannot be read: %.*s",
        (int)(body.n > 200 ? 200 : body.n), body.p ? body.p : "");
}

/* Asks /v1/label; *body is the answer's, on success.  order NULL: what was held. */
static int ask(const struct place *at, const char *order, struct buf *body)
{
    struct err err = {0};
    struct fetch f;
    int rc = EXIT_NO;
    fetch_init(&f);
    snprintf(f.url, sizeof f.url, "http://%s/v1/label", at->address);
    f.post = order;
    f.bearer = at->token;
    if (fetch_all(&f, 1, ANSWER_MS, &err) < 0)
        say(stderr, "weir label: %s", err.msg);
    else if (f.status == 0)
        fprintf(stderr, "weir label: no weir answers on %s\n", at->address);
    else if (f.status != 200)
        print_refusal(buf_view(&f.body));
    else
        rc = EXIT_YES;
    if (rc == EXIT_YES)
        buf_append(body, buf_view(&f.body));
    fetch_release(&f);
    return rc;
}

static int give_order(const struct place *at, const char *what, const char *name,
                      const char *why)
{
    struct buf order, answer;
    buf_init(&order, 64 * 1024);
    buf_init(&answer, FETCH_MAX_BYTES);
    order_of(what, name, why, &order);
    int rc = ask(at, buf_view(&order).p, &answer);
    if (rc == EXIT_YES && strcmp(what, "session") == 0)
        printf("Lowered: what was found in session %s may leave masked.\n", name);
    else if (rc == EXIT_YES)
        printf("Let go: %s holds nothing any more while this weir runs.\n", name);
    buf_release(&order);
    buf_release(&answer);
    return rc;
}

/* -- the review ---------------------------------------------------------------------- */

static struct str text_in(struct str row, const char *key)
{
    struct str raw = json_get(row, key);
    return raw.n >= 2 && raw.p[0] == '"' ? str_sub(raw, 1, raw.n - 1)
           : raw.p                       ? raw
                                         : STR("");
}

static const char *state_of(struct str row)
{
    if (str_eqz(text_in(row, "allowed"), "true"))
        return "let go";
    return str_eqz(text_in(row, "has_check_digits"), "true") ? "check digits are right"
                                                             : "";
}

static void print_row(struct str row)
{
    struct str key = text_in(row, "key"), session = text_in(row, "session");
    say(stdout, "  %.*s  %4.*s times, %6.*s s ago  %.*s%s%.*s  %s",
        STR_ARG(text_in(row, "value")), STR_ARG(text_in(row, "times")),
        STR_ARG(text_in(row, "seconds_ago")), STR_ARG(session), key.n ? "  of " : "",
        STR_ARG(key), state_of(row));
}

/* The rows of one kind; how many. */
static size_t print_kind(struct str list, struct str kind)
{
    struct json_cur c;
    struct str row;
    size_t n = 0;
    json_begin(&c, list);
    json_enter_array(&c);
    while (json_next_element(&c) && json_skip(&c, &row))
        if (str_eq(text_in(row, "kind"), kind)) {
            if (n++ == 0)
                say(stdout, "%.*s", STR_ARG(kind));
            print_row(row);
        }
    return n;
}

static bool is_before(struct str list, struct str kind, size_t end)
{
    struct json_cur c;
    struct str row;
    json_begin(&c, list);
    json_enter_array(&c);
    for (size_t i = 0; i < end && json_next_element(&c) && json_skip(&c, &row); i++)
        if (str_eq(text_in(row, "kind"), kind))
            return true;
    return false;
}

static int review(const struct place *at)
{
    struct buf answer;
    struct json_cur c;
    struct str row;
    size_t n = 0;
    buf_init(&answer, FETCH_MAX_BYTES);
    int rc = ask(at, NULL, &answer);
    struct str list = json_get(buf_view(&answer), "held");
    if (rc == EXIT_YES && list.p) {
        json_begin(&c, list);
        json_enter_array(&c);
        for (; json_next_element(&c) && json_skip(&c, &row); n++)
            if (!is_before(list, text_in(row, "kind"), n))
                print_kind(list, text_in(row, "kind"));
        printf(n ? "\nIf one of them was nothing: weir label nothing VALUE --why REASON\n"
                 : "Nothing was held in the last 24 hours.\n");
    }
    buf_release(&answer);
    return rc;
}

/* -- the command --------------------------------------------------------------------- */

static int check_words(const struct options *o, const char **ret_what)
{
    uint64_t id;
    const char *why = options_get(o, "--why");
    bool is_lower = o->nwords == 2 && strcmp(o->words[0], "lower") == 0;
    bool is_nothing = o->nwords == 2 && strcmp(o->words[0], "nothing") == 0;
    *ret_what = is_lower ? "session" : is_nothing ? "value" : NULL;
    if (o->nwords == 0)
        return EXIT_YES;
    if (!*ret_what)
        return options_fault(
            &cmd_label, "write: weir label, weir label lower SESSION --why REASON or "
                        "weir label nothing VALUE --why REASON");
    if (is_lower && !session_parse(str_of(o->words[1]), &id))
        return options_fault(&cmd_label,
                             "'%s' is no session: it is s- and 16 hexadecimal digits",
                             o->words[1]);
    if (is_nothing && !value_parse(str_of(o->words[1]), &id))
        return options_fault(&cmd_label,
                             "'%s' is no value: it is v- and 16 hexadecimal digits",
                             o->words[1]);
    if (!why || str_trim(str_of(why)).n == 0)
        return options_fault(&cmd_label, "say why, with --why: it is kept");
    if (!clean_is(str_of(why)))
        return options_fault(&cmd_label,
                             "--why is one line, in UTF-8 and without control "
                             "characters: it is kept in the audit chain");
    return EXIT_YES;
}

static int run(int argc, char **argv)
{
    struct options o;
    char dir[STATE_DIR_BYTES];
    struct place at;
    const char *what = NULL;
    int rc = EXIT_YES;
    if (!options_read(&o, &cmd_label, argc, argv, &rc))
        return rc;
    rc = check_words(&o, &what);
    if (rc != EXIT_YES)
        return rc;
    const char *file = options_get(&o, "-c"), *given = options_get(&o, "--state-dir");
    if (file && !given) {
        if (!state_dir_of_config(file, dir))
            return EXIT_USAGE;
    } else if (!state_dir_find(given, dir)) {
        return options_fault(&cmd_label, STATE_DIR_FAULT);
    }
    rc = find_weir(dir, &at);
    if (rc == EXIT_YES)
        rc = what ? give_order(&at, what, o.words[1], options_get(&o, "--why"))
                  : review(&at);
    mem_wipe(&at, sizeof at);
    return rc;
}

const struct command cmd_label = {
    .name = "label",
    .summary = "what was held today, and what of it may go",
    .usage = "[lower SESSION | nothing VALUE] [--why REASON] [-c weir.yaml]",
    .details = details,
    .options = options,
    .noptions = ARRAY_LEN(options),
    .run = run,
};
