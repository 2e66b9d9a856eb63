/* test_scan_forms.c -- the forms in which values are written, family by family: what is
 * found of each, byte for byte, and what looks like it and is none. */
#include "scan/find/plausible.h"
#include "scan/find/secret_formats.h"
#include "scan/scan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static struct scanner *scanner;

static int open_scanner(void **state)
{
    (void)state;
    struct err err = {0};
    scanner = scanner_create(&err);
    return scanner ? 0 : -1;
}

static int close_scanner(void **state)
{
    (void)state;
    scanner_free(scanner);
    return 0;
}

/* The spans of a type in a text, as "[a] [b]". */
static void found(const char *text, enum guard_type type, char ret[1024])
{
    struct span_list l = {0};
    struct err err = {0};
    size_t n = 0;
    ret[0] = '\0';
    assert_int_equal(guard_scan_text(scanner, str_of(text), &l, &err), 0);
    for (size_t i = 0; i < l.n; i++)
        if (l.v[i].type == type)
            n += (size_t)snprintf(ret + n, 1024 - n, "%s[%.*s]", n ? " " : "",
                                  (int)(l.v[i].end - l.v[i].start), text + l.v[i].start);
    span_list_release(&l);
}

/* In the text the values stand between brackets; "" of a type that is not there. */
struct form {
    enum guard_type type;
    const char *text;
};

static void check(const struct form *f)
{
    char plain[1024], want[1024], seen[1024];
    size_t n = 0, k = 0;
    for (const char *p = f->text; *p; p++) {
        if (*p == '{' && p[1] == '{') {
            k += (size_t)snprintf(want + k, sizeof want - k, "%s[", k ? " " : "");
            const char *end = strstr(p, "}}");
            assert_non_null(end);
            for (p += 2; p < end; p++)
                want[k++] = plain[n++] = *p;
            want[k++] = ']';
            p++;
        } else {
            plain[n++] = *p;
        }
    }
    plain[n] = want[k] = '\0';
    found(plain, f->type, seen);
    if (strcmp(seen, want) != 0)
        fail_msg("%s in \"%s\": saw \"%s\", not \"%s\"", guard_type_name(f->type), plain,
                 seen, want);
}

#define CHECK_ALL(rows)                                                                  \
    do {                                                                                 \
        for (size_t i = 0; i < ARRAY_LEN(rows); i++)                                     \
            check(&(rows)[i]);                                                           \
    } while (0)

/* -- keys of services ---------------------------------------------------------------- */

static uint64_t drawn = 88172645463325252ULL;

static unsigned draw(unsigned below)
{
    drawn ^= drawn << 13;
    drawn ^= drawn >> 7;
    drawn ^= drawn << 17;
    return (unsigned)(drawn % below);
}

static const char *alphabet(enum secret_set set)
{
    return set == SET_HEX ? "0123456789abcdef"
           : set == SET_UPPER
               ? "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
               : "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ123456789";
}

/* A body of n characters that its maker could give out. */
static struct str draw_body(const struct secret_format *f, char *p, size_t n)
{
    const char *chars = alphabet((enum secret_set)f->set);
    struct str s = {p, n};
    do {
        for (size_t i = 0; i < n; i++)
            p[i] = chars[draw((unsigned)strlen(chars))];
        if (strcmp(f->prefix, "sk-ant-") == 0)
            memcpy(p + n - 2, "AA", 2);
        if (strcmp(f->prefix, "bedrock-api-key-") == 0 && n >= 28)
            memcpy(p, "YmVkcm9jay5hbWF6b25hd3MuY29t", 28);
    } while (is_placeholder(s) || is_typed(s) || count_digits(s) < 3 ||
             entropy_of(s) < 3);
    return s;
}

/* A span of some secret covers all of text[from, to). */
static bool is_covered(const char *text, size_t from, size_t to)
{
    struct span_list l = {0};
    struct err err = {0};
    bool is = false;
    assert_int_equal(guard_scan_text(scanner, str_of(text), &l, &err), 0);
    for (size_t i = 0; i < l.n; i++)
        is |= l.v[i].start <= from && l.v[i].end >= to &&
              guard_type_group(l.v[i].type) == GROUP_SECRET;
    span_list_release(&l);
    return is;
}

