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
    {"--why", "REASON", "Kept in the audit chain; required."},
    {"-c", "FILE", "The configuration of the weir that runs: its state_dir."},
    {"--state-dir", "DIR", STATE_DIR_HELP},
};

static const char details[] =
    "What a scan finds raises the label of its session, and the label stays: later\n"
    "requests of the session are answered locally too. When a person has looked at it\n"
    "and it may go on in the cloud, this lowers the label:\n"
    "\n"
    "  weir label lower s-0123456789abcdef --why 'test data, looked at by the owner'\n"
    "\n"
    "What was found then leaves masked, never in clear; what is found later of another\n"
    "kind raises the label again. The session's name is in the error, in x-weir-offer\n"
    "and in the audit chain, and the lowering is in the chain before it holds.\n"
    "\n"
    "Exit codes: 0 done, 1 there is no such session or no weir runs, 2 usage.";

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

static void order_of(const char *session, const char *why, struct buf *ret)
{
    struct json_writer w;
    json_writer_init(&w, ret);
    json_object_open(&w);
    json_key(&w, "session");
    json_str(&w, str_of(session));
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

static int send_order(const struct place *at, const char *order)
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
    fetch_release(&f);
    return rc;
}

static int lower(const char *dir, const char *session, const char *why)
{
    struct place at;
    struct buf order;
    int rc = find_weir(dir, &at);
    if (rc != EXIT_YES)
        return rc;
    buf_init(&order, 64 * 1024);
    order_of(session, why, &order);
    rc = send_order(&at, buf_view(&order).p);
    if (rc == EXIT_YES)
        printf("Lowered: what was found in session %s may leave masked.\n", session);
    buf_release(&order);
    mem_wipe(&at, sizeof at);
    return rc;
}

static int run(int argc, char **argv)
{
    struct options o;
    char dir[STATE_DIR_BYTES];
    uint64_t id;
    int rc = EXIT_YES;
    if (!options_read(&o, &cmd_label, argc, argv, &rc))
        return rc;
    const char *why = options_get(&o, "--why");
    if (o.nwords != 2 || strcmp(o.words[0], "lower") != 0)
        return options_fault(&cmd_label, "write: weir label lower SESSION --why REASON");
    if (!session_parse(str_of(o.words[1]), &id))
        return options_fault(&cmd_label,
                             "'%s' is no session: it is s- and 16 hexadecimal digits",
                             o.words[1]);
    if (!why || str_trim(str_of(why)).n == 0)
        return options_fault(&cmd_label, "say why, with --why: it is kept");
    if (!clean_is(str_of(why)))
        return options_fault(&cmd_label,
                             "--why is one line, in UTF-8 and without control "
                             "characters: it is kept in the audit chain");
    const char *file = options_get(&o, "-c"), *given = options_get(&o, "--state-dir");
    if (file && !given) {
        if (!state_dir_of_config(file, dir))
            return EXIT_USAGE;
    } else if (!state_dir_find(given, dir)) {
        return options_fault(&cmd_label, STATE_DIR_FAULT);
    }
    return lower(dir, o.words[1], why);
}

const struct command cmd_label = {
    .name = "label",
    .summary = "let a session that was held back leave masked",
    .usage = "lower SESSION --why REASON [-c weir.yaml | --state-dir DIR]",
    .details = details,
    .options = options,
    .noptions = ARRAY_LEN(options),
    .run = run,
};
