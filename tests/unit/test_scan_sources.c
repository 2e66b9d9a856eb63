/* test_scan_sources.c -- what tools show an agent of an ordinary repository: programs,
 * with the number of each line or with the place of each hit, tables, lists of changes.
 */
#include "rows.h"

/* A bar that pulses is nobody's heart; with somebody in the program it may be. */
static void a_program_alone_is_not_clinical(void **state)
{
    static const char program[] =
        "    12\tdef pulse(self, pulse):\n    13\t    self.pulse = pulse\n"
        "    14\t    return self.pulse_style\n    15\tpulse = Bar(pulse=True)\n"
        "    16\tfrom . import diagnosis, prescription, symptoms, biopsy, chemotherapy\n";
    static const char record[] =
        "Seen today: pulse 96, biopsy planned, diagnosis and prescription as before, "
        "symptoms of depression, on chemotherapy.";
    struct span_list l = scan(state, program);
    assert_false(l.is_clinical);
    span_list_release(&l);
    l = scan(state, record);
    assert_true(l.is_clinical);
    span_list_release(&l);
    char both[sizeof program + 64];
    snprintf(both, sizeof both, "%s    17\tpatient = \"Orla Vanterpool\"\n", program);
    l = scan(state, both);
    assert_true(l.is_clinical);
    span_list_release(&l);
}

static const char *const not_clinical[] = {
    "Release 4.2\n- bypass the cache (Orla Vanterpool)\n- do not bypass hooks\n- "
    "bypasses "
    "of the proxy are logged\n",
    "the tid of a thread; a tid is never 0; free(tid), then tid = tid + 1",
    "a ac accumsan ad adipiscing dolor donec gravida ipsum lorem luctus amet",
    "!function(e,t){var n=bdi(e),r=hoist(t);return rtg(n)?r():t.bdi(e);}(this,window);"
    "function a(e){return hoist(e)?rtg(e):bdi(e)}var b=a(0),c=b(1);for(var d=0;d<c;d++)"
    "{e(d);f(d)}if(g){h(i);j(k)}else{l(m)};function o(p){return q(r)(s);}t=u(v);w=x(y);"
    "function z(e){return e(a)?b(c):d(e)}var f=g(0),h=i(1);for(var "
    "j=0;j<k;j++){l(m);n(o)}"
    "if(p){q(r);s(t)}else{u(v)};function w(x){return y(z)(a);}b=c(d);e=f(g);h(i);j=k(l);",
    "EMOJI = {\n    \"ambulance\": \"\xF0\x9F\x9A\x91\",\n    \"hospital\": "
    "\"\xF0\x9F\x8F\xA5\",\n    \"syringe\": \"\xF0\x9F\x92\x89\",\n    \"pill\": "
    "\"\xF0\x9F\x92\x8A\",\n    \"stethoscope\": \"\xF0\x9F\xA9\xBA\",\n}",
};

static void words_of_programs_do_not_make_a_text_clinical(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(not_clinical); i++) {
        struct span_list l = scan(state, not_clinical[i]);
        if (l.is_clinical)
            fail_msg("clinical: %s", not_clinical[i]);
        span_list_release(&l);
    }
}

/* What tools print before the lines of a file is neither a name nor a value ... */
static const char *const places[] = {
    "PKG-INFO:2:Summary: grow and\nPKG-INFO:79:grow the community of contributors and\n"
    "PKG-INFO:80:See our documentation",
    "lib/cancel/CancelToken.js:135:export default CancelToken;\nlib/x.js:1:y",
    "src/models.py:152:    def _encode_params(\nHISTORY.md:1518:-   Assume servers",
    "x.py:56:        pass  # pragma: no cover\nhttpx/_config.py:11:    import ssl",
    "docs/opts/CURLOPT_PASSWORD.3:25:.TH CURLOPT_PASSWORD 3",
    "  1551\t    #[should_panic(\n  1552\t        expected = \"Overlapping\"",
    "    76\t     * code, and\n    77\t     *\n    78\t     * @deprecated Please pass",
};
/* ... and the line is read as in its file. */
static const struct row behind_places[] = {
    {"src/a.py:3:password:\nsrc/a.py:4:  hunter2Xx9", "hunter2Xx9", ACTION_LOCAL},
    {"etc/redis.conf:3:requirepass Brg7Kx92mQ", "Brg7Kx92mQ", ACTION_LOCAL},
    {"    3\tport 6379\n    4\trequirepass Brg7Kx92mQ", "Brg7Kx92mQ", ACTION_LOCAL},
    {"a/b.cfg-3-requirepass Brg7Kx92mQ", "Brg7Kx92mQ", ACTION_LOCAL},
    {"run.sh:12:7: export DB_PASSWORD=Brg7Kx92mQ", "Brg7Kx92mQ", ACTION_LOCAL},
    {"db.example.com:5432:app:alice:Brg7Kx92mQ", "Brg7Kx92mQ", ACTION_LOCAL},
    {"secrets/password.txt:1:Brg7Kx92mQ", "1:Brg7Kx92mQ", ACTION_LOCAL},
    {"id\tuser\tpassword\n1\tmara\tBrg7Kx92mQ\n2\tjon\tTw55vLp0Za", "Brg7Kx92mQ",
     ACTION_LOCAL},
};