static bool is_drawn(const struct secret_format *f, size_t n, const char *before,
                     const char *after)
{
    char body[2048], text[3072];
    struct str s = draw_body(f, body, n);
    size_t from = (size_t)snprintf(text, sizeof text, "%s", before);
    size_t to = from + (size_t)snprintf(text + from, sizeof text - from, "%s%.*s",
                                        f->prefix, STR_ARG(s));
    snprintf(text + to, sizeof text - to, "%s", after);
    bool ok = is_covered(text, from, to);
    if (!ok)
        print_message("%s\n", text);
    return ok;
}

static void keys_of_all_services_are_found_whole(void **state)
{
    (void)state;
    static const char *const around[][2] = {{"", ""}, {"use ", " now"}, {"k=\"", "\""}};
    for (size_t i = 0; i < secret_nformats; i++) {
        const struct secret_format *f = &secret_formats[i];
        /* The parts of Sourcegraph's have lengths of their own. */
        size_t least = f->min, most = f->max;
        if (strcmp(f->prefix, "sgp_") == 0)
            most = 57;
        if (strcmp(f->prefix, "bedrock-api-key-") == 0)
            least = 40;
        for (size_t k = 0; k < ARRAY_LEN(around); k++) {
            if (!is_drawn(f, least, around[k][0], around[k][1]) ||
                !is_drawn(f, most, around[k][0], around[k][1]))
                fail_msg("no key: %s", f->prefix);
        }
    }
}

static void stand_ins_for_keys_are_none(void **state)
{
    (void)state;
    static const char *const fills[] = {"x", "0", "1234567890", "abcdefghij",
                                        "your_key_"};
    for (size_t i = 0; i < secret_nformats; i++)
        for (size_t k = 0; k < ARRAY_LEN(fills); k++) {
            char text[512], seen[1024];
            size_t n =
                (size_t)snprintf(text, sizeof text, "%s", secret_formats[i].prefix);
            size_t end = n + secret_formats[i].min;
            for (size_t c = 0; n < end && n < sizeof text - 1; c++)
                text[n++] = fills[k][c % strlen(fills[k])];
            text[n] = '\0';
            found(text, TYPE_API_KEY, seen);
            if (seen[0])
                fail_msg("%s is no key", text);
        }
}

#define HEX32 "9f86d081884c7d65a2feaa0c55ad015a"

static const struct form keys[] = {
    /* by the lengths of their parts */
    {TYPE_API_KEY, "{{110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsawx}}"},
    {TYPE_API_KEY, "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"},
    {TYPE_API_KEY, "{{MTk4NjIyNDgzNDcxOTI1MjQ4.Cl2FMQ.ZnCjm1XVW7vRze4b7Cq4se7kKWs}}"},
    {TYPE_API_KEY, "MTk4NjIyNDgzNDcxOTI1MjQ4.Cl2FMQ1.ZnCjm1XVW7vRze4b7Cq4se7kKWs"},
    {TYPE_API_KEY, "MTk4NjIyNDgzNDcxOTI1MjQ4.Cl2FMQ.ZnCjm1XVW7vRze"},
    {TYPE_API_KEY, "{{" HEX32 "-us7}}"},
    {TYPE_API_KEY, "{{" HEX32 "-us21}}"},
    {TYPE_API_KEY, HEX32 "-usa"},
    {TYPE_API_KEY, "{{" HEX32 "-8f86d081-7a2f9c0b}}"},
    {TYPE_API_KEY, HEX32 "-8f86d081-7a2f9c0"},
    {TYPE_API_KEY, HEX32 "-8f86d08-7a2f9c0b"},
    /* by a mark inside */
    {TYPE_API_KEY, "{{aZ7kQ2mX9pLw4RtB8vT3BlbkFJc6NyE1sD5gH0jUfK}}"},
    {TYPE_API_KEY, "aZ7kQ2T3BlbkFJc6NyE1"},
    {TYPE_API_KEY, "aaaaaaaaaaaaaaaaaaaaaaaaT3BlbkFJaaaaaaaaaaaa"},
    /* Azure's: three characters, a digit, Q, a tilde */
    {TYPE_API_KEY, "secret is {{jIo8Q~Zk3xq9TwVb7Lm2RtYp5Nc4Hd6Fg1Js0K}}."},
    {TYPE_API_KEY, "secret is jIo8Q~Zk3xq9TwVb7Lm2RtYp"},
    {TYPE_API_KEY, "secret is jIo8R~Zk3xq9TwVb7Lm2RtYp5Nc4Hd6Fg1Js0K"},
    /* cut off, or in pieces */
    {TYPE_API_KEY, "ghp_q7Rk2VbXn84sTzLw0PmYdC5hJ1uEaG3iOfB9..."},
    {TYPE_API_KEY, "ghp_q7Rk2VbXn84sTzLw0PmYdC5hJ1uEaG3iOfB"},
    {TYPE_API_KEY, "ghp_q7Rk2VbXn84sTzLw0PmYdC5hJ1uEaG3iOfB9aaaaaaaaaaaaaaaa"},
    {TYPE_API_KEY, "{{xoxb-263594206564-FGqddMF8t08v8N7Oq4i57vs1}}-."},
    /* Web tokens: the first part is a JSON object, there are two dots or a long part. */
    {TYPE_JWT,
     "{{eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0NTIyMjc4MyJ9.EQFua5tn682fnCkZbLeZ6UTDCbTe}}."},
    {TYPE_JWT, "{{eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0NTIyMjc4MyJ9}}"},
    {TYPE_JWT, "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0"},
    {TYPE_JWT, "eyJhbGciOiJIUzI1NiIs.abJzdWIiOiI0NTIyMjc4MyJ9.EQFua5tn682fnCkZbLeZ6UT"},
    {TYPE_JWT, "eyJhbGciOiJIUzI1NiJ9"},
    {TYPE_JWT, "eyXhbGciOiJIUzI1NiJ9.abJzdWIiOiI0NTIyMjc4MyJ9.EQFua5tn682fnCkZbLeZ6U"},
};

