/* test_scan.c -- what the scanner sees, what it lets be, and what is done about it. */
#include "scan/text/lexicon.h"
#include "scan/text/words.h"
#include "scanning.h"

static enum action act(const struct findings *f)
{
    struct act_rules rules;
    act_rules_init(&rules);
    return guard_act(f, &rules).action;
}

static enum action action_of(void **state, const char *text)
{
    struct span_list l = scan(state, text);
    struct findings f = {0};
    findings_add(&f, &l);
    span_list_release(&l);
    return act(&f);
}

static void finds_values_by_check_frame_and_word(void **state)
{
    static const struct {
        const char *text;
        enum guard_type type;
        const char *want;
    } rows[] = {
        {"pay to DE89 3704 0044 0532 0130 00 today", TYPE_IBAN,
         "DE89 3704 0044 0532 0130 00"},
        {"DE89 3704 0044 0532 0130 01", TYPE_IBAN, ""},
        {"card 4111-1111-1111-1111, please", TYPE_CREDIT_CARD, "4111-1111-1111-1111"},
        {"card 4111-1111-1111-1112, please", TYPE_CREDIT_CARD, ""},
        {"my ssn is 536-22-8726.", TYPE_US_SSN, "536-22-8726"},
        {"write to jo.doe+x@mail.fabrikam.eu now", TYPE_EMAIL,
         "jo.doe+x@mail.fabrikam.eu"},
        {"user=jo@mail.fabrikam.eu", TYPE_EMAIL, "jo@mail.fabrikam.eu"},
        {"ring (282) 856-2317 tonight", TYPE_PHONE, "(282) 856-2317"},
        {"order 2828562317 is late", TYPE_PHONE, ""},
        {"routing 011000015", TYPE_US_ABA_ROUTING, "011000015"},
        {"build 011000015", TYPE_US_ABA_ROUTING, ""},
        {"born on 6 November 1967 in Rome", TYPE_DOB, "6 November 1967"},
        {"the release of 6 November 2007", TYPE_DOB, ""},
        {"Kovács Anna (szül. idő: 1962. 03. 14.)", TYPE_DOB, "1962. 03. 14"},
        {"Олена Шевченко, народилася 14 березня 1962 року", TYPE_DOB, "14 березня 1962"},
        {"מרים כהן, נולדה ב-14.3.1962", TYPE_DOB, "14.3.1962"},
        {"مريم حسن، تاريخ الميلاد 14 مارس 1962", TYPE_DOB, "14 مارس 1962"},
        {"مریم احمدی، تاریخ تولد 1340/12/23", TYPE_DOB, "1340/12/23"},
        {"report of 1340/12/23", TYPE_DOB, ""},
        {"सुनीता शर्मा, जन्म 14 मार्च 1962", TYPE_DOB, "14 मार्च 1962"},
        {"Nguyễn Thị Lan sinh ngày 14 tháng 3 năm 1962", TYPE_DOB, "14 tháng 3 năm 1962"},
        {"hạn nộp 14 tháng 3 năm 2026", TYPE_DOB, ""},
        {"田中由美子（昭和37年3月14日生）", TYPE_DOB, "昭和37年3月14日"},
        {"Siti Aminah, lahir 14 Maret 1962", TYPE_DOB, "14 Maret 1962"},
        {"host db01.int.fabrikam.eu is down", TYPE_HOSTNAME, "db01.int.fabrikam.eu"},
        {"bind 10.6.250.94 only", TYPE_IP, "10.6.250.94"},
        {"bind 127.0.0.1 only", TYPE_IP, ""},
        {"NATO SECRET\nThe asset moved.", TYPE_CLASSIFICATION, "NATO SECRET"},
        {"my secret is that I sing", TYPE_CLASSIFICATION, ""},
        {"PROTECTED//CABINET\n\nDraft for the committee.", TYPE_CLASSIFICATION,
         "PROTECTED//CABINET"},
        {"PROTECTED B\nTax file", TYPE_CLASSIFICATION, "PROTECTED B"},
        {"The annex is NATO SECRET and stays here.", TYPE_CLASSIFICATION, "NATO SECRET"},
        {"What does NATO SECRET mean?", TYPE_CLASSIFICATION, ""},
        {"Can you shorten this NATO SECRET annex? The convoy leaves at noon.",
         TYPE_CLASSIFICATION, "NATO SECRET"},
        {"DB_PASSWORD=tR7!vexqua", TYPE_PASSWORD, "tR7!vexqua"},
        {"password = os.environ['X']", TYPE_PASSWORD, ""},
        {"postgres://app:h4xw9qez@db/x", TYPE_CONN_STRING,
         "postgres://app:h4xw9qez@db/x"},
        {"Dear Timothy Garcia, welcome", TYPE_PERSON, "Timothy Garcia"},
        {"She lives at 3154 Old Mill Road, Raleigh, NC 27601.", TYPE_ADDRESS,
         "3154 Old Mill Road, Raleigh, NC 27601"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        expect(state, rows[i].text, rows[i].type, rows[i].want);
}

static void sees_through_disguises(void **state)
{
    expect(state,
           "card \xEF\xBC\x94"
           "111111111111111",
           TYPE_CREDIT_CARD,
           "\xEF\xBC\x94"
           "111111111111111");
    expect(state,
           "ssn 5\xE2\x80\x8B"
           "36-22-8726",
           TYPE_US_SSN,
           "5\xE2\x80\x8B"
           "36-22-8726");
    expect(state, "mail jo%40mail.fabrikam.eu", TYPE_EMAIL, "jo%40mail.fabrikam.eu");
    expect(state, "ssn NTM2LTIyLTg3MjY=", TYPE_US_SSN, "NTM2LTIyLTg3MjY=");
    expect(state, "{\"last_name\":\"Garcia\"}", TYPE_PERSON, "Garcia");
    expect(state, "card 4111 1111\n 1111 1111 was", TYPE_CREDIT_CARD,
           "4111 1111\n 1111 1111");
    /* No issuer begins with 0, but it is called a card and adds up. */
    expect(state, "the card 070312945507 was declined", TYPE_CREDIT_CARD, "070312945507");
    expect(state, "order 070312945507 was declined", TYPE_CREDIT_CARD, "");
    expect(state, "key ghp_q7Rk2VbXn84sTzLw\n0PmYdC5hJ1uEaG3iOfB9", TYPE_API_KEY,
           "ghp_q7Rk2VbXn84sTzLw\n0PmYdC5hJ1uEaG3iOfB9");
    expect(state, "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJh\nbm4ifQ.Qm7RkVbXn84sTzLw0PmYdC5h",
           TYPE_JWT,
           "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJh\nbm4ifQ.Qm7RkVbXn84sTzLw0PmYdC5h");
    expect(state, "iban D E 8 9 3 7 0 4 0 0 4 4 0 5 3 2 0 1 3 0 0 0", TYPE_IBAN,
           "D E 8 9 3 7 0 4 0 0 4 4 0 5 3 2 0 1 3 0 0 0");
}

static void acts_on_evidence(void **state)
{
    assert_int_equal(action_of(state, "What is the capital of France?"), ACTION_CLEAR);
    assert_int_equal(action_of(state, "Dear Timothy Garcia, welcome"), ACTION_MASK);
    assert_int_equal(action_of(state, "my ssn is 536-22-8726"), ACTION_LOCAL);
    assert_int_equal(action_of(state,
                               "Patient Timothy Garcia was diagnosed with diabetes and "
                               "prescribed metformin."),
                     ACTION_LOCAL);
    assert_int_equal(action_of(state, "Commit 6d5dc3696a8fae915465f4c8e8a87b5d0a92fbb9"),
                     ACTION_CLEAR);
}

static struct body_scan body(void **state, const char *json)
{
    struct body_scan b = {0};
    struct err err = {0};
    assert_int_equal(guard_scan_body(*state, str_of(json), &b, &err), 0);
    return b;
}

/* The one look at each token that decides which detectors see it must let every kind of
 * value through, at a text's edge and between any marks. */
static void values_are_found_between_any_marks(void **state)
{
    static const struct {
        const char *value;
        enum guard_type type;
    } values[] = {
        {"jo.doe@mail.fabrikam.eu", TYPE_EMAIL},
        {"postgres://app:Zk3xq9Tw@db/orders", TYPE_CONN_STRING},
        {"10.6.250.94", TYPE_IP},
        {"fe80:12ab:77c0::91de", TYPE_IP},
        {"3c:5a:b4:01:9f:e2", TYPE_MAC},
        {"db01.int.fabrikam.eu", TYPE_HOSTNAME},
        {"ghp_q8Zt3LwVx0NcR5yKmB7aHs2Jd9UeFoP41gTi", TYPE_API_KEY},
        /* shorter than those that are given out: cut short, or of another service */
        {"sk-proj-Zq8vN2mX4cT7yR1wK9bL3hJ6fD5gS0aP", TYPE_API_KEY},
        {"sk-ant-api03-Zq8vN2mX4cT7yR1wK9bL3hJ6fD", TYPE_API_KEY},
        {"sk-9f8e7d6c5b4a39281706f5e4", TYPE_API_KEY},
        {"xoxb-263594206564-FGqddMF8t08v8N7Oq4i57vs1", TYPE_API_KEY},
        {"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0NTIyMjc4MyJ9."
         "EQFua5tn682fnCkZbLeZ6UTDCbTe5cIQSFZCpiX8iuR",
         TYPE_JWT},
        {"DE89370400440532013000", TYPE_IBAN},
        {"536-22-8726", TYPE_US_SSN},
        {"4111111111111111", TYPE_CREDIT_CARD},
        {"1HGCM82633A004352", TYPE_VIN},
        {"+442079460018", TYPE_PHONE},
        {"2024-10-09", TYPE_DATE_TIME},
        {"NATO RESTRICTED", TYPE_CLASSIFICATION},
        {"0x52908400098527886E0F7030069857D2E4169EE7", TYPE_CRYPTO},
    };
    static const char *const around[][2] = {
        {"", ""},      {"(", ")"},     {"\"", "\""}, {"<", ">"},
        {"see ", "."}, {"a\n", "\nb"}, {"x=", ";"},  {"[", "]"},
        {" ", " "},    {"\t", "\r\n"}, {"*", "*"},   {",", ","},
    };
    for (size_t i = 0; i < ARRAY_LEN(values); i++)
        for (size_t k = 0; k < ARRAY_LEN(around); k++) {
            char text[256];
            snprintf(text, sizeof text, "%s%s%s", around[k][0], values[i].value,
                     around[k][1]);
            expect(state, text, values[i].type, values[i].value);
        }
}

/* A body that says the same again is read as if it did not: the name counts as well. */
static void repeated_strings_of_a_body_are_all_found(void **state)
{
    static const struct {
        const char *json;
        size_t spans;
    } rows[] = {
        {"[{\"note\":\"8306\"},{\"pin\":\"8306\"},{\"note\":\"8306\"},{\"pin\":\"8306\"}"
         "]",
         2},
        {"[{\"note\":\"kq7Wz-91x\"},{\"password\":\"kq7Wz-91x\"}]", 2}, /* known again */
        {"[\"plain words\",\"ssn 536-22-8726\",\"plain words\",\"ssn 536-22-8726\"]", 2},
        {"[{\"p\\u0069n\":\"8306\"},{\"note\":\"8306\"},{\"p\\u0069n\":\"8306\"}]", 2},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct body_scan b = body(state, rows[i].json);
        if (b.spans.n != rows[i].spans)
            fail_msg("%s: %zu spans, not %zu", rows[i].json, b.spans.n, rows[i].spans);
        body_scan_release(&b);
    }
}

static void scans_every_corner_of_a_body(void **state)
{
    static const char *const bodies[] = {
        "{\"messages\":[{\"role\":\"user\",\"content\":\"ssn 536-22-8726\"}]}",
        "{\"messages\":[{\"tool_calls\":[{\"function\":{\"arguments\":"
        "\"{\\\"ssn\\\":\\\"536-22-8726\\\"}\"}}]}]}",
        "{\"tools\":[{\"function\":{\"parameters\":{\"default\":\"SSN 536-22-8726\"}}}]}",
        "{\"metadata\":{\"ssn\":\"536-22-8726\"}}",
        "{\"ssn\":536228726}",
        "{\"unknown\":[[{\"x\":\"\\u0073sn 536-22-\\u0038726\"}]]}",
        "{\"ssn 536-22-8726\":1}",
    };
    for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
        struct body_scan b = body(state, bodies[i]);
        if (act(&b.found) != ACTION_LOCAL)
            fail_msg("not held: %s", bodies[i]);
        body_scan_release(&b);
    }
}

static void locates_spans_in_the_raw_body(void **state)
{
    const char *json = "{\"user\":\"a\",\"metadata\":{\"ssn\":\"536-22-8726\"}}";
    struct body_scan b = body(state, json);
    assert_int_equal(b.nat, 1);
    struct str raw = str_sub(str_of(json), b.at[0].raw_start, b.at[0].raw_end);
    assert_true(str_eqz(raw, "536-22-8726"));
    assert_int_equal(b.spans.v[b.at[0].first].start, 0);
    assert_int_equal(b.spans.v[b.at[0].first].end, 11);
    body_scan_release(&b);
}

static void what_cannot_be_read_stays_local(void **state)
{
    static const char *const bodies[] = {"{\"messages\":", "\xFF\xFE",
                                         "{\"a\":\"data:image/png;base64,AAAA\"}",
                                         "{\"content\":[{\"type\":\"image_url\",\"image_"
                                         "url\":{\"url\":\"http://x/y.png\"}}]}"};
    for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
        struct body_scan b = body(state, bodies[i]);
        assert_int_equal(act(&b.found), ACTION_LOCAL);
        body_scan_release(&b);
    }
}

