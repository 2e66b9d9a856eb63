/* test_names.c -- what a name means: masked where it is somebody's, left where it is
 * common knowledge. */
#include "cleared.h"
#include "scanning.h"

#include "json/write.h"

static struct guard_rules *balanced;

static int open_all(void **state)
{
    struct err err = {0};
    balanced = guard_rules_create(NULL, &err);
    return balanced ? open_scanner(state) : -1;
}

static int close_all(void **state)
{
    guard_rules_free(balanced);
    return close_scanner(state);
}

/* What becomes of the name in the text: "clear", "mask", or "unseen". */
static const char *meaning(void **state, const char *text, const char *name)
{
    struct span_list l = scan(state, text);
    const char *at = strstr(text, name), *ret = "unseen";
    assert_non_null(at);
    uint32_t start = (uint32_t)(at - text);
    for (size_t i = 0; i < l.n; i++)
        if (l.v[i].type == TYPE_PERSON && l.v[i].start <= start && l.v[i].end > start)
            ret = action_name(guard_rules_span(balanced, &l.v[i], NULL));
    span_list_release(&l);
    return ret;
}

static void is_masked(void **state, const char *text, const char *name)
{
    const char *seen = meaning(state, text, name);
    if (strcmp(seen, "mask") != 0)
        fail_msg("%s in \"%s\" is %s", name, text, seen);
}

static void leaves(void **state, const char *text, const char *name)
{
    const char *seen = meaning(state, text, name);
    if (strcmp(seen, "mask") == 0)
        fail_msg("%s in \"%s\" is masked", name, text);
}

static void names_of_common_knowledge_leave(void **state)
{
    leaves(state, "Explain how a Bloom filter works.", "Bloom");
    leaves(state, "What did Ada Lovelace write about the Analytical Engine?", "Ada");
    leaves(state, "Compare the novels of Jane Austen and Charlotte Bronte.", "Jane");
    leaves(state, "When was Barack Obama elected president?", "Barack");
    leaves(state, "How does Kafka keep the order of messages?", "Kafka");
    leaves(state, "Prove the Cauchy-Schwarz inequality.", "Cauchy");
    leaves(state, "What are the symptoms of Crohn's disease?", "Crohn");
    leaves(state, "Was Isaac Newton born before Leonhard Euler?", "Isaac");
}

static void names_beside_contact_data_are_masked(void **state)
{
    is_masked(state,
              "Jane Austen, jane.austen@fernhill-lettings.co.uk, asks for a refund.",
              "Jane");
    is_masked(state, "Call Ada Lovelace on +44 20 7946 0018 about her lease.", "Ada");
    is_masked(state,
              "Explain the letter to Isaac Newton, born 12.03.1984, ssn 536-22-8726.",
              "Isaac");
}

static void names_in_letters_records_and_tickets_are_masked(void **state)
{
    is_masked(state, "Dear Jane Austen,\n\nthank you for coming.\n\nKind regards\nTom",
              "Jane");
    is_masked(state,
              "Ticket 4711\nCustomer: Ada Lovelace\nStatus: open\nQueue: billing\n",
              "Ada");
    is_masked(state, "{\"name\": \"Isaac Newton\", \"plan\": \"gold\"}", "Isaac");
    is_masked(state, "name,plan\nIsaac Newton,gold\nAda Lovelace,silver\n", "Isaac");
    is_masked(state, "My name is Charlotte Bronte and I cannot log in.", "Charlotte");
    is_masked(state, "My colleague Jane Austen was hired last week.", "Jane");
    is_masked(state, "From: Jane Austen\nTo: Tom Hardy\nSubject: tomorrow\n\nsee you",
              "Jane");
}

/* Many people bear the name of somebody famous. */
static void namesakes_of_public_figures_are_masked(void **state)
{
    is_masked(state, "John Smith has not paid the rent in May. Write a reminder.",
              "John");
    is_masked(state, "| Employee | Salary |\n|---|---|\n| Paul Newman | 51,000 |",
              "Paul");
    is_masked(state, "Ticket #4417 reported by Paul Newman: the printer is broken",
              "Paul");
    is_masked(state, "Please tell Mary Shelley that her appointment is on Tuesday at 9.",
              "Mary");
    is_masked(state, "My ex Chris Brown keeps calling me at night.", "Chris");
    is_masked(state, "Richard Harris was diagnosed with asthma and takes prednisone",
              "Richard");
    leaves(state, "What did Mary Shelley write besides Frankenstein?", "Mary");
    leaves(state, "List three films with Paul Newman.", "Paul");
    leaves(state, "Did Vincent van Gogh suffer from bipolar disorder?", "Vincent");
    leaves(state, "Freddie Mercury died of AIDS in 1991. What did he write last?",
           "Freddie");
}