static void keys_without_a_prefix_are_known_by_their_parts(void **state)
{
    (void)state;
    CHECK_ALL(keys);
}

/* -- values behind a label ----------------------------------------------------------- */

static const struct form labelled[] = {
    {TYPE_MRN, "Patient MRN: {{48291734}}, seen today"},
    {TYPE_MRN, "medical record number is {{AB-482917}}"},
    {TYPE_MRN, "MRN 123"},
    {TYPE_MRN, "MRN: see above"},
    {TYPE_MRN, "MRN:\n\n48291734"},
    {TYPE_US_BANK_ACCOUNT, "account number {{4829 1734 55}} at the bank"},
    {TYPE_US_BANK_ACCOUNT, "account number AB48291734"},
    {TYPE_US_BANK_ACCOUNT, "account number 482917"},
    {TYPE_US_DRIVER_LICENSE, "driver's license {{D1234567}}"},
    {TYPE_US_DRIVER_LICENSE, "driver's license number: {{48291734}}"},
    {TYPE_US_DRIVER_LICENSE, "driver's license 482917"},
    {TYPE_LICENSE_PLATE, "license plate {{B-LS 7243}} was seen"},
    {TYPE_LICENSE_PLATE, "license plate: {{AB 123 CD}}"},
    {TYPE_LICENSE_PLATE, "license plate number is {{7XYZ123}}."},
    {TYPE_LICENSE_PLATE, "license plate 123456"},
    {TYPE_LICENSE_PLATE, "license plate b-ls 7243"},
    {TYPE_EMPLOYEE_ID, "employee ID: {{E48291}}"},
    {TYPE_EMPLOYEE_ID, "employee number {{482917}}, hired in May"},
    {TYPE_EMPLOYEE_ID, "employee ID 48"},
    {TYPE_EMPLOYEE_ID, "employee ID 482917@acme"},
    {TYPE_PASSPORT, "passport number {{C01X00T47}}"},
    {TYPE_US_PASSPORT, "passport: {{482917345}}"},
    {TYPE_SWIFT_BIC, "BIC: {{COBADEFFXXX}}"},
    {TYPE_SWIFT_BIC, "SWIFT code {{DEUTDEFF}} and more"},
    {TYPE_SWIFT_BIC, "SWIFT code DEUTDEF"},
    {TYPE_SWIFT_BIC, "SWIFT code DEUTdEFF"},
    {TYPE_SWIFT_BIC, "SWIFT code DEU1DEFF"},
    {TYPE_SWIFT_BIC, "BIC of the bank is not known to us"},
};

static void numbers_behind_their_label_are_read(void **state)
{
    (void)state;
    CHECK_ALL(labelled);
}

/* -- addresses ----------------------------------------------------------------------- */