static void places_of_lines_are_no_values(void **state)
{
    CHECK_CLEAR(places);
    CHECK_ROWS(behind_places);
}

/* Where a value would stand: types, halves of calls, things in modules, hashes of a
 * go.sum, markup, couples of numbers behind the name of a standard. */
static const char *const no_values[] = {
    "pub fn basic_auth<U, P>(self, username: U, password: Option<P>) -> RequestBuilder",
    "type T = Equal<out, { password: string | undefined>(true);",
    "timeouts: Some(Duration::from_secs(30)),",
    "PASSWORD_HASHERS = [\n    \"django.contrib.auth.hashers.Argon2PasswordHasher\",\n]",
    "github.com/golang-jwt/jwt/v5 v5.3.1 h1:kYf81DTWFe7t+1VvL7eS+jKFVWaUnK9cB1qbwn63YCY=",
    "withXSRFToken: defaultToConfig2,\n  cancelToken: defaultToConfig2,",
    "available without needing to pass them to :meth:`Template.render`.",
    "* Pass through `timeout=...` in top-level calls",
    "const encoded = encode(token, \"2024-01-15T10:30:00.000Z\");",
    "password = password.encode(\"latin1\")",
    "It runs faster than equivalent two-pass memchr2+SWAR code",
    "#define CURL_FTP_WEIRD_PASS_REPLY 251756642",
    ".header(\"sec-websocket-key\", \"6D69KGBOr4Re+Nj6zx9aQA==\")",
    "# Following RFC 2617/7616",
    "as per RFC2348 is 8-65464 bytes",
    "there is no stack, or when run on XP/2003 which have none",
    "if (Matches(Key(i + 1000000000, buffer))) {",
    "see https://curl.se/bug/?i=10518 and i = 10518",
    "rows = load(second, \"prices2.json\")",
    "double ms = (double)token * 1000 / (p->sim->profile->tokps);",
    "kv_read(ask->model, r->full_tokens) * (double)bits_x2 / KV_F16_X2;",
    "   162\tdef pass_obj(runner):\n   163\t    @click.group()\n   164\t    def f():",
    "Pass a long as parameter set to 1L to enable",
    "class A:\n    @classmethod\n    def f(cls):\n        return cls.g()\n\n    "
    "@staticmethod\n    def g():\n        return A.f()\n",
    "CLUSTER DELSLOTSRANGE 11001 12000 12101 12200",
};
static const struct row values[] = {
    {"password: Opt7ionKx9", "Opt7ionKx9", ACTION_LOCAL},
    {"rodne cislo: 850101/1239", "850101/1239", ACTION_LOCAL},
    {"token admin / Brg7Kx92mQ", "Brg7Kx92mQ", ACTION_LOCAL},
    {"I-94: 12345678901", "12345678901", ACTION_LOCAL},
    {"password: sunnyGarden2", "sunnyGarden2", ACTION_LOCAL},
    {"token: kYf81DTWFe7t1VvL7eSjKFVWaUn", "kYf81DTWFe7t1VvL7eSjKFVWaUn", ACTION_LOCAL},
};

static void what_programs_write_where_values_stand_is_none(void **state)
{
    CHECK_CLEAR(no_values);
    CHECK_ROWS(values);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_program_alone_is_not_clinical),
        cmocka_unit_test(places_of_lines_are_no_values),
        cmocka_unit_test(what_programs_write_where_values_stand_is_none),
        cmocka_unit_test(words_of_programs_do_not_make_a_text_clinical),
    };
    return cmocka_run_group_tests(tests, open_scanner, close_scanner);
}
