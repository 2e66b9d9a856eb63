/* adapter_file.c -- see adapter_file.h. */
#include "route/learned/adapter_file.h"

#include "core/hash.h"

#include <math.h>
#include <string.h>

struct file {
    char magic[8];
    uint32_t version, size, weights;
    struct adapter a;
    uint32_t crc;
};
_Static_assert(sizeof(struct file) == ADAPTER_FILE_BYTES, "no gaps");

static const char magic[8] = {'W', 'E', 'I', 'R', 'A', 'D', 'P', 'T'};

static uint32_t crc_of(const struct file *f)
{
    return crc32c(0, (struct str){(const char *)f, offsetof(struct file, crc)});
}

void adapter_write(const struct adapter *a, uint32_t weights, struct buf *out)
{
    struct file f = {
        .version = ADAPTER_VERSION, .size = ADAPTER_SIZE, .weights = weights, .a = *a};
    memcpy(f.magic, magic, sizeof magic);
    f.crc = crc_of(&f);
    buf_append(out, (struct str){(const char *)&f, sizeof f});
}

static int refuse(struct err *err, const char *why)
{
    return err_set(err, ERR_CONFIG, "router_adapter",
                   "this is no adapter that this weir can use: %s; make it anew with: "
                   "weir train router --ledger",
                   why);
}

int adapter_open(struct adapter *a, uint32_t weights, struct str bytes, struct err *err)
{
    struct file f;
    if (bytes.n < sizeof f.magic || memcmp(bytes.p, magic, sizeof magic) != 0)
        return refuse(err, "it does not begin with WEIRADPT");
    if (bytes.n != sizeof f)
        return refuse(err, bytes.n < sizeof f ? "it is cut off" : "it is too long");
    memcpy(&f, bytes.p, sizeof f);
    if (f.version != ADAPTER_VERSION || f.size != ADAPTER_SIZE)
        return refuse(err, "it is of another version");
    if (f.crc != crc_of(&f))
        return refuse(err, "it is damaged");
    for (size_t k = 0; k < ADAPTER_SIZE; k++)
        if (!isfinite(f.a.x[k]))
            return refuse(err, "it has weights that are no numbers");
    if (f.weights != weights)
        return refuse(err, "it was fitted to other weights than those in use");
    *a = f.a;
    return 0;
}