static const struct form addresses[] = {
    {TYPE_ADDRESS, "{{12 Old Mill Road, Raleigh, NC 27601-1234}}"},
    {TYPE_ADDRESS, "{{3154 N. Old Mill Road}}"},
    {TYPE_ADDRESS, "{{350 Fifth Avenue, Suite #138, New York, NY 10118}}"},
    {TYPE_ADDRESS, "{{350 Fifth Avenue, Apt. 30D, New York, NY 10118}}"},
    {TYPE_ADDRESS, "{{350 Fifth Avenue #650, New York, NY 10118}}"},
    {TYPE_ADDRESS, "{{350 Fifth Avenue, Unit B, New York, NY 10118}}"},
    {TYPE_ADDRESS, "{{12 bis rue Bellecour, 69002 Lyon}}"},
    {TYPE_ADDRESS, "{{12-14 rue Bellecour, 69002 Lyon}}"},
    {TYPE_ADDRESS, "{{Bahnhofstra\xC3\x9F"
                   "e 7, 04109 Leipzig}}"},
    {TYPE_ADDRESS, "{{Bahnhofstr. 7, 04109 Leipzig}}"},
    {TYPE_ADDRESS, "{{Coolsingel 42, 3012 AD Rotterdam}}"},
    {TYPE_ADDRESS, "{{10 George Street, Edinburgh EH2 2LR}}"},
    {TYPE_ADDRESS, "{{221b Baker Street, London NW1 6XE}}"},
    {TYPE_ADDRESS, "{{ul. Marszalkowska 12, 00-950 Warszawa}}"},
    {TYPE_ADDRESS, "he lives at {{77 oak street, raleigh, nc 27601}} now"},
    {TYPE_ADDRESS, "{{PSC 6293, Box 8158, APO AP 04336}}"},
    {TYPE_ADDRESS, "{{Unit 4719 Box 7394, DPO AA 34035}}"},
    {TYPE_ADDRESS, "{{P.O. Box 992, Springfield, IL 62701}}"},
    {TYPE_ADDRESS, "{{12 Old Mill Road, Raleigh, NC 27601, USA}}"},
    {TYPE_ADDRESS, "a 2 way system"},
    {TYPE_ADDRESS, "10 minutes walk from the road"},
    {TYPE_ADDRESS, "the 5 largest cities"},
    {TYPE_ADDRESS, "version 2.1 Road map"},
    {TYPE_ADDRESS, "12 May 2024, 10115 items"},
    {TYPE_ADDRESS, "{\"address\":\"{{Flat 4, Quayside 22}}\"}"},
    {TYPE_POSTCODE, "the zip code is {{86881}}"},
    {TYPE_POSTCODE, "plz {{04109}}"},
    {TYPE_POSTCODE, "zip code is {{101}}"},
    {TYPE_POSTCODE, "zip code is unknown"},
};

static void addresses_of_many_countries_are_found_whole(void **state)
{
    (void)state;
    CHECK_ALL(addresses);
}

/* -- credentials --------------------------------------------------------------------- */

