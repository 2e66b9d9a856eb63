/* running.c -- see running.h. */
#include "cmd/lib/running.h"

#include "cmd/lib/say.h"
#include "cmd/lib/state_dir.h"
#include "core/clean.h"
#include "core/mem.h"
#include "upstream/fetch.h"
#include "json/scan.h"
#include "json/write.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { ANSWER_MS = 5000 };

static bool read_line(FILE *f, char out[RUNNING_LINE])
{
    if (!fgets(out, RUNNING_LINE, f))
        return false;
    out[strcspn(out, "\n")] = '\0';
    return out[0] != '\0';
}

/* NULL; or what is wrong with DIR/operator. */
static const char *read_in(const char *dir, struct running *ret)
{
    char path[STATE_DIR_BYTES + 16];
    snprintf(path, sizeof path, "%s/operator", dir);
    FILE *f = fopen(path, "re");
    if (!f)
        return strerror(errno);
    bool ok = read_line(f, ret->address) && read_line(f, ret->token);
    fclose(f);
    return ok ? NULL : "it is not whole";
}

bool running_again(struct running *r)
{
    return !read_in(r->dir, r);
}

static int find_in(const char *dir, struct running *ret)
{
    const char *why = read_in(dir, ret);
    snprintf(ret->dir, sizeof ret->dir, "%s", dir);
    if (why)
        fprintf(stderr,
                "weir %s: no weir runs on %s (%s/operator: %s); if its weir.yaml has a "
                "state_dir, give -c weir.yaml\n",
                ret->verb, dir, dir, why);
    return why ? EXIT_NO : EXIT_YES;
}

bool running_address(const char *state_dir, char ret[RUNNING_LINE])
{
    char dir[STATE_DIR_BYTES];
    struct running r = {.verb = ""};
    bool is_there = state_dir_find(state_dir, dir) && !read_in(dir, &r);
    if (is_there)
        memcpy(ret, r.address, RUNNING_LINE);
    running_forget(&r);
    return is_there;
}

int running_find(const struct command *of, const struct options *o, struct running *ret)
{
    char dir[STATE_DIR_BYTES];
    const char *file = options_get(o, "-c"), *given = options_get(o, "--state-dir");
    *ret = (struct running){.verb = of->name};
    if (file && !given) {
        if (!state_dir_of_config(file, dir))
            return EXIT_USAGE;
    } else if (!state_dir_find(given, dir)) {
        return options_fault(of, STATE_DIR_FAULT);
    }
    return find_in(dir, ret);
}

void running_forget(struct running *r)
{
    mem_wipe(r, sizeof *r);
}

/* error.message of an answer, or what came instead. */
static void print_refusal(const struct running *r, struct str body)
{
    struct str message = running_text(json_get(body, "error"), "message");
    if (message.n)
        say(stderr, "weir %s: %.*s", r->verb, STR_ARG(message));
    else
        say(stderr, "weir %s: an answer that cannot be read: %.*s", r->verb,
            (int)(body.n > 200 ? 200 : body.n), body.p ? body.p : "");
}

int running_ask(const struct running *r, const char *path, const char *post,
                struct buf *body)
{
    struct err err = {0};
    struct fetch f;
    int rc = EXIT_NO;
    fetch_init(&f);
    snprintf(f.url, sizeof f.url, "http://%s%s", r->address, path);
    f.post = post;
    f.bearer = r->token;
    if (fetch_all(&f, 1, ANSWER_MS, &err) < 0)
        say(stderr, "weir %s: %s", r->verb, err.msg);
    else if (f.status == 0)
        fprintf(stderr, "weir %s: no weir answers on %s\n", r->verb, r->address);
    else if (f.status != 200)
        print_refusal(r, buf_view(&f.body));
    else
        rc = EXIT_YES;
    if (rc == EXIT_YES)
        buf_append(body, buf_view(&f.body));
    fetch_release(&f);
    return rc;
}

void running_order(const char *what, const char *name, const char *why, struct buf *ret)
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

int running_check_why(const struct command *of, const char *why)
{
    if (!why || str_trim(str_of(why)).n == 0)
        return options_fault(of, "say why, with --why: it is kept");
    if (!clean_is(str_of(why)))
        return options_fault(of, "--why is one line, in UTF-8 and without control "
                                 "characters: it is kept in the audit chain");
    return EXIT_YES;
}

struct str running_text(struct str object, const char *key)
{
    struct str raw = object.p ? json_get(object, key) : STR("");
    return raw.n >= 2 && raw.p[0] == '"' ? str_sub(raw, 1, raw.n - 1)
           : raw.p                       ? raw
                                         : STR("");
}
