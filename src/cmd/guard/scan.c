/* scan.c -- `weir scan`: what the scanner sees in a text, in lines, in a folder.
 *
 * Input is text, or JSON lines {"id","text"} when the first byte is '{' and the first
 * line has a "text"; output is one JSON line each.  A line that is not JSON among such
 * lines is scanned as the text it is: the scanner never lets anything by unread. */
#include "json/scan.h"
#include "cmd/guard/allow_lines.h"
#include "cmd/guard/tree.h"
#include "cmd/lib/commands.h"
#include "cmd/lib/options.h"
#include "cmd/lib/say.h"
#include "cmd/serve/serving.h"
#include "core/mem.h"
#include "guard/rules.h"
#include "guard/screen.h"
#include "json/write.h"

#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct command_option options[] = {
    {"-c", "FILE", "Configuration: what its guard: section says holds."},
    {"--dir", "DIR", "Walk the files under DIR and sum up what they hold."},
    {"--names", NULL, "Print the persons alone, whatever is done about them."},
    {"--why", NULL,
     "Say where each value stands and how it could be let go; with --dir as the lines of "
     "a file for guard: allow."},
    {"--explain", NULL, "Say for each value which kind of rule saw it."},
    {"--body", NULL, "The input is one JSON body: scan its strings and names."},
    {"--weights", "FILE", "Weights of weir train tagger, instead of the built-in ones."},
    {"--zone", "ZONE", "Host names in this zone are internal; may be repeated."},
};

static const char *saw(uint8_t evidence)
{
    static const char *const names[] = {"shape",   "checksum", "word",
                                        "lexicon", "decoded",  "rule"};
    return names[evidence];
}

static bool read_stream(FILE *in, struct buf *b)
{
    size_t n;
    do {
        if (!buf_reserve(b, 65536))
            return false;
        n = fread(b->p + b->n, 1, 65536, in);
        b->n += n;
    } while (n > 0);
    return !ferror(in);
}

static bool read_path(const char *path, struct buf *b)
{
    FILE *f = fopen(path, "rb");
    bool ok = f && read_stream(f, b);
    if (f)
        fclose(f);
    return ok;
}

struct scan_job {
    const struct guard_rules *rules;
    struct buf out;
    bool explain, names_only, why;
    bool has_to_stay; /* something that was scanned */
};

/* Line and column, and what an allow-list would call a value that holds. */
static void print_why(const struct guard_rules *rules, struct json_writer *j,
                      struct str text, const struct span *s)
{
    uint32_t line, column;
    char name[ALLOW_NAME_BYTES];
    held_place_in(text, s->start, &line, &column);
    json_key(j, "line");
    json_u64(j, line);
    json_key(j, "column");
    json_u64(j, column);
    if (guard_rules_span(rules, s, NULL) < ACTION_LOCAL)
        return;
    json_key(j, "resolve");
    if (!guard_may_let_go(s)) {
        json_str(j, STR("leave it out; its check digits are right"));
        return;
    }
    json_str(j, STR("leave it out; or, if it is nothing, put allow into a file that "
                    "guard: allow names"));
    if (!allow_name(str_sub(text, s->start, s->end), name))
        return;
    json_key(j, "allow");
    json_str(j, str_of(name));
}

static void print_spans(const struct scan_job *job, struct json_writer *j,
                        struct str text, const struct span_list *l)
{
    const struct guard_rules *rules = job->rules;
    json_key(j, "spans");
    json_array_open(j);
    for (size_t i = 0; i < l->n; i++) {
        const struct span *s = &l->v[i];
        if (job->names_only && s->type != TYPE_PERSON)
            continue;
        json_object_open(j);
        json_key(j, "start");
        json_u64(j, s->start);
        json_key(j, "end");
        json_u64(j, s->end);
        json_key(j, "type");
        json_str(j, str_of(guard_type_name((enum guard_type)s->type)));
        json_key(j, "score");
        json_double(j, s->score / 100.0);
        json_key(j, "action");
        json_str(j, str_of(action_name(guard_rules_span(rules, s, NULL))));
        if (job->why)
            print_why(rules, j, text, s);
        if (job->explain) {
            json_key(j, "saw");
            const char *own = guard_rules_rule(rules, s);
            json_str(j, str_of(own ? own : saw(s->evidence)));
            json_key(j, "value");
            json_str(j, str_sub(text, s->start, s->end));
        }
        json_object_close(j);
    }
    json_array_close(j);
}