static bool is_same(const struct span *a, const struct span *b)
{
    return a->start == b->start && a->end == b->end && a->type == b->type &&
           a->score == b->score && a->evidence == b->evidence && a->rule == b->rule;
}

static void media_are_seen_wherever_they_lie(void **state)
{
    static const char *const media[] = {
        "{\"type\":\"image_url\",\"image_url\":{\"url\":\"https://x.test/a.png\"}}",
        "{\"type\":\"input_image\",\"image_url\":\"data:image/png;base64,iVBORw0K\"}",
        "{\"type\":\"input_audio\",\"input_audio\":{\"data\":\"UklGR\",\"format\":"
        "\"wav\"}}",
        "{\"type\":\"file\",\"file\":{\"file_id\":\"file-abc\"}}",
        "{\"type\":\"file\",\"file\":{\"filename\":\"a.pdf\",\"file_data\":"
        "\"JVBERi0\"}}",
        "{\"type\":\"input_file\",\"file_url\":\"https://x.test/a.pdf\"}",
        "{\"type\":\"image\",\"source\":{\"type\":\"base64\",\"data\":\"iVBORw0K\"}}",
        "\"data:application/pdf;base64,JVBERi0\"",
        "\"DATA:video/mp4;base64,AAAA\"",
        "\"data:model/gltf-binary;base64,AAAA\"",
        "\"data:chemical/x-pdb;charset=x,AAAA\"",
        "{\"inline_data\":{\"mime_type\":\"image/png\",\"data\":\"iVBORw0K\"}}",
        "{\"fileData\":{\"fileUri\":\"gs://x/a.mp4\"}}",
        "{\"type\":\"image\",\"image\":{\"url\":\"https://x.test/a.png\"}}",
        "{\"type\":\"video\",\"video\":[\"https://x.test/1.jpg\",\"https://x.test/"
        "2.jpg\"]}",
        "{\"type\":\"document_url\",\"document_url\":\"https://x.test/a.pdf\"}",
        "{\"type\":\"document\",\"document\":{\"data\":\"JVBERi0\",\"format\":\"pdf\"}}",
        "{\"image_url\":[\"\",{\"url\":\"https://x.test/a.png\"}]}",
        "{\"images\":[\"\","
        "\"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9Q\"]}",
    };
    static const char *const none[] = {
        "{\"type\":\"text\",\"text\":\"see image_url and file_id\"}",
        "{\"properties\":{\"image_url\":{\"type\":\"string\",\"description\":"
        "\"where\"}}"
        "}",
        "{\"properties\":{\"file\":{\"type\":\"object\",\"properties\":{}}}}",
        "{\"file\":\"src/main.c\",\"source\":\"manual\"}",
        "\"data:text/plain,hello\"",
        "\"data: a/b, c\"",
        "\"data:either/or\"",
        "{\"image\":\"nginx:1.27\",\"audio\":{\"voice\":\"alloy\",\"format\":\"wav\"}}",
        "{\"images\":[\"nginx:1.27\",\"redis\",7,null],\"source\":[\"https://x.test/"
        "a\"]}",
        "{\"properties\":{\"images\":{\"type\":\"array\",\"items\":{}}},\"images\":[]}",
    };
    char json[1024];
    for (size_t i = 0; i < ARRAY_LEN(media); i++) {
        snprintf(json, sizeof json, "{\"messages\":[{\"content\":[%s]}]}", media[i]);
        if (!found_in(state, json).has_media)
            fail_msg("not seen: %s", media[i]);
    }
    for (size_t i = 0; i < ARRAY_LEN(none); i++) {
        snprintf(json, sizeof json, "{\"messages\":[{\"content\":[%s]}]}", none[i]);
        if (found_in(state, json).has_media)
            fail_msg("taken for media: %s", none[i]);
    }
}

