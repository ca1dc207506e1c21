#include "base/state_bytes.h"

vg_code state_put(const struct state_writer *out, const void *bytes, size_t n, vg_err *err)
{
    return n ? out->write(out->ctx, bytes, n, err) : VG_OK;
}

vg_code state_put_array(const struct state_writer *out, const void *items, size_t count, size_t size, vg_err *err)
{
    uint64_t n = count;
    VG_TRY(state_put(out, &n, sizeof n, err));
    return state_put(out, items, count * size, err);
}

vg_code state_take(struct state_reader *in, void *bytes, size_t n, vg_err *err)
{
    if (in->left < n) return vg_fail(err, VG_EPARSE, "damaged: it ends too early");
    in->left -= n;
    return n ? in->read(in->ctx, bytes, n, err) : VG_OK;
}

vg_code state_take_array(struct state_reader *in, void **items, size_t *count, size_t size, vg_err *err)
{
    uint64_t n = 0;
    *items = NULL;
    *count = 0;
    VG_TRY(state_take(in, &n, sizeof n, err));
    if (n > in->left / size) return vg_fail(err, VG_EPARSE, "damaged: it ends too early");
    if (n == 0) return VG_OK;
    void *taken = vg_alloc(n * size);
    vg_code rc = state_take(in, taken, n * size, err);
    if (rc) {
        free(taken);
        return rc;
    }
    *items = taken;
    *count = n;
    return VG_OK;
}