/* What is published with every copy of a program. */
static void authors_of_programs_leave(void **state)
{
    leaves(state, "# Copyright (C) 2012 Kerstin Vanterpool\n#\nset -e\n", "Kerstin");
    leaves(state, "// SPDX-FileCopyrightText: 2021 Kerstin Vanterpool <kv@example.com>\n",
           "Kerstin");
    leaves(state,
           "/*\n * Originally written by Kerstin Vanterpool.\n */\n#include <stdio.h>\n"
           "int main(void)\n{\n",
           "Kerstin");
    leaves(state,
           "/*\n * 20 Feb 94  Kerstin Vanterpool\n *   Revised status codes\n */\n"
           "#define A 1\n",
           "Kerstin");
    leaves(state,
           "weir (1.2-1) unstable; urgency=medium\n\n  [ Kerstin Vanterpool ]\n"
           "  * Mend the build.\n",
           "Kerstin");
    leaves(state,
           " -- Kerstin Vanterpool <kv@example.com>  Mon, 02 Jan 2023 10:00:00 +0000\n",
           "Kerstin");
    leaves(state, "* Mend the parser, #1234 (Kerstin Vanterpool)\n", "Kerstin");
    leaves(state,
           "//   2007, Kerstin Vanterpool <kv@example.com>\n#include <a.h>\nint b;\n",
           "Kerstin");
    leaves(state, "the best of all\n  Copyright (C) 2004, 2012 Kerstin Vanterpool\n",
           "Kerstin");
}

/* What the whole text is about decides where nothing stands beside the name. */
static void names_in_sums_and_stories_leave(void **state)
{
    leaves(state, "Orla has 17 pencils and gives 9 of them to Declan. How many are left?",
           "Declan");
    leaves(state, "Write a fairy tale about a hedgehog called Declan who finds a crown.",
           "Declan");
    leaves(
        state,
        "Orla und Declan teilen sich 48 Murmeln im Verhältnis 1:3. Wie viele hat Orla?",
        "Orla");
    leaves(state, "¿Cuántos goles marcó Declan Vanterpool en el Mundial?", "Declan");
    leaves(state, "Чем прославился Орест Кириленко?", "Орест");
    leaves(state, "Which symphony did Declan Vanterpool write last?", "Declan");
}

static void names_in_short_requests_about_people_are_masked(void **state)
{
    is_masked(state, "how do I tell my brother that Declan Vanterpool was let go today",
              "Declan");
    is_masked(state, "please remind Declan that he owes us the rent for June", "Declan");
    is_masked(state, "Declan Vanterpool is ill again, tell the team about Friday",
              "Declan");
    is_masked(state, "meine Kollegin Orla Vanterpool ist schon wieder krank", "Orla");
    is_masked(state, "Patient Declan Vanterpool seen today, knee swollen, review Monday",
              "Declan");
    is_masked(state, "Solve for x, then ring Declan Vanterpool on +44 20 7946 0018",
              "Declan");
}

/* Types, macros and the names of characters look like surnames. */
static void words_of_programs_leave(void **state)
{
    leaves(state,
           "#include <a.h>\n/* set by Vanterpoll */\nint get(Vanterpoll Reg, int b);\n",
           "Vanterpoll");
    leaves(state,
           "0AA6C\nMYANMAR LETTER KHAMTI SA\n\n0AA6D\nMYANMAR LETTER KHAMTI JA\n\n"
           "0AA6E\nMYANMAR LETTER KHAMTI JHA\n\n0AA6F\nMYANMAR LETTER SHAN NYA\n",
           "KHAMTI SA");
    is_masked(state,
              "#include <a.h>\n// ask Kerstin before you change this, she is back on "
              "Monday\nint b;\n",
              "Kerstin");
}

/* Years long ago and known people say what a text is about; an "I" says otherwise. */
static void people_of_the_past_leave(void **state)
{
    leaves(state, "In 1854 Kerstin Vanterpool mapped the deaths of a whole town.",
           "Kerstin");
    leaves(state, "The scale of Isaac Newton and Kerstin Vanterpool is forgotten.",
           "Kerstin");
    is_masked(state, "In 1854 Kerstin Vanterpool lived here, my grandmother told me.",
              "Kerstin");
    is_masked(state, "Kerstin Vanterpool sits in room 1204 today.", "Kerstin");
    is_masked(state, "I met Isaac Newton and Kerstin Vanterpool.", "Kerstin");
}