static const struct form credentials[] = {
    {TYPE_PASSWORD, "password: {{tR7!vexqua}}"},
    {TYPE_PASSWORD, "password = \"{{tR7!vexqua}}\""},
    {TYPE_PASSWORD, "'password' => '{{tR7!vexqua}}',"},
    {TYPE_PASSWORD, "password := \"{{tR7!vexqua}}\""},
    {TYPE_PASSWORD, "var password string = \"{{tR7!vexqua}}\""},
    {TYPE_PASSWORD, "string password = @\"{{tR7!vexqua}}\";"},
    {TYPE_PASSWORD, "settings['db_password'] = '{{tR7!vexqua}}'"},
    {TYPE_PASSWORD, "<password>{{tR7!vexqua}}</password>"},
    {TYPE_PASSWORD, "setPassword(\"{{tR7!vexqua}}\")"},
    {TYPE_PASSWORD, "mysql --password {{tR7!vexqua}} -h db"},
    {TYPE_PASSWORD, "mysql --password={{tR7!vexqua}} -h db"},
    {TYPE_PASSWORD, "curl -u ann:{{tR7!vexqua}} https://db.fabrikam.eu"},
    {TYPE_PASSWORD, "curl --user=ann:{{tR7!vexqua}} https://db.fabrikam.eu"},
    {TYPE_PASSWORD, "curl -u ann https://db.fabrikam.eu"},
    {TYPE_PASSWORD, "curl -u ann:password https://db.fabrikam.eu"},
    {TYPE_PASSWORD, "if (\"{{tR7!vexqua}}\" == password) {"},
    {TYPE_PASSWORD, "if ('{{tR7!vexqua}}' != my_password)"},
    {TYPE_PASSWORD, "CREATE USER ann IDENTIFIED BY '{{tR7!vexqua}}';"},
    {TYPE_PASSWORD, "the password? it is {{tR7!vexqua}}"},
    {TYPE_PASSWORD, "mein Passwort ist {{tR7!vexqua}}"},
    {TYPE_PASSWORD, "https://x.test/?user=ann&password={{tR7!vexqua}}&lang=en"},
    {TYPE_PASSWORD, "user blopez7 / {{tR7!vexqua}}"},
    {TYPE_PASSWORD, "password: \"{{Sunflower}}\""},
    {TYPE_PASSWORD, "password: {{48291734}}"},
    {TYPE_PASSWORD, "DB_PASSWORD=${DB_PASSWORD}"},
    {TYPE_PASSWORD, "password: a${vault.db_pw4}b"},
    {TYPE_PASSWORD, "password: changeme"},
    {TYPE_PASSWORD, "password = get_password()"},
    {TYPE_PASSWORD, "password = os.environ['DB']"},
    {TYPE_PASSWORD, "password_file: /etc/db.pw"},
    {TYPE_PASSWORD, "password_hint: the usual one"},
    {TYPE_PASSWORD, "password: ********"},
    {TYPE_PASSWORD, "password: xxxxxxxx"},
    {TYPE_PASSWORD, "password: null"},
    {TYPE_PASSWORD, "assert password.length > 8"},
    {TYPE_PASSWORD, "user.password.is_valid"},
    {TYPE_SECRET, "token: {{8f2KqLm4XvT9wRzB}}"},
    {TYPE_SECRET, "Authorization: Bearer {{8f2KqLm4XvT9wRzB}}"},
    {TYPE_SECRET, "api_key = \"{{8f2KqLm4XvT9wRzB}}\""},
    {TYPE_SECRET, "const token: string = \"{{8f2KqLm4XvT9wRzB}}\""},
    {TYPE_SECRET, "client_secret={{8f2KqLm4XvT9wRzB}}"},
    {TYPE_SECRET, "api key: {{8f2KqLm4XvT9wRzB}}"},
    {TYPE_SECRET, "token_url: https://x.test/8f2KqLm4XvT9wRzB"},
    {TYPE_SECRET, "tokenizer = 8f2KqLm4XvT9wRzB"},
    {TYPE_SECRET, "key = 8f2KqLm4XvT9wRzB"},
    {TYPE_SECRET, "token: next_token"},
    {TYPE_SECRET, "token: a b c d e f 1 2 3"},
    {TYPE_SECRET, "secret: /run/secrets/db4"},
    {TYPE_SECRET, "token: 0x8f24d4aa94bc0011"},
    {TYPE_SECRET, "token: 8f2KqLm4XvT9wRzB..."},
    {TYPE_USERNAME, "username: {{blopez7}}"},
    {TYPE_USERNAME, "login = \"{{b.lopez}}\""},
    {TYPE_USERNAME, "user {{blopez7}} logged in, user {{ann}} logged out"},
    {TYPE_USERNAME, "Accepted publickey for {{mbrooks40}} from 10.1.2.3"},
    {TYPE_USERNAME, "username: true"},
    {TYPE_USERNAME, "user(name)"},
};

static void credentials_are_known_by_their_key_and_not_without_a_value(void **state)
{
    (void)state;
    CHECK_ALL(credentials);
}

/* -- frames -------------------------------------------------------------------------- */

