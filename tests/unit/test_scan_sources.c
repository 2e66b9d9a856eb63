/* test_scan_sources.c -- what tools show an agent of an ordinary repository: programs, with
 * the number of each line or with the place of each hit, tables, lists of changes. */
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
    "Release 4.2\n- bypass the cache (Orla Vanterpool)\n- do not bypass hooks\n- bypasses "
    "of the proxy are logged\n",
    "the tid of a thread; a tid is never 0; free(tid), then tid = tid + 1",
    "a ac accumsan ad adipiscing dolor donec gravida ipsum lorem luctus amet",
    "!function(e,t){var n=bdi(e),r=hoist(t);return rtg(n)?r():t.bdi(e);}(this,window);"
    "function a(e){return hoist(e)?rtg(e):bdi(e)}var b=a(0),c=b(1);for(var d=0;d<c;d++)"
    "{e(d);f(d)}if(g){h(i);j(k)}else{l(m)};function o(p){return q(r)(s);}t=u(v);w=x(y);"
    "function z(e){return e(a)?b(c):d(e)}var f=g(0),h=i(1);for(var j=0;j<k;j++){l(m);n(o)}"
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_program_alone_is_not_clinical),
        cmocka_unit_test(words_of_programs_do_not_make_a_text_clinical),
    };
    return cmocka_run_group_tests(tests, open_scanner, close_scanner);
}