static struct verdict verdict_of(const struct scan_job *job, const struct findings *f)
{
    return guard_rules_act(job->rules, f, NULL, SENSITIVITY_UNLABELLED, 0);
}

static bool print_result(struct scan_job *job, struct str raw_id, struct str text)
{
    struct span_list l = {0};
    struct findings f = {0};
    struct err err = {0};
    struct json_writer j;
    bool ok = guard_scan_text(guard_rules_scanner(job->rules), text, &l, &err) == 0;
    guard_rules_let_go(job->rules, text, &l);
    findings_add(&f, &l);
    struct verdict v = verdict_of(job, &f);
    job->has_to_stay |= v.action >= ACTION_LOCAL;
    buf_clear(&job->out);
    json_writer_init(&j, &job->out);
    json_object_open(&j);
    if (raw_id.p) {
        json_key(&j, "id");
        json_raw(&j, raw_id);
    }
    json_key(&j, "label");
    json_str(&j, str_of(ok ? action_label(v.action) : "confidential"));
    json_key(&j, "action");
    json_str(&j, str_of(ok ? action_name(v.action) : "local"));
    if (job->explain) {
        json_key(&j, "reason");
        json_str(&j, str_of(ok ? v.reason : err.msg));
    }
    print_spans(job, &j, text, &l);
    json_object_close(&j);
    span_list_release(&l);
    if (job->out.failed)
        return false;
    fwrite(buf_view(&job->out).p, 1, buf_len(&job->out), stdout);
    putchar('\n');
    return ok;
}

static bool scan_line(struct scan_job *job, struct str line)
{
    struct str id = json_get(line, "id"), raw = json_get(line, "text"), none = {0};
    struct arena a;
    bool ok;
    if (!raw.p || raw.n < 2 || raw.p[0] != '"')
        return print_result(job, none, line);
    arena_init(&a, 4 * raw.n + 4096);
    struct str inner = str_sub(raw, 1, raw.n - 1);
    struct str text = json_unescape(&a, (struct json_string){inner, true});
    ok = text.p && print_result(job, id, text);
    arena_reset(&a);
    return ok;
}

static bool is_json_lines(struct str text)
{
    struct str rest = text, first;
    return text.n && text.p[0] == '{' && str_split(&rest, '\n', &first) &&
           json_get(first, "text").p != NULL;
}

static int scan_input(struct scan_job *job, struct str text)
{
    bool ok = true;
    struct str line, none = {0}, lines = str_after_mark(text);
    if (!is_json_lines(lines))
        return print_result(job, none, text) ? EXIT_YES : EXIT_NO;
    while (str_split(&lines, '\n', &line))
        if (line.n && !str_eqz(line, "\r"))
            ok &= scan_line(job, line);
    return ok ? EXIT_YES : EXIT_NO;
}

static int scan_body(struct scan_job *job, struct str text)
{
    struct body_scan b = {0};
    struct err err = {0};
    if (guard_scan_body(guard_rules_scanner(job->rules), text, &b, &err) < 0) {
        say(stderr, "weir scan: %s", err.msg);
        body_scan_release(&b);
        return EXIT_NO;
    }
    struct verdict v = verdict_of(job, &b.found);
    job->has_to_stay |= v.action >= ACTION_LOCAL;
    printf("{\"label\":\"%s\",\"action\":\"%s\",\"reason\":\"%s\",\"types\":{",
           action_label(v.action), action_name(v.action), v.reason);
    for (size_t t = 0, n = 0; t < GUARD_NTYPES; t++)
        if (b.found.count[t])
            printf("%s\"%s\":%u", n++ ? "," : "", guard_type_name((enum guard_type)t),
                   b.found.count[t]);
    printf("}}\n");
    body_scan_release(&b);
    return EXIT_YES;
}