static const struct form frames[] = {
    {TYPE_EMAIL, "write to {{jo.doe+x@mail.fabrikam.eu}}."},
    {TYPE_EMAIL, "<{{jo@mail.fabrikam.eu}}>"},
    {TYPE_EMAIL, "{{jane dot doe at fabrikam dot eu}}"},
    {TYPE_EMAIL, "write \"{{jane at mail-x dot fabrikam dot eu}}\""},
    {TYPE_EMAIL, "meet at noon"},
    {TYPE_EMAIL, "git@github.com:a/b.git"},
    {TYPE_EMAIL, "a@example.com b@sub.example.org c@x.test d@y.invalid e@z.example"},
    {TYPE_EMAIL, "jo@localhost jo@x.1 jo@x.y @fabrikam.eu"},
    {TYPE_CONN_STRING, "{{postgres://app:Zk3xq9Tw@db/orders}}"},
    {TYPE_CONN_STRING,
     "postgres://app:${PW}@db/x https://a:****@db/x https://a:xxx@db/x"},
    {TYPE_CONN_STRING, "postgres://app@db/orders http://db:5432/x"},
    {TYPE_CONN_STRING, "\"{{Server=db01;Database=x;User Id=sa;Password=Zk3xq9Tw;}}\""},
    {TYPE_CONN_STRING, "\"{{Data Source=db01; Initial Catalog=x; Pwd=Zk3xq9Tw}}\""},
    {TYPE_CONN_STRING, "Server=db01;Password=Zk3xq9Tw"},
    {TYPE_CONN_STRING, "Server=db01;Database=x;Trusted_Connection=True;"},
    {TYPE_CONN_STRING, "Server=db01;Database=x;Password=;"},
    {TYPE_CONN_STRING,
     "{{DefaultEndpointsProtocol=https;AccountName=x;AccountKey=Zk3xq9Tw}}"},
    {TYPE_IP,
     "bind {{10.6.250.94}}, {{172.16.0.9}}:80 and {{8.99.10.11}}? IP {{3.4.5.6}}"},
    {TYPE_IP, "127.0.0.1 0.0.0.0 255.255.255.0 8.8.8.8 8.8.4.4 1.1.1.1 192.0.2.7 "
              "198.51.100.4 203.0.113.9"},
    {TYPE_IP, "version 2.3.4.5 and 10.6.250 and 10.6.250.300 and 10.6.250.94.1"},
    {TYPE_IP, "the network 10.6.250.0/24"},
    {TYPE_IP, "{{fe80:12ab:77c0::91de}} {{2001:db8:85a3:8d3:1319:8a2e:370:7348}}"},
    {TYPE_IP, "{{fe80::91de:1}} ::1 a::b 12:30:45 fe80::1::2 12345:1::1"},
    {TYPE_MAC,
     "{{3c:5a:b4:01:9f:e2}} {{3C-5A-B4-01-9F-E2}} 3c:5a:b4:01:9f 3c-5a-b4-01-9f-ea2"},
    {TYPE_HOSTNAME,
     "ssh {{db01.int.fabrikam.eu}} and {{web-3.corp}} and {{nas.home.lan}}"},
    {TYPE_HOSTNAME, "www.fabrikam.eu and internal.fabrikam.eu and foo.local() and a.b"},
    {TYPE_CRYPTO, "{{0x52908400098527886E0F7030069857D2E4169EE7}}"},
    {TYPE_CRYPTO, "{{bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq}}"},
    {TYPE_CRYPTO, "{{1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa}}"},
    {TYPE_CRYPTO, "{{3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy}}"},
    {TYPE_CRYPTO,
     "1A1zP1eP5QGefi2DMPTfTL5SLmv7Divf0a x/0x52908400098527886E0F7030069857D2E4169EE7"},
    {TYPE_GEO, "at {{52.520008, 13.404954}} and {{-33.50595,-96.97637}}"},
    {TYPE_GEO, "at 95.520008, 13.404954 and 52.52, 13.40 and 52.520008 13.404954"},
    {TYPE_URL, "see {{https://x.test/a}}, and ://x"},
    {TYPE_PRIVATE_KEY,
     "{{-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA7yn3bRHQ5FHMQ0Zc1UuNf9wd3c\n"
     "MIIEpAIBAAKCAQEA7yn3bRHQ5FHMQ0Zc1UuNf9wd3c\n-----END RSA PRIVATE KEY-----}}\nx"},
    {TYPE_PRIVATE_KEY,
     "{{-----BEGIN PRIVATE KEY-----\nMIIEpAIBAAKCAQEA7yn3bRHQ5FHMQ0Zc1UuNf9wd3cMIIEpAIBA"
     "AKCAQEA7yn3bRHQ5FHMQ0Zc1UuNf9wd3c}}"},
    {TYPE_PRIVATE_KEY, "-----BEGIN CERTIFICATE-----\nMIIEpAIBAAKCAQEA7yn3bRHQ5FHMQ0Zc1"},
    {TYPE_PRIVATE_KEY, "-----BEGIN PRIVATE KEY-----\nthe head of such a file"},
};

static void values_in_a_frame_are_read_to_its_end(void **state)
{
    (void)state;
    CHECK_ALL(frames);
}

