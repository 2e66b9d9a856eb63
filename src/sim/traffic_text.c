/* traffic_text.c -- see traffic_text.h.  Nobody and nothing in here exists. */
#include "sim/traffic_text.h"

#include <stdio.h>

/* -- drawing (splitmix64, Steele, Lea and Flood 2014) ----------------------------------
 */

uint64_t draw_next(struct draw *d)
{
    uint64_t z = d->x += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

struct draw draw_of(uint64_t seed, uint64_t a, uint64_t b)
{
    struct draw d = {seed};
    d.x = draw_next(&d) ^ (a * UINT64_C(0xD6E8FEB86659FD93));
    d.x = draw_next(&d) ^ (b * UINT64_C(0xA0761D6478BD642F));
    (void)draw_next(&d);
    return d;
}

uint64_t draw_below(struct draw *d, uint64_t n)
{
    return draw_next(d) % n;
}

double draw_unit(struct draw *d)
{
    return (double)(draw_next(d) >> 11) / 9007199254740992.0;
}

/* -- people and numbers ---------------------------------------------------------------
 */

static const char *const first_names[] = {"Maren", "Tobias", "Ines",   "Jonas", "Amira",
                                          "Pavel", "Lucia",  "Henrik", "Noemi", "Dario",
                                          "Sanna", "Emil",   "Priya",  "Oscar", "Yusuf"};
static const char *const last_names[] = {
    "Kessler", "Brandvold", "Okonkwo", "Lindqvist", "Marchetti", "Sorensen", "Vasquez",
    "Petrov",  "Hallgren",  "Nakata",  "Duarte",    "Weidmann",  "Castell",  "Ferreira"};
static const char *const streets[] = {"Lindenstrasse", "Mill Lane", "Harbour Road",
                                      "Birkenweg", "Station Street"};
static const char *const towns[] = {"Ahrenfeld", "Millbrook", "Osterby", "Castelvane"};

struct person {
    const char *first, *last;
    char mail[80];
};

static struct person draw_person(struct draw *d)
{
    struct person p = {.first = DRAW_ONE(d, first_names),
                       .last = DRAW_ONE(d, last_names)};
    snprintf(p.mail, sizeof p.mail, "%c.%s@larkmoor-post.net", p.first[0] | 0x20, p.last);
    for (char *c = p.mail; *c != '@'; c++)
        *c = (char)(*c | 0x20);
    return p;
}

static void put_digits(struct draw *d, unsigned n, struct buf *b)
{
    while (n--)
        buf_byte(b, (char)('0' + draw_below(d, 10)));
}

/* ISO 13616: the check digits are 98 less the number modulo 97, DE00 put behind. */
static void put_iban(struct draw *d, struct buf *b)
{
    char digits[19];
    uint64_t rest = 0;
    for (size_t i = 0; i < 18; i++) {
        digits[i] = (char)('0' + draw_below(d, 10));
        rest = (rest * 10 + (uint64_t)(digits[i] - '0')) % 97;
    }
    digits[18] = '\0';
    for (const char *tail = "131400"; *tail; tail++)
        rest = (rest * 10 + (uint64_t)(*tail - '0')) % 97;
    buf_printf(b, "DE%02u %.4s %.4s %.4s %.4s %.2s", (unsigned)(98 - rest), digits,
               digits + 4, digits + 8, digits + 12, digits + 16);
}

/* ISO 7812: from the right, every second digit doubled. */
static void put_card(struct draw *d, struct buf *b)
{
    char digits[17] = "51";
    unsigned sum = 0;
    for (size_t i = 2; i < 15; i++)
        digits[i] = (char)('0' + draw_below(d, 10));
    for (size_t i = 0; i < 15; i++) {
        unsigned v = (unsigned)(digits[i] - '0') * (i % 2 ? 1 : 2);
        sum += v > 9 ? v - 9 : v;
    }
    digits[15] = (char)('0' + (10 - sum % 10) % 10);
    digits[16] = '\0';
    buf_printf(b, "%.4s %.4s %.4s %.4s", digits, digits + 4, digits + 8, digits + 12);
}

static void put_secret(struct draw *d, struct buf *b)
{
    static const char letters[] =
        "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    static const char marks[] = "#%+=!";
    for (int i = 0; i < 14; i++)
        buf_byte(b, letters[draw_below(d, sizeof letters - 1)]);
    buf_byte(b, marks[draw_below(d, sizeof marks - 1)]);
}

/* -- chats ----------------------------------------------------------------------------
 */

void say_question(struct draw *d, struct buf *b)
{
    static const char *const asks[] = {
        "How do I %s without losing %s?",
        "Explain in three sentences why one would %s, and what it does to %s.",
        "We want to %s. What are the risks for %s, and how would you test it?",
        "Write a short checklist for somebody who has to %s and is worried about %s.",
        "Compare two ways to %s. Prove which one is kinder to %s."};
    static const char *const deeds[] = {"move a database to a new host",
                                        "plan a meeting over four time zones",
                                        "bake bread with less salt",
                                        "rename a column that old reports read",
                                        "teach fractions to ten-year-olds",
                                        "cut the size of a container image",
                                        "write release notes",
                                        "choose between a bus and a queue"};
    static const char *const things[] = {
        "the people on call", "old data", "the budget",
        "the taste",          "latency",  "the schedule"};
    const char *ask = DRAW_ONE(d, asks), *mark = strstr(ask, "%s");
    const char *second = strstr(mark + 2, "%s");
    buf_printf(b, "%.*s%s%.*s%s%s", (int)(mark - ask), ask, DRAW_ONE(d, deeds),
               (int)(second - mark - 2), mark + 2, DRAW_ONE(d, things), second + 2);
}

void say_follow_up(struct draw *d, struct buf *b)
{
    static const char *const texts[] = {"Thanks. Can you make that shorter?",
                                        "And if it has to be done by Friday?",
                                        "Which of these would you do first, and why?",
                                        "Give me an example with numbers.",
                                        "That did not work. What else could it be?",
                                        "Put it into a table with three columns."};
    buf_append(b, str_of(DRAW_ONE(d, texts)));
}

void say_answer(struct draw *d, struct buf *b)
{
    static const char *const texts[] = {
        "Begin small: copy one part, compare both sides, and switch when they agree.",
        "It depends on who has to live with it. I would write the test first and then "
        "change one thing at a time.",
        "Three steps: measure, change, measure again. The second figure decides.",
        "Keep the old way beside the new one for a week, and note each difference."};
    buf_append(b, str_of(DRAW_ONE(d, texts)));
}

/* -- code ------------------------------------------------------------------------------
 */

static const char *const modules[] = {"cache", "queue",  "invoice", "parser",
                                      "login", "upload", "report",  "scheduler"};
static const char *const nouns[] = {"items", "rows", "orders", "tokens", "entries"};

void say_diff(struct draw *d, struct buf *b)
{
    const char *module = DRAW_ONE(d, modules), *noun = DRAW_ONE(d, nouns);
    unsigned hunks = 1 + (unsigned)draw_below(d, 6);
    buf_printf(b,
               "Review this change. Name bugs first, style last.\n\n"
               "diff --git a/src/%s.py b/src/%s.py\n",
               module, module);
    for (unsigned i = 0; i < hunks; i++) {
        unsigned line = 10 + i * 40 + (unsigned)draw_below(d, 20);
        unsigned limit = 10 + (unsigned)draw_below(d, 90);
        buf_printf(b,
                   "@@ -%u,7 +%u,9 @@ def load_%s_%u(self, limit=%u):\n"
                   "     result = []\n"
                   "-    for x in self.%s:\n"
                   "-        if len(result) > limit:\n"
                   "+    for i in range(len(self.%s)):\n"
                   "+        x = self.%s[i]\n"
                   "+        if len(result) >= limit or x is None:\n"
                   "             break\n"
                   "         result.append(x)\n"
                   "     return result\n",
                   line, line, noun, i, limit, noun, noun, noun);
    }
}

void say_task(struct draw *d, struct buf *b)
{
    static const char *const tasks[] = {
        "The tests of %s fail since yesterday. Find out why and mend it.",
        "Add a retry with a growing pause to %s, with a test.",
        "%s holds its lock while it writes to disk. Change that.",
        "Replace the hand-written dates in %s by the library's."};
    const char *task = DRAW_ONE(d, tasks), *mark = strstr(task, "%s");
    buf_printf(b, "%.*s%s%s", (int)(mark - task), task, DRAW_ONE(d, modules), mark + 2);
}

void say_listing(struct draw *d, struct buf *b)
{
    unsigned lines = 6 + (unsigned)draw_below(d, 40);
    for (unsigned i = 0; i < lines; i++)
        buf_printf(b, "%4u  %s_%s.append(self.%s[%u])  # %s\n", 100 + i,
                   DRAW_ONE(d, modules), DRAW_ONE(d, nouns), DRAW_ONE(d, nouns),
                   (unsigned)draw_below(d, 900), DRAW_ONE(d, modules));
}

/* -- letters and documents -------------------------------------------------------------
 */

void say_mail(struct draw *d, struct buf *b)
{
    static const char *const moans[] = {
        "the parcel came open and one of the two lamps was broken",
        "I was charged twice for the same month",
        "the app has logged me out each morning since the update",
        "nobody came between nine and twelve, although I had waited"};
    struct person p = draw_person(d);
    buf_printf(b, "From: %s %s <%s>\nSubject: order ", p.first, p.last, p.mail);
    put_digits(d, 7, b);
    buf_printf(b,
               "\n\nHello,\n%s. Please send the answer to %s or to my home, %s %u, %s. ",
               DRAW_ONE(d, moans), p.mail, DRAW_ONE(d, streets),
               (unsigned)(1 + draw_below(d, 120)), DRAW_ONE(d, towns));
    buf_lit(b, "You reach me by phone under +49 171 55");
    put_digits(d, 6, b);
    buf_printf(b, ".\n\nKind regards\n%s %s\n", p.first, p.last);
}

static void put_wages(struct draw *d, struct buf *b)
{
    struct person p = draw_person(d);
    buf_printf(b,
               "Payroll, November\nEmployee: %s %s\nDate of birth: 19%02u-%02u-%02u\n"
               "IBAN: ",
               p.first, p.last, (unsigned)(60 + draw_below(d, 39)),
               (unsigned)(1 + draw_below(d, 12)), (unsigned)(1 + draw_below(d, 28)));
    put_iban(d, b);
    buf_printf(b, "\nGross: EUR %u.%02u\nNote: garnishment by the court since spring\n",
               (unsigned)(2800 + draw_below(d, 4000)), (unsigned)draw_below(d, 100));
}

static void put_patient(struct draw *d, struct buf *b)
{
    static const char *const ills[] = {"type 2 diabetes", "atrial fibrillation",
                                       "major depression, recurrent"};
    struct person p = draw_person(d);
    buf_printf(b, "Patient: %s %s, born 19%02u-%02u-%02u\nMRN: ", p.first, p.last,
               (unsigned)(40 + draw_below(d, 59)), (unsigned)(1 + draw_below(d, 12)),
               (unsigned)(1 + draw_below(d, 28)));
    put_digits(d, 8, b);
    buf_printf(b,
               "\nDiagnosis: %s\nPlan: control in six weeks, letter to the family "
               "doctor\n",
               DRAW_ONE(d, ills));
}

static void put_access(struct draw *d, struct buf *b)
{
    buf_printf(b, "# deploy/%s.env\nDB_HOST=db.%s.internal\nDB_USER=app\nDB_PASSWORD=",
               DRAW_ONE(d, modules), DRAW_ONE(d, modules));
    put_secret(d, b);
    buf_lit(b, "\nAPI_TOKEN=");
    put_secret(d, b);
    put_secret(d, b);
    buf_lit(b, "\n");
}

static void put_refund(struct draw *d, struct buf *b)
{
    struct person p = draw_person(d);
    buf_printf(b, "Refund for %s %s, %s\nCard number: ", p.first, p.last, p.mail);
    put_card(d, b);
    buf_printf(b, "\nAmount: EUR %u.00\n", (unsigned)(10 + draw_below(d, 400)));
}

void say_document(struct draw *d, struct buf *b)
{
    switch (draw_below(d, 4)) {
    case 0:
        put_wages(d, b);
        return;
    case 1:
        put_patient(d, b);
        return;
    case 2:
        put_access(d, b);
        return;
    default:
        put_refund(d, b);
    }
}

void say_minutes(struct draw *d, struct buf *b)
{
    static const char *const points[] = {
        "The rollout of %s moves by one week, since two tests are still red.",
        "Support reports fewer questions about %s than in the month before.",
        "For %s a second reviewer is needed; who it is stays open.",
        "The cost of %s was higher than planned and is looked at again in January."};
    unsigned n = 12 + (unsigned)draw_below(d, 30);
    for (unsigned i = 1; i <= n; i++) {
        const char *point = DRAW_ONE(d, points), *mark = strstr(point, "%s");
        buf_printf(b, "%u. %.*s%s%s\n", i, (int)(mark - point), point,
                   DRAW_ONE(d, modules), mark + 2);
    }
}