static void progress(size_t done, size_t all)
{
    char bar[31] = {0};
    size_t full = all ? done * 30 / all : 30;
    memset(bar, '.', 30);
    memset(bar, '#', full);
    fprintf(stderr, "\r[%s] %zu of %zu files", bar, done, all);
    if (done == all)
        fputc('\n', stderr);
}

/* `mark`: before each line. */
static void print_summary(const char *mark, const struct findings *all,
                          const size_t *by_action, size_t unread)
{
    printf("%s\n%s%zu files clear, %zu to mask, %zu to keep local, %zu blocked", mark,
           mark, by_action[ACTION_CLEAR], by_action[ACTION_MASK], by_action[ACTION_LOCAL],
           by_action[ACTION_BLOCK]);
    if (unread)
        printf(", %zu could not be read", unread);
    printf("\n");
    for (size_t t = 0; t < GUARD_NTYPES; t++)
        if (all->count[t])
            printf("%s  %-28s %6u\n", mark, guard_type_name((enum guard_type)t),
                   all->count[t]);
}

/* Zero files of a folder that is not there would look like a clean bill. */
static int check_dir(const char *dir)
{
    struct stat st;
    DIR *d = NULL;
    if (stat(dir, &st) < 0)
        return options_fault(&cmd_scan, "--dir %s: %s", dir[0] ? dir : "''",
                             strerror(errno));
    if (!S_ISDIR(st.st_mode))
        return options_fault(&cmd_scan,
                             "--dir %s is no folder; for one file write: weir scan %s",
                             dir, dir);
    d = opendir(dir);
    if (!d)
        return options_fault(&cmd_scan, "--dir %s: %s", dir, strerror(errno));
    closedir(d);
    return EXIT_YES;
}

static int scan_dir(struct scan_job *job, const char *dir)
{
    struct tree t = {0};
    struct findings all = {0};
    size_t by_action[ACTION_BLOCK + 1] = {0};
    struct allow_lines allow = {0};
    bool tty = isatty(STDERR_FILENO);
    const char *mark = job->why ? "# " : ""; /* the rest is lines of an allow-list */
    int code = check_dir(dir);
    if (code != EXIT_YES)
        return code;
    tree_walk(&t, dir);
    for (size_t i = 0; i < t.n; i++) {
        struct buf b;
        struct span_list l = {0};
        struct findings f = {0};
        struct err err = {0};
        buf_init(&b, GUARD_MAX_TEXT_BYTES);
        if (!read_path(t.path[i], &b)) {
            tree_lose(&t, t.path[i], b.failed ? "too large" : strerror(errno));
        } else if (guard_scan_text(guard_rules_scanner(job->rules), buf_view(&b), &l,
                                   &err) < 0) {
            tree_lose(&t, t.path[i], err.msg);
        } else {
            guard_rules_let_go(job->rules, buf_view(&b), &l);
            findings_add(&f, &l);
            findings_add(&all, &l);
            struct verdict v = verdict_of(job, &f);
            by_action[v.action]++;
            if (v.action >= ACTION_LOCAL)
                say(stdout, "%s%s: %s (%s)", mark, t.path[i], action_name(v.action),
                    v.reason);
            if (job->why)
                allow_lines_print(&allow, job->rules, t.path[i], buf_view(&b), &l);
        }
        span_list_release(&l);
        buf_release(&b);
        if (tty)
            progress(i + 1, t.n);
    }
    allow_lines_release(&allow);
    print_summary(mark, &all, by_action, t.nlost);
    size_t nstay = by_action[ACTION_LOCAL] + by_action[ACTION_BLOCK] + t.nlost;
    tree_release(&t);
    return nstay ? EXIT_NO : EXIT_YES;
}