/* -- dates --------------------------------------------------------------------------- */

static const struct form dates[] = {
    {TYPE_DOB, "born on {{6 November 1967}}"},
    {TYPE_DOB, "date of birth: {{1967-11-06}}"},
    {TYPE_DOB, "DOB {{06.11.1967}}"},
    {TYPE_DOB, "DOB: {{11/06/67}}"},
    {TYPE_DOB, "geboren am {{6. November 1967}}"},
    {TYPE_DOB, "born {{November 6th, 1967}} in Rome"},
    {TYPE_DOB, "born {{Nov. 6, 1967}}"},
    {TYPE_DOB, "nacida el {{6 de noviembre de 1967}}"},
    {TYPE_DOB, "{\"birth_date\":\"{{19671106}}\"}"},
    {TYPE_DOB, "{\"birth_date\":\"19671306\"}"},
    {TYPE_DOB, "{\"build\":\"19671106\"}"},
    {TYPE_DOB, "born in Rome, a town of some age. The meeting is on 6 November 2007"},
    {TYPE_DATE_TIME, "on {{2024-10-09T10:23:54Z}}"},
    {TYPE_DATE_TIME, "on {{2024-10-09 10:23:54}}, and {{05/14/2021}}"},
    {TYPE_DATE_TIME, "{{28.08.2023}} or {{6-Nov-1967}} or {{3rd of May 2020}}"},
    {TYPE_DATE_TIME, "1.2.10 and 13/32/2020 and 2024-13-09 and 1-2-3-4"},
    {TYPE_DATE_TIME, "in {{1987}} and since {{2004}} but 1987 alone"},
    {TYPE_DATE_TIME, "see you {{Wednesday}}"},
    {TYPE_AGE, "a {{38}}-year-old, turned {{47}}, age of {{72}}, {{12}} y/o"},
    {TYPE_AGE, "he was {{38}} and 400 years and 38 apples"},
};

static void dates_are_read_in_many_forms_and_birthdays_by_their_words(void **state)
{
    (void)state;
    CHECK_ALL(dates);
}

/* The months of a year in the languages whose words for a birth are known. */
static const struct language {
    const char *before, *after, *months[12];
} languages[] = {
    {"born on 6 ",
     " 1967",
     {"January", "February", "March", "April", "May", "June", "July", "August",
      "September", "October", "November", "December"}},
    {"geboren am 6. ",
     " 1967",
     {"Januar", "Februar", "M\xC3\xA4rz", "April", "Mai", "Juni", "Juli", "August",
      "September", "Oktober", "November", "Dezember"}},
    {"n\xC3\xA9"
     "e le 6 ",
     " 1967",
     {"janvier", "f\xC3\xA9vrier", "mars", "avril", "mai", "juin", "juillet",
      "ao\xC3\xBBt", "septembre", "octobre", "novembre",
      "d\xC3\xA9"
      "cembre"}},
    {"nacida el 6 de ",
     " de 1967",
     {"enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto",
      "septiembre", "octubre", "noviembre", "diciembre"}},
    {"nascida em 6 de ",
     " de 1967",
     {"janeiro", "fevereiro", "mar\xC3\xA7o", "abril", "maio", "junho", "julho", "agosto",
      "setembro", "outubro", "novembro", "dezembro"}},
    {"nata il 6 ",
     " 1967",
     {"gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto",
      "settembre", "ottobre", "novembre", "dicembre"}},
    {"geboren op 6 ",
     " 1967",
     {"januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus",
      "september", "oktober", "november", "december"}},
    {"urodzona 6 ",
     " 1967",
     {"stycznia", "lutego", "marca", "kwietnia", "maja", "czerwca", "lipca", "sierpnia",
      "wrze\xC5\x9Bnia",
      "pa\xC5\xBA"
      "dziernika",
      "listopada", "grudnia"}},
    {"f\xC3\xB8"
     "dt 6. ",
     " 1967",
     {"januar", "februar", "mars", "april", "mai", "juni", "juli", "august", "september",
      "oktober", "november", "desember"}},
    {"syntynyt 6. ",
     " 1967",
     {"tammikuuta", "helmikuuta", "maaliskuuta", "huhtikuuta", "toukokuuta",
      "kes\xC3\xA4kuuta", "hein\xC3\xA4kuuta", "elokuuta", "syyskuuta", "lokakuuta",
      "marraskuuta", "joulukuuta"}},
};

