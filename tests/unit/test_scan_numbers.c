/* test_scan_numbers.c -- numbers in the lists of a body: which may be a text to a model.
 */
#include "scanning.h"

static const char *const ids[] = {
    "{\"prompt\":[5159,18679,45,374]}",
    "{\"prompt\":[[5159,18679],[45,374]]}",
    "{\"prompt\":[\"My\",18679,\"is\"]}",
    "{\"prompt\":[5159.0]}",
    "{\"input\":[5159]}",
    "{\"input\":[\"plain\",[5159]]}",
    "{\"input\":{\"a\":[[[5159]]]}}",
    "{\"messages\":[],\"prompt_token_ids\":[1,2]}",
    "{\"input_ids\":[[1]]}",
    "{\"extra_body\":{\"prompt_token_ids\":[1,2]}}",
    "{\"messages\":[{\"content\":[{\"type\":\"text\",\"text\":"
    "[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16]}]}]}",
    "{\"messages\":[{\"content\":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16]}]}",
    "{\"nobody_knows\":[1,2,3,4,5,6,7,8,[9,10,11,12],13,14,15,16,17]}",
    /* In pieces, in objects, under names that say what they are. */
    "{\"nobody_knows\":[5159,18679,45,374,220,22]}",
    "{\"nobody_knows\":[[5159,18679],{\"a\":[45]},[[374]],{\"b\":[220,22]}]}",
    "{\"nobody_knows\":{\"a\":[5159,18679],\"b\":[45,374],\"c\":[220,22]}}",
    "{\"nobody_knows\":[{\"t\":5159},{\"t\":18679},{\"t\":45},{\"t\":374},"
    "{\"t\":22},{\"t\":23}]}",
    "{\"nobody_knows\":[5159.0,1.8679e4,45,374e0,220,2.2e1]}",
    "{\"nobody_knows\":[5,3,6,2,2,8,7,2,6,1,1,1,1,1,1,1]}",
    "{\"nobody_knows\":{\"arguments\":[5159,18679,45,374,220,22]}}",
    "{\"nobody_knows\":[-5159,-18679,-45,-374,-220,-22]}",
    "{\"prefix_token_ids\":[5159]}",
    "{\"Prefix_Token_Ids\":[5159]}",
    "{\"prefix_token_id\\u0073\":[5159]}",
    "{\"arguments\":[5159,18679,45,374,220,22]}",
    "{\"schema\":{\"enum\":[5159,18679,45,374,220,22]}}",
    "{\"parameters\":{\"input_ids\":[5159]}}",
    "{\"nobody_knows\":{\"enum\":[5159,18679,45],\"seed\":[374,220,22]}}",
    "{\"decoder_input_ids\":[[5159]]}",
    "{\"options\":{\"prompt_ids\":[5159]}}",
    "{\"nobody_knows\":{\"token_ids\":[1]}}",
    "{\"messages\":[{\"x\":[5159,18679,45]},{\"x\":[374,220,22]},{\"x\":[11,12,13]},"
    "{\"x\":[5159,18679,45]},{\"x\":[374,220,22]},{\"x\":[11,12,13]},"
    "{\"x\":[5159,18679,45]},{\"x\":[374,220,22]}]}",
    "{\"messages\":[{\"content\":[{\"x\":[5159,18679]},{\"y\":[45,374,220,22,23,24]}]"
    "}]}",
    "{\"coordinates\":[[5159,18679,45,374,220,22,5159,18679,45,374,220,22,11,12,13,"
    "14],"
    "[5159,18679,45,374,220,22,5159,18679,45,374,220,22,11,12,13,14],[5159,18679,45,"
    "374,220,22,5159,18679,45,374,220,22,11,12,13,14]]}",
};

static const char *const others[] = {
    "{\"prompt\":\"5159\"}",
    "{\"input\":[\"a\",\"b\"]}",
    "{\"prompt\":[]}",
    "{\"stop_token_ids\":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17]}",
    "{\"logit_bias\":[[1,2],[3,4],[5,6],[7,8],[9,10],[11,12],[13,14],[15,16]]}",
    "{\"tools\":[{\"enum\":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17]}]}",
    "{\"messages\":[{\"tool_calls\":[{\"function\":{\"arguments\":{\"a\":"
    "[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17]}}}]}]}",
    "{\"messages\":[{\"a\":[1,2,3,4,5,6,7,8]},{\"a\":[1,2,3,4,5,6,7,8]},{\"a\":[1]}]"
    "}",
    "{\"messages\":[{\"content\":[{\"type\":\"tool_use\",\"input\":{\"at\":[1,2]}}]}]"
    "}",
    "{\"nobody_knows\":[1,2,3]}",
    "{\"seed\":123456789,\"seeds\":[11,12,13]}",
    "{\"user_location\":{\"coordinates\":[52.520008,13.404954]}}",
    "{\"geometry\":{\"coordinates\":[[[10,10],[20,10],[20,20],[10,20],[10,10]]]}}",
    "{\"sampler_order\":[6,0,1,3,4,2,5],\"top_ks\":[10,20,40,80]}",
    "{\"temperatures\":[0.1,0.25,0.5,0.75,1.0,1.25]}",
    "{\"logit_bias\":{\"15043\":1,\"15044\":2,\"15045\":-100,\"15046\":1,\"1\":1}}",
    "{\"response_format\":{\"json_schema\":{\"schema\":{\"enum\":"
    "[100,200,300,400,500,600,700]}}}}",
    "{\"format\":{\"properties\":{\"n\":{\"enum\":[100,200,300,400,500,600,700]}}}}",
    "{\"lora\":[{\"id\":0,\"scale\":0.5},{\"id\":1,\"scale\":0.75}]}",
    "{\"options\":{\"num_ctx\":8192,\"num_keep\":24,\"seed\":42,\"top_k\":40}}",
    "{\"messages\":[{\"annotations\":[{\"url_citation\":{\"start_index\":100,"
    "\"end_index\":200}},{\"url_citation\":{\"start_index\":300,\"end_index\":400}},"
    "{\"url_citation\":{\"start_index\":500,\"end_index\":600}},{\"url_citation\":"
    "{\"start_index\":700,\"end_index\":800}}]}]}",
    "{\"messages\":[{\"tool_calls\":[{\"function\":{\"arguments\":"
    "\"{\\\"a\\\":[5159,18679,45,374,220,22]}\"}}]}]}",
    "{\"messages\":[{\"content\":[{\"type\":\"tool_use\",\"input\":{\"at\":"
    "[5159,18679,45,374,220,22]}}]}]}",
    "{\"messages\":[{\"content\":[{\"bbox\":[10,20,300,400]},{\"bbox\":[11,22,33,44]}"
    "]}]}",
    "{\"image_size\":[1024,768],\"size\":[512,512]}",
};

static void lists_that_a_model_reads_are_undecodable(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
        struct findings f = found_in(state, ids[i]);
        if (!f.is_undecodable || !f.has_token_ids)
            fail_msg("read as something else: %s", ids[i]);
    }
}

static void ordinary_numbers_hold_nothing(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        if (found_in(state, others[i]).is_undecodable)
            fail_msg("held for nothing: %s", others[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(lists_that_a_model_reads_are_undecodable,
                                        open_scanner, close_scanner),
        cmocka_unit_test_setup_teardown(ordinary_numbers_hold_nothing, open_scanner,
                                        close_scanner),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
