/* me.c -- GET /weir/api/me: whom the page is shown to, and which weir shows it. */
#include "core/clock.h"
#include "gateway/door.h"
#include "gateway/pages.h"
#include "web/room.h"

#include <time.h>

int web_utc_offset_min(uint64_t wall_ms)
{
    time_t at = (time_t)(wall_ms / 1000);
    struct tm local;
    return localtime_r(&at, &local) ? (int)(local.tm_gmtoff / 60) : 0;
}

static bool has_cloud(const struct config *c)
{
    for (size_t i = 0; i < c->nengines; i++)
        if (c->engines[i].side == SIDE_CLOUD)
            return true;
    return false;
}

void web_me(struct request *r)
{
    const struct server *s = r->worker->server;
    uint64_t now = clock_wall_ms();
    struct json_writer w;
    struct buf out;
    buf_init(&out, 8192);
    json_writer_init(&w, &out);
    json_object_open(&w);
    web_key_str(
        &w, "role",
        str_of(door_role_name(r->head->visit.may_operate ? DOOR_OPERATE : DOOR_VIEW)));
    web_key_str(&w, "version", STR(WEIR_VERSION));
    web_key_u64(&w, "port", s->port);
    web_key_str(&w, "state", str_of(r->worker->is_draining ? "draining" : "serving"));
    web_key_str(&w, "state_dir", str_of(s->state_dir));
    web_key_bool(&w, "is_usual_state_dir", r->setup->config->is_default_state_dir);
    web_key_bool(&w, "has_cloud", has_cloud(r->setup->config));
    web_key_u64(&w, "now_ms", now);
    web_key_i64(&w, "utc_offset_min", web_utc_offset_min(now));
    json_object_close(&w);
    page_answer_with(r, out.failed ? 500 : 200, STR("application/json"),
                     STR("cache-control: no-store\r\n"), &out);
    buf_release(&out);
}