static void birthdays_are_found_in_every_month_of_many_languages(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(languages); i++)
        for (size_t m = 0; m < 12; m++) {
            char text[128], want[128], seen[1024];
            const char *value = strchr(languages[i].before, '6');
            snprintf(text, sizeof text, "Sie, %s%s%s.", languages[i].before,
                     languages[i].months[m], languages[i].after);
            snprintf(want, sizeof want, "[%s%s%s]", value, languages[i].months[m],
                     languages[i].after);
            found(text, TYPE_DOB, seen);
            if (strcmp(seen, want) != 0)
                fail_msg("%s: saw \"%s\"", text, seen);
        }
}

/* -- stand-ins ----------------------------------------------------------------------- */

static void stand_ins_are_told_from_values(void **state)
{
    (void)state;
    static const char *const placeholders[] = {
        "xxxxxxxx",  "aaaa-bbbb",   "xxx:yyy",  "my-example-key", "your_api_key",
        "YOUR-KEY",  "changeme",    "REDACTED", "${SECRET}",      "$(cat x)",
        "%{x}",      "insert-here", "****",     "0000000012",     "<your key>",
        "fake_key1", "aaaaaaaab",   "todo",     "replace_me"};
    static const char *const values[] = {"8f2KqLm4XvT9wRzB", "tR7!vexqua", "aab", "", "a",
                                         "correct horse",    "aaab-bbba1"};
    static const char *const typed[] = {"abcdef", "123456", "987654", "x111111y"};
    static const char *const untyped[] = {"abcde", "12345", "AAAAAAAA", "a1b2c3",
                                          "1-2-3"};
    static const char *const code[] = {"process.env.KEY",
                                       "os.environ['X']",
                                       "null",
                                       "None",
                                       "$x",
                                       "<token>",
                                       "[a]",
                                       "(x)",
                                       "{x}",
                                       "&x",
                                       "%s",
                                       "get_key()",
                                       "keys[0]",
                                       "new Key",
                                       "true",
                                       "str"};
    static const char *const no_code[] = {"nullable1", "Strong!", "abc", "%7Babc",
                                          "k3y(4)",    "truest",  ""};
    for (size_t i = 0; i < ARRAY_LEN(placeholders); i++)
        if (!is_placeholder(str_of(placeholders[i])))
            fail_msg("%s", placeholders[i]);
    for (size_t i = 0; i < ARRAY_LEN(values); i++)
        if (is_placeholder(str_of(values[i])))
            fail_msg("%s", values[i]);
    for (size_t i = 0; i < ARRAY_LEN(typed); i++)
        assert_true(is_typed(str_of(typed[i])));
    for (size_t i = 0; i < ARRAY_LEN(untyped); i++)
        assert_false(is_typed(str_of(untyped[i])));
    for (size_t i = 0; i < ARRAY_LEN(code); i++)
        if (!is_expression(str_of(code[i])))
            fail_msg("%s", code[i]);
    for (size_t i = 0; i < ARRAY_LEN(no_code); i++)
        if (is_expression(str_of(no_code[i])))
            fail_msg("%s", no_code[i]);
    assert_true(is_elided(STR("abc..."), 3) && is_elided(STR("abc-***"), 3));
    assert_true(is_elided(STR("abc\xE2\x80\xA6"), 3) && is_elided(STR("abc_###"), 3));
    assert_false(is_elided(STR("abc.."), 3) || is_elided(STR("abc"), 3));
    assert_true(entropy_of(STR("aaaa")) == 0 && entropy_of(STR("abab")) == 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_of_all_services_are_found_whole),
        cmocka_unit_test(stand_ins_for_keys_are_none),
        cmocka_unit_test(keys_without_a_prefix_are_known_by_their_parts),
        cmocka_unit_test(numbers_behind_their_label_are_read),
        cmocka_unit_test(addresses_of_many_countries_are_found_whole),
        cmocka_unit_test(credentials_are_known_by_their_key_and_not_without_a_value),
        cmocka_unit_test(values_in_a_frame_are_read_to_its_end),
        cmocka_unit_test(dates_are_read_in_many_forms_and_birthdays_by_their_words),
        cmocka_unit_test(birthdays_are_found_in_every_month_of_many_languages),
        cmocka_unit_test(stand_ins_are_told_from_values),
    };
    return cmocka_run_group_tests(tests, open_scanner, close_scanner);
}