static const char base64[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* n bytes, of text or of any kind, in lines of `line` characters; 0: in one. */
static size_t put_base64(char *out, size_t n, size_t line, const char *text)
{
    size_t k = 0, in_line = 0;
    uint32_t noise = 1;
    for (size_t i = 0; i + 3 <= n; i += 3) {
        uint32_t bits = 0;
        for (size_t b = 0; b < 3; b++) {
            noise = noise * 1103515245u + 12345u;
            bits = bits << 8 |
                   (text ? (unsigned char)text[(i + b) % strlen(text)] : noise >> 24);
        }
        for (int shift = 18; shift >= 0; shift -= 6)
            out[k++] = base64[bits >> shift & 63];
        if (line && (in_line += 4) == line) {
            out[k++] = '\n';
            in_line = 0;
        }
    }
    out[k] = '\0';
    return k;
}

static bool is_blob(void **state, const char *text)
{
    struct span_list l = {0};
    struct err err = {0};
    struct findings f = {0};
    assert_int_equal(guard_scan_text(*state, str_of(text), &l, &err), 0);
    findings_add(&f, &l);
    span_list_release(&l);
    return f.has_media;
}

static void base64_that_is_no_text_is_a_file(void **state)
{
    static char text[400000];
    put_base64(text, 6000, 0, NULL);
    assert_true(is_blob(state, text));
    put_base64(text, 6000, 76, NULL);
    assert_true(is_blob(state, text));
    put_base64(text, 300, 0, NULL);
    assert_false(is_blob(state, text));
    put_base64(text, 30000, 0, "nothing to hide in here. ");
    assert_false(is_blob(state, text));
    put_base64(text, 240000, 0, "past what is looked into "); /* over several windows */
    assert_true(is_blob(state, text));
    memset(text, 'x', sizeof text);
    for (size_t at = 60000; at < 66000; at += 1000) { /* over a window's edge */
        memset(text, ' ', sizeof text);
        text[at + put_base64(text + at, 6000, 0, NULL)] = ' ';
        text[sizeof text - 1] = '\0';
        assert_true(is_blob(state, text));
    }
}

static void base64_in_lines_is_read(void **state)
{
    static char text[4096];
    struct span_list l = {0};
    struct err err = {0};
    put_base64(text, 300, 76, "my ssn is 536-22-8726, as I said before. ");
    assert_int_equal(guard_scan_text(*state, str_of(text), &l, &err), 0);
    assert_int_equal(l.n, 1);
    assert_int_equal(l.v[0].type, TYPE_US_SSN);
    assert_int_equal(l.v[0].end - l.v[0].start, strlen(text));
    span_list_release(&l);
}

static void what_readers_disagree_on_is_undecodable(void **state)
{
    char deep[600];
    assert_true(found_in(state, "{\"a\":\"536-\\ud80022-8726\"}").is_undecodable);
    assert_true(found_in(state, "{\"a\":\"x\\uDC00\"}").is_undecodable);
    assert_true(found_in(state, "{\"\\ud83d\":1}").is_undecodable);
    assert_true(found_in(state, "{\"a\":\"\\ud83d\\u0041\"}").is_undecodable);
    assert_false(found_in(state, "{\"a\":\"\\ud83d\\ude00 \\\\ud800\"}").is_undecodable);
    assert_true(found_in(state, "{\"a\":\"\xC3(\"}").is_undecodable);
    assert_true(found_in(state, "{\"a\":\"\xED\xA0\x80\"}").is_undecodable);
    memset(deep, '[', 300);
    memset(deep + 300, ']', 299);
    deep[599] = '\0';
    assert_true(found_in(state, deep).is_undecodable);
    assert_true(found_in(state, "{\"a\":1} {\"b\":2}").is_undecodable);
    assert_false(found_in(state, "{\"a\":[[[[{\"b\":[null,true]}]]]]}").is_undecodable);
}

/* Readers drop control characters, show nothing for them, or end the text there. */
static void values_cut_by_control_characters_are_undecodable(void **state)
{
    static const char *const cut[] = {
        "{\"z\":\"My SSN is 536-\\u000022-8726\"}",
        "{\"z\":\"My SSN is 536-22\\b-8726\"}",
        "{\"z\":\"My SSN is 536-22\x7f-8726\"}",
        "{\"ssn\":\"536\\u001f22\\u001f8726\"}",
        "{\"z\":\"\\u00005\\u00003\\u00006\\u0000-\\u00002\\u00002\\u0000-"
        "\\u00008\\u00007\\u0000"
        "2\\u00006 SSN\"}",
        "{\"SSN 536-22-\\u00008726\":1}",
        "{\"arguments\":\"{\\\"a\\\": \\\"My SSN is 536-\\\\u000022-8726\\\"}\"}",
        "{\"z\":\"My SSN is \\u001b[01;31m\\u001b[K536\\u001b[m\\u001b[K-22-8726\"}",
        "{\"z\":\"My SSN is 536-\\u001b]0;title\\u000722-8726\"}",
        "{\"z\":\"My SSN is "
        "\\u001b]8;;http://x\\u001b\\\\536\\u001b]8;;\\u001b\\\\-22-8726\"}",
        "{\"z\":\"My SSN is 53\\u001b(B\\u001b[m6-22-8726\"}",
    };
    for (size_t i = 0; i < ARRAY_LEN(cut); i++)
        if (!found_in(state, cut[i]).is_undecodable)
            fail_msg("let go: %s", cut[i]);
    struct findings f =
        found_in(state, "{\"z\":\"a\\u0000b, ann@acme-labs.io\\u0000c\"}");
    assert_false(f.is_undecodable);
    assert_int_equal(f.count[TYPE_EMAIL], 1);
    assert_false(
        found_in(state, "{\"z\":\"\\u001b[32mok\\u001b[0m 12 passed\"}").is_undecodable);
    assert_false(
        found_in(state, "{\"z\":\"the escape \\\\u0000 and \\\\u001b\"}").is_undecodable);
}

static void characters_of_no_width_and_other_digits_hide_nothing(void **state)
{
    static const char *const hidden[] = {
        "{\"z\":\"My SSN is 536\\u2066-22-8726\"}",
        "{\"z\":\"My SSN is 536-22\\u034f-8726\"}",
        "{\"z\":\"My SSN is 536-22\\u3164-8726\"}",
        "{\"z\":\"My SSN is 536-22\\u0080-8726\"}",
        "{\"z\":\"SSN "
        "\\udb40\\udc35\\udb40\\udc33\\udb40\\udc36\\udb40\\udc2d\\udb40\\udc32"
        "\\udb40\\udc32-8726\"}",
        "{\"z\":\"My SSN is "
        "\\u0e55\\u0e53\\u0e56-\\u0e52\\u0e52-\\u0e58\\u0e57\\u0e52\\u0e56\"}",
        "{\"z\":\"My SSN is \\u0aeb\\u0ae9\\u0aec-22-8726\"}",
        /* Adlam, seven segments, keycaps, circles, raised, struck out */
        "{\"z\":\"My SSN is \xF0\x9E\xA5\x95\xF0\x9E\xA5\x93\xF0\x9E\xA5\x96-22-8726\"}",
        "{\"z\":\"My SSN is \xF0\x9F\xAF\xB5\xF0\x9F\xAF\xB3\xF0\x9F\xAF\xB6-22-8726\"}",
        "{\"z\":\"My SSN is 5\\ufe0f\\u20e33\\ufe0f\\u20e36\\ufe0f\\u20e3-22-8726\"}",
        "{\"z\":\"My SSN is \\u2464\\u2462\\u2465-22-8726\"}",
        "{\"z\":\"My SSN is \\u2075\\u00b3\\u2076-22-8726\"}",
        "{\"z\":\"My SSN is 5\\u03363\\u03366\\u0336-22-8726\"}",
        /* a text in the variation selectors behind an emoji */
        "{\"z\":\"SSN \\u2764\\udb40\\udd25\\udb40\\udd23\\udb40\\udd26-22-8726\"}",
    };
    for (size_t i = 0; i < ARRAY_LEN(hidden); i++)
        if (found_in(state, hidden[i]).count[TYPE_US_SSN] != 1)
            fail_msg("hidden: %s", hidden[i]);
}

static void text_in_hexadecimal_digits_is_read(void **state)
{
    /* "password: tR7!vexqua" */
    expect(state, "see 70617373776f72643a207452372176657871756121 here", TYPE_PASSWORD,
           "70617373776f72643a207452372176657871756121");
    expect(state, "commit 9f8e7d6c5b4a39281706f5e4d3c2b1a09f8e7d6c", TYPE_PASSWORD, "");
}

static void numbers_are_read_by_their_digits(void **state)
{
    static const char *const cards[] = {
        "{\"x\":4532718694207354}",
        "{\"x\":4.532718694207354e15}",
        "{\"x\":4532718694207354.0}",
        "{\"x\":45327186942073540E-1}",
        "{\"x\":[[{\"y\":0.4532718694207354e+16}]]}",
        "{\"x\":4532718694207354.00000000000000000000000000000000000000000000000000}",
        "{\"x\":\"{\\\"card\\\": 4532718694207354.0}\"}",
        "{\"x\":\"{\\\"card\\\":4.532718694207354e15}\"}",
        "{\"x\":\"{\\\"a\\\":[{\\\"b\\\":0.4532718694207354E16}]}\"}",
        "{\"x\":\"pay 4.532718694207354e15 now\"}"};
    for (size_t i = 0; i < ARRAY_LEN(cards); i++)
        assert_int_equal(found_in(state, cards[i]).count[TYPE_CREDIT_CARD], 1);
    assert_int_equal(found_in(state, "{\"ssn\":5.36228726e8}").count[TYPE_US_SSN], 1);
    assert_int_equal(found_in(state, "{\"ssn\":5.36228726e400}").count[TYPE_US_SSN], 0);
}

/* Every place of a body that an engine may show to a model. */
static void no_place_in_a_body_is_passed_over(void **state)
{
#define SSN "My SSN is 536-22-8726"
    static const char *const places[] = {
        "{\"suffix\":\"" SSN "\"}",
        "{\"user\":\"" SSN "\"}",
        "{\"metadata\":{\"a\":\"" SSN "\"}}",
        "{\"prediction\":{\"type\":\"content\",\"content\":\"" SSN "\"}}",
        "{\"tools\":[{\"function\":{\"description\":\"" SSN "\"}}]}",
        "{\"tools\":[{\"function\":{\"parameters\":{\"properties\":{\"a\":{\"enum\":["
        "\"" SSN "\"]}}}}}]}",
        "{\"response_format\":{\"json_schema\":{\"schema\":{\"description\":\"" SSN
        "\"}}}}",
        "{\"documents\":[{\"text\":\"" SSN "\"}]}",
        "{\"documents\":[[[\"" SSN "\"]]]}",
        "{\"extra_body\":{\"a\":[{\"b\":\"" SSN "\"}]}}",
        "{\"messages\":[{\"name\":\"" SSN "\"}]}",
        "{\"messages\":[{\"role\":\"" SSN "\"}]}",
        "{\"messages\":[{\"content\":{\"text\":\"" SSN "\"}}]}",
        "{\"messages\":[{\"content\":[[\"" SSN "\"]]}]}",
        "{\"messages\":[{\"tool_calls\":[{\"id\":\"" SSN "\"}]}]}",
        "{\"stop\":[\"" SSN "\"]}",
        "{\"model\":\"" SSN "\"}",
        "{\"input\":{\"a\":\"" SSN "\"}}",
        "{\"nobody knows\":{\"" SSN "\":null}}",
        "{\"" SSN "\":true}",
    };
    for (size_t i = 0; i < ARRAY_LEN(places); i++)
        if (found_in(state, places[i]).count[TYPE_US_SSN] == 0 &&
            !found_in(state, places[i]).key_hits)
            fail_msg("passed over: %s", places[i]);
}

static bool is_secret(void **state, const char *text)
{
    struct span_list l = {0};
    struct err err = {0};
    bool found = false;
    assert_int_equal(guard_scan_text(*state, str_of(text), &l, &err), 0);
    for (size_t i = 0; i < l.n; i++)
        found |= guard_type_group((enum guard_type)l.v[i].type) == GROUP_SECRET;
    span_list_release(&l);
    return found;
}

/* Each pair is a secret and what a manual, a form or a test writes in its place. */
static void tells_secrets_from_their_examples(void **state)
{
    static const struct {
        const char *secret, *example;
    } rows[] = {
        {"token ghp_q7Rk2VbXn84sTzLw0PmYdC5hJ1uEaG3iOfB9",
         "see ghp_q7Rk2VbXn84sTzLw0PmYdC5hJ123456iOfB9"},
        {"xoxb-482915037264-591837264051-Qm7RkVbXn84sTz",
         "xoxb-482915037264-591837264051-#########"},
        {"curl -u deploy:Qm7rkVbx http://x.test", "curl -u xxx:yyy http://x.test"},
        {"session_token = \"q7Rk2VbXn84sTzLw0PmY\"",
         "invalidToken = \"q7Rk2VbXn84sTzLw0PmY\""},
        {"auth_token value=\"q7Rk2VbXn84sTzLw0PmY\"",
         "name=\"authenticity_token\" value=\"{{ token_q7Rk2VbXn84s }}\""},
        {"password = \"q7R{k2V}$b{Xn\"", "password = \"q7R${db.pass}2Vb\""},
        {"api_key: \"q7Rk2Vb{{Xn84sTz\"", "api_key: \"q7Rk2{{ key_9 }}Xn84\""},
        {"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.Qm7RkVbXn84sTzLw0PmYdC5h",
         "eyJhbGciOiJIUzI1NiJ9X.eyJzdWIiOiJhbm4ifQX.Qm7RkVbXn84sTzLw0PmYdC5h"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (!is_secret(state, rows[i].secret))
            fail_msg("missed: %s", rows[i].secret);
        if (is_secret(state, rows[i].example))
            fail_msg("taken for a secret: %s", rows[i].example);
    }
}

static void an_empty_bracket_marks_nothing(void **state)
{
    struct span_list l = {0};
    struct err err = {0};
    assert_int_equal(guard_scan_text(*state, STR("call f() and g()\n() ()"), &l, &err),
                     0);
    assert_int_equal(l.n, 0);
    span_list_release(&l);
}

/* Bytes of every kind, and the same again: no crash, no overlap, no other answer. */
static void hostile_bytes_are_only_bytes(void **state)
{
    static const char alphabet[] = "0123456789abcXYZ@:/.-_=\"'\\%&#;,()<>{}[] "
                                   "\n\t\0\xC3\xA9\xE2\x80\x8B\xFF\xF0+~$";
    char text[4096];
    uint64_t seed = 88172645463325252u;
    for (int round = 0; round < 200; round++) {
        struct span_list a = {0}, b = {0};
        struct err err = {0};
        for (size_t i = 0; i < sizeof text; i++) {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            text[i] = alphabet[seed % (sizeof alphabet - 1)];
        }
        struct str s = {text, sizeof text};
        assert_int_equal(guard_scan_text(*state, s, &a, &err), 0);
        assert_int_equal(guard_scan_text(*state, s, &b, &err), 0);
        assert_int_equal(a.n, b.n);
        for (size_t i = 0; i < a.n; i++) {
            assert_true(a.v[i].start < a.v[i].end && a.v[i].end <= sizeof text);
            assert_true(i == 0 || a.v[i - 1].end <= a.v[i].start);
            assert_true(is_same(&a.v[i], &b.v[i]));
        }
        span_list_release(&a);
        span_list_release(&b);
    }
}

static void a_value_on_a_windows_edge_is_found_once(void **state)
{
    enum { SIZE = 150000 };
    static char text[SIZE + 1];
    for (size_t at = 61000; at < 67000; at += 97) {
        struct span_list l = {0};
        struct err err = {0};
        memset(text, 'a', SIZE);
        for (size_t i = 0; i < SIZE; i += 7)
            text[i] = ' ';
        memcpy(text + at, " ssn 536-22-8726 ", 17);
        assert_int_equal(guard_scan_text(*state, str_of(text), &l, &err), 0);
        size_t seen = 0;
        for (size_t i = 0; i < l.n; i++)
            seen += l.v[i].type == TYPE_US_SSN;
        assert_int_equal(seen, 1);
        span_list_release(&l);
    }
}

static void a_name_does_not_begin_with_the_end_of_a_word(void **state)
{
    expect(state, "ask PersonQ7K2M Maria Schmidt about it", TYPE_PERSON, "Maria Schmidt");
    expect(state, "Seat12A Maria Schmidt", TYPE_PERSON, "Maria Schmidt");
    expect(state, "form 4B Maria Schmidt signed", TYPE_PERSON, "Maria Schmidt");
    expect(state, "signed by J. Schmidt and M. Miller", TYPE_PERSON, "J. Schmidt");
}

static void the_lists_are_there(void **state)
{
    (void)state;
    assert_true(lexicon_find(word_hash("timothy", 7)) & NAME_FIRST);
    assert_true(lexicon_find(word_hash("garcia", 6)) & NAME_LAST);
    assert_true(lexicon_find(word_hash("because", 7)) & NAME_COMMON);
    assert_int_equal(lexicon_find(word_hash("qzxjvkw", 7)), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(finds_values_by_check_frame_and_word,
                                        open_scanner, close_scanner),
        cmocka_unit_test_setup_teardown(sees_through_disguises, open_scanner,
                                        close_scanner),
        cmocka_unit_test_setup_teardown(acts_on_evidence, open_scanner, close_scanner),
        cmocka_unit_test_setup_teardown(values_are_found_between_any_marks, open_scanner,
                                        close_scanner),
        cmocka_unit_test_setup_teardown(repeated_strings_of_a_body_are_all_found,
                                        open_scanner, close_scanner),
        cmocka_unit_test_setup_teardown(a_name_does_not_begin_with_the_end_of_a_word,
                                        open_scanner, close_scanner),
        cmocka_unit_test_setup_teardown(scans_every_corner_of_a_body, open_scanner,
                                        close_scanner),
        cmocka_unit_test_setup_teardown(locates_spans_in_the_raw_body, open_scanner,
                                        close_scanner),
        cmocka_unit_test_setup_teardown(what_cannot_be_read_stays_local, open_scanner,
                                        close_scanner),
        cmocka_unit_test_setup_teardown(media_are_seen_wherever_they_lie, open_scanner,
                                        close_scanner),
        cmocka_unit_test_setup_teardown(base64_that_is_no_text_is_a_file, open_scanner,
                                        close_scanner),
        cmocka_unit_test_setup_teardown(base64_in_lines_is_read, open_scanner,
                                        close_scanner),
        cmocka_unit_test_setup_teardown(what_readers_disagree_on_is_undecodable,
                                        open_scanner, close_scanner),
        cmocka_unit_test_setup_teardown(values_cut_by_control_characters_are_undecodable,
                                        open_scanner, close_scanner),
        cmocka_unit_test_setup_teardown(text_in_hexadecimal_digits_is_read, open_scanner,
                                        close_scanner),
        cmocka_unit_test_setup_teardown(numbers_are_read_by_their_digits, open_scanner,
                                        close_scanner),
        cmocka_unit_test_setup_teardown(no_place_in_a_body_is_passed_over, open_scanner,
                                        close_scanner),
        cmocka_unit_test_setup_teardown(
            characters_of_no_width_and_other_digits_hide_nothing, open_scanner,
            close_scanner),
        cmocka_unit_test_setup_teardown(tells_secrets_from_their_examples, open_scanner,
                                        close_scanner),
        cmocka_unit_test_setup_teardown(an_empty_bracket_marks_nothing, open_scanner,
                                        close_scanner),
        cmocka_unit_test_setup_teardown(hostile_bytes_are_only_bytes, open_scanner,
                                        close_scanner),
        cmocka_unit_test_setup_teardown(a_value_on_a_windows_edge_is_found_once,
                                        open_scanner, close_scanner),
        cmocka_unit_test(the_lists_are_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
