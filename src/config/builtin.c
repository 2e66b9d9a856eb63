/* builtin.c -- what weir serves when nobody has configured it: a simulated local engine
 * and a simulated cloud, so that every role but one has a model.  The prices are those
 * of the models simulated; the answers cost nothing. */
#include "config/config.h"

struct str config_builtin_yaml(void)
{
    return STR("listen: 127.0.0.1:4141\n"
               "engines:\n"
               "  - name: sim-local\n"
               "    kind: sim\n"
               "    side: local\n"
               "    profile: rtx4060-qwen2.5-7b\n"
               "    models: [{name: qwen2.5-7b, context: 32768, caps: [tools, "
               "json_schema]}]\n"
               "  - name: sim-cloud\n"
               "    kind: sim\n"
               "    side: cloud\n"
               "    profile: cloud-gpt-4o-mini\n"
               "    models:\n"
               "      - {name: gpt-4o-mini, context: 128000, price: openai/gpt-4o-mini,\n"
               "         caps: [tools, json_schema, vision]}\n"
               "      - {name: gpt-4o, context: 128000, price: openai/gpt-4o,\n"
               "         caps: [tools, json_schema, vision]}\n"
               "roles: {local_small: qwen2.5-7b, cloud_cheap: gpt-4o-mini, cloud_strong: "
               "gpt-4o}\n");
}
