/* pilot_place.c -- see pilot_place.h. */
#include "cmd/decide/pilot_place.h"

#include "cmd/lib/say.h"
#include "cmd/lib/usual_config.h"
#include "gateway/statefile.h"

#include <unistd.h>

int pilot_place_find(const struct options *o, char ret[STATE_DIR_BYTES])
{
    const char *file = options_get(o, "-c"), *given = options_get(o, "--state-dir");
    if (!file && !given && usual_config_is_here())
        file = USUAL_CONFIG_FILE; /* as weir pilot start */
    if (file && !given)
        return state_dir_of_config(file, ret) ? EXIT_YES : EXIT_USAGE;
    return state_dir_find(given, ret) ? EXIT_YES
                                      : options_fault(o->command, STATE_DIR_FAULT);
}

bool pilot_place_read(const char *dir, const char *name, struct buf *out)
{
    if (statefile_read_all(dir, name, out))
        return true;
    say(stderr, "weir pilot: %s/%s cannot be read", dir, name);
    return false;
}

static int read_story(struct pilot_place *p)
{
    struct buf pairs, labels;
    buf_init(&pairs, PILOT_FILE_BYTES);
    buf_init(&labels, PILOT_FILE_BYTES);
    bool ok = pilot_place_read(p->dir, PILOT_FILE_PAIRS, &pairs) &&
              pilot_place_read(p->dir, PILOT_FILE_LABELS, &labels);
    if (ok && pilot_story_read_pairs(&p->story, buf_view(&pairs)) < 0) {
        fprintf(stderr, "weir pilot: there is not enough memory for its pairs\n");
        ok = false;
    }
    if (ok)
        pilot_story_read_labels(&p->story, buf_view(&labels));
    buf_release(&pairs);
    buf_release(&labels);
    return ok ? EXIT_YES : EXIT_NO;
}

static int read_terms(struct pilot_place *p)
{
    struct buf text;
    struct err err = {0};
    int rc = EXIT_NO;
    buf_init(&text, 64 * 1024);
    if (!pilot_place_read(p->dir, PILOT_FILE_TERMS, &text))
        rc = EXIT_NO;
    else if (!buf_len(&text))
        say(stderr,
            "weir pilot: there is none in %s; weir pilot start begins one, and -c or "
            "--state-dir name another place",
            p->dir);
    else if (pilot_terms_read(buf_view(&text), &p->terms, &err) < 0)
        say(stderr, "weir pilot: %s", err.msg);
    else
        rc = EXIT_YES;
    buf_release(&text);
    return rc;
}

int pilot_place_open(const struct options *o, struct pilot_place *ret)
{
    char path[STATE_DIR_BYTES + 32];
    int rc = pilot_place_find(o, ret->dir);
    if (rc == EXIT_YES)
        rc = read_terms(ret);
    if (rc != EXIT_YES)
        return rc;
    snprintf(path, sizeof path, "%s/%s", ret->dir, PILOT_FILE_STOP);
    ret->is_stopped = access(path, F_OK) == 0;
    if (pilot_story_init(&ret->story, &ret->terms) < 0) {
        fprintf(stderr, "weir pilot: there is not enough memory\n");
        return EXIT_NO;
    }
    rc = read_story(ret);
    if (rc != EXIT_YES)
        pilot_place_close(ret);
    return rc;
}

void pilot_place_close(struct pilot_place *p)
{
    pilot_story_release(&p->story);
}

bool pilot_place_runs(const struct pilot_place *p, uint64_t now_ms)
{
    return !p->story.ended_ms && !p->is_stopped && now_ms < pilot_terms_end_ms(&p->terms);
}