static int scan_with(const struct guard_rules *rules, const struct options *o)
{
    struct scan_job job = {.rules = rules,
                           .explain = options_has(o, "--explain"),
                           .names_only = options_has(o, "--names"),
                           .why = options_has(o, "--why")};
    struct buf in;
    int code;
    if (options_has(o, "--dir"))
        return scan_dir(&job, options_get(o, "--dir"));
    buf_init(&in, GUARD_MAX_TEXT_BYTES);
    buf_init(&job.out, GUARD_MAX_TEXT_BYTES);
    bool ok = o->nwords ? read_path(o->words[0], &in) : read_stream(stdin, &in);
    if (!ok) {
        say(stderr, "weir scan: cannot read %s", o->nwords ? o->words[0] : "the input");
        code = EXIT_USAGE;
    } else {
        code = options_has(o, "--body") ? scan_body(&job, buf_view(&in))
                                        : scan_input(&job, buf_view(&in));
        if (o->nwords && job.has_to_stay)
            code = EXIT_NO;
    }
    buf_release(&in);
    buf_release(&job.out);
    return code;
}

/* Other weights than the built-in ones; they must outlive the scan. */
static int use_weights(struct guard_rules *rules, const char *path, struct buf *b)
{
    struct err err = {0};
    buf_init(b, GUARD_MAX_TEXT_BYTES);
    if (!read_path(path, b))
        return options_fault(&cmd_scan, "cannot read %s", path);
    if (guard_rules_use_weights(rules, buf_view(b), &err) < 0)
        return options_fault(&cmd_scan, "%s: %s", path, err.msg);
    return EXIT_YES;
}

/* The configuration named, or the built-in one, with the zones of the command line. */
static struct config *configuration(const struct options *o)
{
    const char *path = options_get(o, "-c"), *zone;
    struct config *c =
        path ? serving_load(path) : serving_parse(config_builtin_yaml(), "built-in");
    size_t n = 0;
    while (options_nth(o, "--zone", n))
        n++;
    struct str *zones =
        c && n ? arena_array(&c->arena, struct str, n + c->guard.nzones) : NULL;
    if (!zones)
        return c;
    for (size_t i = 0; i < c->guard.nzones; i++)
        zones[i] = c->guard.zones[i];
    for (size_t i = 0; (zone = options_nth(o, "--zone", i)) != NULL; i++)
        zones[c->guard.nzones + i] =
            arena_printf(&c->arena, "%s%s", zone[0] == '.' ? "" : ".", zone);
    c->guard.zones = zones;
    c->guard.nzones += n;
    return c;
}

static int run(int argc, char **argv)
{
    struct options o;
    struct err err = {0};
    int code = EXIT_YES;
    if (!options_read(&o, &cmd_scan, argc, argv, &code))
        return code;
    if (o.nwords > 1)
        return options_fault(&cmd_scan, "one file at a time, or --dir DIR");
    struct config *c = configuration(&o);
    struct guard_rules *rules = c ? guard_rules_create(c, &err) : NULL;
    if (c && !rules)
        fprintf(stderr, "weir scan: %s\n", err.msg);
    struct buf weights = {0};
    const char *path = options_get(&o, "--weights");
    code = !rules ? EXIT_USAGE : path ? use_weights(rules, path, &weights) : EXIT_YES;
    if (code == EXIT_YES)
        code = scan_with(rules, &o);
    guard_rules_free(rules);
    buf_release(&weights);
    config_unref(c);
    return code;
}

const struct command cmd_scan = {
    .name = "scan",
    .summary = "what in a text is confidential",
    .usage = "[FILE] [-c weir.yaml] [--dir DIR] [--explain] [--body] [--zone ZONE]",
    .details =
        "Reads a text, or JSON lines {\"id\",\"text\"}, from FILE or standard input and\n"
        "prints one JSON line for each: label, action, and spans with byte offsets.\n"
        "With --dir it walks a folder, names the files that may not leave and exits\n"
        "with 1 when there are any, or when a file could not be read.\n\n"
        "Examples:\n  echo 'call me on +44 20 7946 0018' | weir scan --explain\n"
        "  weir scan -c weir.yaml --dir src\n"
        "  weir scan --dir tests --why > .weir-allow\n\n"
        "Exit codes: 0 scanned, and of FILE or --dir nothing has to stay (what comes "
        "from\n"
        "standard input is told by its lines alone); 1 something has, or a text could "
        "not\n"
        "be scanned; 2 usage, a folder that is not there, or a fault of the "
        "configuration.",
    .options = options,
    .noptions = ARRAY_LEN(options),
    .run = run,
};