/* The same words where no program is, or no author. */
static void other_people_beside_such_words_are_masked(void **state)
{
    is_masked(state, "* Invoice 12 written by Kerstin Vanterpool\n* Call the bank\n",
              "Kerstin");
    is_masked(state, "- Renew the visa (Kerstin Vanterpool)\n", "Kerstin");
    is_masked(state, "// Kerstin Vanterpool cannot log in\nint main(void)\n{\n",
              "Kerstin");
    is_masked(state,
              "Rotate the key\n\nSigned-off-by: Kerstin Vanterpool <kv@fernhill.co.uk>\n",
              "Kerstin");
    is_masked(state,
              "Dear Kerstin Vanterpool,\nthe copyright (c) 2012 is yours.\nKind regards\n"
              "Tom",
              "Kerstin");
}

static void in_doubt_a_name_is_masked(void **state)
{
    is_masked(state, "Kerstin Vanterpool came late again.", "Kerstin");
}

static void strict_masks_every_name(void **state)
{
    struct act_rules r;
    struct span_list l = scan(state, "What did Ada Lovelace write?");
    act_rules_init(&r);
    assert_true(l.n > 0);
    assert_int_equal(guard_act_span(&r, &l.v[0]), ACTION_CLEAR);
    r.is_every_name = true;
    assert_int_equal(guard_act_span(&r, &l.v[0]), ACTION_MASK);
    struct findings f = {0};
    findings_add(&f, &l);
    assert_int_equal(guard_act(&f, &r).action, ACTION_MASK);
    r.is_every_name = false;
    assert_int_equal(guard_act(&f, &r).action, ACTION_CLEAR);
    span_list_release(&l);
}

static void a_person_that_must_stay_means_every_name(void **state)
{
    struct act_rules r;
    struct config_guard_actions a;
    (void)state;
    memset(&a, GUARD_UNSAID, sizeof a);
    act_rules_init(&r);
    a.group[GROUP_PERSON] = ACTION_MASK;
    act_rules_apply(&r, &a);
    assert_false(r.is_every_name);
    a.group[GROUP_PERSON] = ACTION_LOCAL;
    act_rules_apply(&r, &a);
    assert_true(r.is_every_name);
}

/* The persons of a body that are masked, and those that are left. */
static void count(void **state, const char *json, const uint32_t *names, size_t n,
                  size_t *ret_masked, size_t *ret_left)
{
    struct body_scan b = {.names = names, .nnames = n};
    struct err err = {0};
    assert_int_equal(guard_scan_body(*state, str_of(json), &b, &err), 0);
    *ret_masked = *ret_left = 0;
    for (size_t i = 0; i < b.spans.n; i++)
        if (b.spans.v[i].type == TYPE_PERSON)
            ++*(b.spans.v[i].is_alone ? ret_left : ret_masked);
    uint32_t last = 0;
    for (size_t i = 0; i < b.nat; i++) {
        assert_true(b.at[i].raw_start >= last);
        assert_true(b.at[i].first + b.at[i].n <= b.spans.n);
        last = b.at[i].raw_start;
    }
    body_scan_release(&b);
}

static void a_name_masked_once_is_masked_at_every_mention(void **state)
{
    size_t masked, left;
    count(state,
          "{\"messages\":[{\"content\":\"Who was Jane Austen?\"},"
          "{\"content\":\"Write to jane.austen@fernhill-lettings.co.uk, Jane Austen, "
          "about it.\"},"
          "{\"content\":\"did austen answer?\\nAusten must.\"}]}",
          NULL, 0, &masked, &left);
    assert_int_equal(left, 0);
    assert_int_equal(masked, 4);
    count(state, "{\"messages\":[{\"content\":\"Who was Jane Austen?\"}]}", NULL, 0,
          &masked, &left);
    assert_int_equal(left, 1);
    assert_int_equal(masked, 0);
}

static void a_later_turn_masks_what_an_earlier_one_did(void **state)
{
    size_t masked, left;
    struct span_list l = scan(state, "Call Jane Austen on +44 20 7946 0018.");
    uint32_t who = 0;
    for (size_t i = 0; i < l.n; i++)
        who = l.v[i].type == TYPE_PERSON ? l.v[i].who : who;
    span_list_release(&l);
    assert_int_not_equal(who, 0);
    count(state, "{\"input\":\"Who was Jane Austen?\"}", &who, 1, &masked, &left);
    assert_int_equal(masked, 1);
    count(state, "{\"input\":\"is austen back?\"}", &who, 1, &masked, &left);
    assert_int_equal(masked, 1);
}

