/* fuzz_config.c -- any bytes as a weir.yaml: a snapshot or faults, never both nor
 * neither; the same bytes say the same twice; and what a snapshot promises holds. */
#include "config/config.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static const char *fake_env(const char *name)
{
    require(name[0] != '\0');
    return strcmp(name, "HOME") == 0 ? "/h/ann" : name[0] == 'K' ? "secret" : NULL;
}

static void check_engine(const struct config *c, const struct config_engine *e)
{
    require(e->name.n > 0 && e->nmodels > 0 && e->identity.n > 0);
    require(e->base_path.n > 1 && e->base_path.p[0] == '/');
    require(config_engine_find(c, e->name) == e);
    require(e->host.n > 0 ? e->port > 0 : e->kind == ENGINE_SIM);
    for (size_t i = 0; i < e->api_key.n; i++)
        require(e->api_key.p[i] > ' ' && e->api_key.p[i] < 0x7f);
    for (size_t i = 0; i < e->nmodels; i++) {
        require(e->models[i].engine == e && e->models[i].name.n > 0);
        require(c->models[e->models[i].index] == &e->models[i]);
        require(e->side == SIDE_LOCAL || e->models[i].is_cloud);
    }
}

static void check_config(const struct config *c)
{
    require(c->nengines > 0 && c->nengines <= CONFIG_MAX_ENGINES);
    require(c->nmodels > 0 && c->nmodels <= CONFIG_MAX_MODELS);
    require(c->workers >= 1 && c->workers <= 64 && c->listen.n > 0 && c->state_dir.n > 0);
    for (size_t i = 0; i < c->nengines; i++)
        check_engine(c, &c->engines[i]);
    for (int r = ROLE_NONE + 1; r < ROLE_COUNT; r++)
        if (c->roles[r])
            require(c->roles[r]->is_cloud == (r >= ROLE_CLOUD_CHEAP));
    for (size_t i = 0; i < c->naliases; i++)
        require(c->aliases[i].from.n > 0 && c->aliases[i].to.n > 0);
    for (size_t i = 0; i < c->nkeys; i++)
        require(c->keys[i].id == i + 1 && c->keys[i].name.n > 0);
}

static void read_once(struct str text, struct buf *ret_faults)
{
    struct config_faults faults;
    config_faults_init(&faults);
    buf_init(ret_faults, 8 << 20);
    struct config *c = config_parse(text, "f", fake_env, &faults);
    require((c == NULL) == (faults.nerrors > 0));
    if (c)
        check_config(c);
    config_faults_print(&faults, "f", ret_faults);
    for (size_t i = 0; i < ret_faults->n; i++)
        require(ret_faults->p[i] == '\n' || (unsigned char)ret_faults->p[i] >= ' ');
    config_unref(c);
    config_faults_release(&faults);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = {(const char *)data, size};
    struct buf once, twice;
    read_once(text, &once);
    read_once(text, &twice);
    require(str_eq(buf_view(&once), buf_view(&twice)));
    buf_release(&once);
    buf_release(&twice);
    return 0;
}
