#include "base/state_bytes.h"

#include "base/words.h"

#define CHUNK_WORDS 4096

vg_code state_put(const struct state_writer *out, const void *bytes, size_t n, vg_err *err)
{
    return n ? out->write(out->ctx, bytes, n, err) : VG_OK;
}

static size_t next_chunk(size_t words) { return words < CHUNK_WORDS ? words : CHUNK_WORDS; }

/* Chunks of words: the number of bytes, then the bytes. */
static vg_code put_words(const struct state_writer *out, const unsigned char *from, size_t words, vg_err *err)
{
    unsigned char bytes[WORDS_ROOM(CHUNK_WORDS)];
    for (size_t n; words > 0; words -= n, from += n * 8) {
        n = next_chunk(words);
        uint32_t size = (uint32_t)words_pack(from, n, bytes);
        VG_TRY(state_put(out, &size, sizeof size, err));
        VG_TRY(state_put(out, bytes, size, err));
    }
    return VG_OK;
}

static vg_code take_words(struct state_reader *in, unsigned char *to, size_t words, vg_err *err)
{
    unsigned char bytes[WORDS_ROOM(CHUNK_WORDS)];
    for (size_t n; words > 0; words -= n, to += n * 8) {
        uint32_t size = 0;
        n = next_chunk(words);
        VG_TRY(state_take(in, &size, sizeof size, err));
        if (size > sizeof bytes) return vg_fail(err, VG_EPARSE, "damaged: a chunk of %u bytes", size);
        VG_TRY(state_take(in, bytes, size, err));
        if (!words_unpack(bytes, size, to, n)) return vg_fail(err, VG_EPARSE, "damaged: packed words");
    }
    return VG_OK;
}

vg_code state_put_struct(const struct state_writer *out, const void *item, size_t size, vg_err *err)
{
    VG_ASSERT(size % 8 == 0);
    return put_words(out, item, size / 8, err);
}

vg_code state_put_array(const struct state_writer *out, const void *items, size_t count, size_t size, vg_err *err)
{
    uint64_t n = count;
    VG_TRY(state_put(out, &n, sizeof n, err));
    return size % 8 ? state_put(out, items, count * size, err) : put_words(out, items, count * (size / 8), err);
}

vg_code state_take(struct state_reader *in, void *bytes, size_t n, vg_err *err)
{
    if (in->left < n) return vg_fail(err, VG_EPARSE, "damaged: it ends too early");
    in->left -= n;
    return n ? in->read(in->ctx, bytes, n, err) : VG_OK;
}

vg_code state_take_struct(struct state_reader *in, void *item, size_t size, vg_err *err)
{
    VG_ASSERT(size % 8 == 0);
    return take_words(in, item, size / 8, err);
}

vg_code state_take_array(struct state_reader *in, void **items, size_t *count, size_t size, vg_err *err)
{
    uint64_t n = 0;
    *items = NULL;
    *count = 0;
    VG_TRY(state_take(in, &n, sizeof n, err));
    uint64_t most = size % 8 ? in->left / size : in->left * WORDS_PER_BYTE / (size / 8);
    if (n > most) return vg_fail(err, VG_EPARSE, "damaged: it ends too early");
    if (n == 0) return VG_OK;
    void *taken = vg_alloc(n * size);
    vg_code rc = size % 8 ? state_take(in, taken, n * size, err) : take_words(in, taken, n * (size / 8), err);
    if (rc) {
        free(taken);
        return rc;
    }
    *items = taken;
    *count = n;
    return VG_OK;
}
