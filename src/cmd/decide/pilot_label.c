/* pilot_label.c -- `weir pilot label`: people say which of two answers is better, without
 * knowing whose they are.  What they say is written down at once. */
#include "cmd/decide/pilot_place.h"
#include "cmd/lib/commands.h"
#include "cmd/lib/say.h"
#include "core/hash.h"
#include "core/mem.h"
#include "gateway/statefile.h"

#include <stdio.h>
#include <string.h>

enum { LINE_BYTES = 200, ARENA_BYTES = 1 << 30 };

static const struct command_option label_options[] = {PILOT_PLACE_OPTIONS};

static const char label_details[] =
    "Shows one kept question after the other with its two answers, in an order that is "
    "drawn\n"
    "anew each time, and asks which is better:\n"
    "\n"
    "  a  the first    b  the second    =  both are as good (or as bad)\n"
    "  s  skip: it is shown again the next time    q  quit\n"
    "\n"
    "What a judge says counts only as far as people confirm it, so that a pilot with\n"
    "--keep-pairs waits for these labels; labels may also be given when it has ended. "
    "The\n"
    "texts stand in pilot.kept in the state directory, until the next weir pilot start "
    "or\n"
    "until you delete that file.\n"
    "\n"
    "Exit codes: 0 done or quit, 1 there is no pilot or nothing was kept, 2 usage.";

/* What is to be shown: by the number of the pair. */
struct showing {
    struct pilot_place place;
    struct arena arena;
    struct pilot_kept *kept; /* [place.story.book.n]; question.p NULL: none */
    size_t nwaiting, nshown, nlabelled;
};

static bool is_waiting(const struct showing *s, size_t i)
{
    const struct pilot_pair *p = &s->place.story.book.pairs[i];
    return p->is_kept && !p->has_label && s->kept[i].question.p;
}

/* Of two lines for one pair the later one holds: weir died between the first and the pair
 * that it was for. */
static bool read_kept(struct showing *s)
{
    size_t n = s->place.story.book.n;
    struct pilot_kept one;
    struct buf text;
    buf_init(&text, PILOT_FILE_BYTES);
    arena_init(&s->arena, ARENA_BYTES);
    s->kept = mem_zalloc((n + 1) * sizeof *s->kept);
    bool ok = s->kept && pilot_place_read(s->place.dir, PILOT_FILE_KEPT, &text);
    struct str rest = ok ? arena_strdup(&s->arena, buf_view(&text)) : STR("");
    buf_release(&text);
    while (rest.p && pilot_read_kept(&rest, &s->arena, &one))
        if (one.pair < n)
            s->kept[one.pair] = one;
    for (size_t i = 0; ok && i < n; i++)
        s->nwaiting += is_waiting(s, i);
    return ok;
}

/* Line by line: what must not be printed is not. */
static void show_text(const char *caption, struct str text)
{
    struct str line;
    say(stdout, "--- %s", caption);
    while (str_split(&text, '\n', &line))
        say(stdout, "%.*s", STR_ARG(line));
}

static void show(const struct showing *s, const struct pilot_kept *k, bool local_first)
{
    printf("\n%zu of %zu\n", s->nshown, s->nwaiting);
    show_text("Question", k->question);
    show_text("Answer A", local_first ? k->local : k->other);
    show_text("Answer B", local_first ? k->other : k->local);
}

/* 'a', 'b', '=', 's' or 'q'; the end of the input is 'q'. */
static char ask(void)
{
    char line[LINE_BYTES];
    for (;;) {
        printf("Which is better? a, b, = (as good), s (skip), q (quit): ");
        fflush(stdout);
        if (!fgets(line, sizeof line, stdin))
            return 'q';
        char c = line[0] >= 'A' && line[0] <= 'Z' ? (char)(line[0] | 0x20) : line[0];
        if (c && strchr("ab=sq", c) && strcspn(line, "\r\n") == 1)
            return c;
    }
}

static bool write_label(struct showing *s, size_t pair, int label)
{
    struct buf line;
    buf_init(&line, 1024);
    pilot_write_label(pair, label, &line);
    bool ok = statefile_append(s->place.dir, PILOT_FILE_LABELS, &line);
    buf_release(&line);
    if (!ok)
        say(stderr, "weir pilot label: %s/%s cannot be written", s->place.dir,
            PILOT_FILE_LABELS);
    s->nlabelled += ok;
    return ok;
}

/* False: no more. */
static bool label_one(struct showing *s, size_t pair, int *ret_exit)
{
    unsigned char coin = 0;
    if (!random_bytes(&coin, 1)) {
        fprintf(stderr, "weir pilot label: the system has no random source\n");
        *ret_exit = EXIT_NO;
        return false;
    }
    bool local_first = coin & 1;
    s->nshown++;
    show(s, &s->kept[pair], local_first);
    char said = ask();
    if (said == 'q' || said == 's')
        return said == 's';
    int label = said == '=' ? 0 : (said == 'a') == local_first ? 1 : -1;
    if (write_label(s, pair, label))
        return true;
    *ret_exit = EXIT_NO;
    return false;
}

static int label_all(struct showing *s)
{
    int rc = EXIT_YES;
    bool goes_on = true;
    for (size_t i = 0; goes_on && i < s->place.story.book.n; i++)
        if (is_waiting(s, i))
            goes_on = label_one(s, i, &rc);
    printf("\n%zu labelled, %zu still wait.\n", s->nlabelled, s->nwaiting - s->nlabelled);
    return rc;
}

static int label(struct showing *s)
{
    if (!read_kept(s))
        return EXIT_NO;
    if (s->nwaiting)
        return label_all(s);
    if (s->place.story.nkept) {
        printf("All kept pairs have their label.\n");
        return EXIT_YES;
    }
    fprintf(stderr, s->place.terms.keep
                        ? "weir pilot label: nothing has been kept yet\n"
                        : "weir pilot label: this pilot keeps no texts (--keep-pairs)\n");
    return EXIT_NO;
}

static int run_label(int argc, char **argv)
{
    static struct options o;
    static struct showing s;
    int rc;
    if (!options_read(&o, &pilot_label_part, argc, argv, &rc))
        return rc;
    if (o.nwords)
        return options_fault(&pilot_label_part, "'%s' is not an option", o.words[0]);
    rc = pilot_place_open(&o, &s.place);
    if (rc != EXIT_YES)
        return rc;
    rc = label(&s);
    mem_free(s.kept);
    arena_reset(&s.arena);
    pilot_place_close(&s.place);
    return rc;
}

const struct command pilot_label_part = {
    .name = "pilot label",
    .summary = "say which of two answers is better, without knowing whose they are",
    .usage = "[-c weir.yaml]",
    .details = label_details,
    .options = label_options,
    .noptions = ARRAY_LEN(label_options),
    .run = run_label,
    .of = &cmd_pilot,
};