static void mentions_spare_words_and_identifiers(void **state)
{
    size_t masked, left;
    count(state,
          "{\"a\":\"Call Mr John Young on +44 20 7946 0018.\","
          "\"b\":\"a young team, young.txt and get_young() are fine\"}",
          NULL, 0, &masked, &left);
    assert_int_equal(masked, 1);
    count(state,
          "{\"a\":\"Call Mr John Vanterpool on +44 20 7946 0018.\","
          "\"b\":\"src/vanterpool/main.c and vanterpool_init() are code\"}",
          NULL, 0, &masked, &left);
    assert_int_equal(masked, 1);
}

static void names_beside_escapes_are_found_again(void **state)
{
    size_t masked, left;
    count(state,
          "{\"a\":\"Call Mr John Vanterpool on +44 20 7946 0018.\","
          "\"b\":\"{\\\"note\\\":\\\"late:\\\\nVanterpool\\\"}\",\"c\":["
          "\"v\\u0041nterpool\"]}",
          NULL, 0, &masked, &left);
    assert_int_equal(masked, 3);
}

/* How many of `what` are told as a person in the text. */
static size_t told(void **state, const char *text, const char *what)
{
    struct span_list l = scan(state, text);
    size_t n = 0;
    for (size_t i = 0; i < l.n; i++)
        n += l.v[i].type == TYPE_PERSON &&
             str_eqz((struct str){text + l.v[i].start, l.v[i].end - l.v[i].start}, what);
    span_list_release(&l);
    return n;
}

static void letters_of_the_alphabet_are_no_name(void **state)
{
    assert_int_equal(told(state, "the letters A-B-C-D-E-F", "A-B-C-D-E-F"), 0);
}

static void a_name_found_whole_is_found_again_in_lower_case(void **state)
{
    const char *text = "Contact: Birgitta Lundqvist, tel +46 70 555 12 34\n"
                       "[00:11] uh birgitta do you wanna go\n"
                       "[00:15] yeah lundqvist here, see birgitta_x and src/birgitta/a";
    assert_int_equal(told(state, text, "Birgitta Lundqvist"), 1);
    assert_int_equal(told(state, text, "birgitta"), 1);
    assert_int_equal(told(state, text, "lundqvist"), 1);
    text = "Call Mr Mark Young on +44 20 7946 0018. a young team will mark it";
    assert_int_equal(told(state, text, "young") + told(state, text, "mark"), 0);
}

static void a_name_without_blanks_is_found_again_inside_a_sentence(void **state)
{
    const char *text = "{\"full_name\": \"สุดารัตน์ ใจดี\", \"phone\": \"+66 81 234 5678\"}\n"
                       "ช่วยส่งของให้พี่สุดารัตน์หน่อยนะ";
    struct str whole = str_of(text), name = STR("สุดารัตน์");
    ptrdiff_t first = str_find(whole, name);
    ptrdiff_t again = str_find(str_sub(whole, (size_t)first + name.n, whole.n), name);
    assert_true(first >= 0 && again >= 0);
    size_t at = (size_t)first + name.n + (size_t)again, covered = 0;
    struct span_list l = scan(state, text);
    for (size_t i = 0; i < l.n; i++)
        covered += l.v[i].type == TYPE_PERSON && !l.v[i].is_alone && l.v[i].start <= at &&
                   at + name.n <= l.v[i].end;
    span_list_release(&l);
    assert_int_equal(covered, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_of_common_knowledge_leave),
        cmocka_unit_test(names_beside_contact_data_are_masked),
        cmocka_unit_test(names_in_letters_records_and_tickets_are_masked),
        cmocka_unit_test(names_in_sums_and_stories_leave),
        cmocka_unit_test(names_in_short_requests_about_people_are_masked),
        cmocka_unit_test(namesakes_of_public_figures_are_masked),
        cmocka_unit_test(authors_of_programs_leave),
        cmocka_unit_test(words_of_programs_leave),
        cmocka_unit_test(people_of_the_past_leave),
        cmocka_unit_test(other_people_beside_such_words_are_masked),
        cmocka_unit_test(in_doubt_a_name_is_masked),
        cmocka_unit_test(strict_masks_every_name),
        cmocka_unit_test(a_person_that_must_stay_means_every_name),
        cmocka_unit_test(a_name_masked_once_is_masked_at_every_mention),
        cmocka_unit_test(a_later_turn_masks_what_an_earlier_one_did),
        cmocka_unit_test(mentions_spare_words_and_identifiers),
        cmocka_unit_test(names_beside_escapes_are_found_again),
        cmocka_unit_test(letters_of_the_alphabet_are_no_name),
        cmocka_unit_test(a_name_found_whole_is_found_again_in_lower_case),
        cmocka_unit_test(a_name_without_blanks_is_found_again_inside_a_sentence),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
