#include "serve/gzip.h"

#include <zlib.h>

#define LEVEL 5        /* between 1 and 6 the size falls by a sixth; beyond, time only */
#define WINDOW_GZIP 31 /* 15 bits of window, and 16: gzip's own frame */

void gzip_add(vg_buf *out, vg_slice bytes)
{
    z_stream z = {0};
    if (deflateInit2(&z, LEVEL, Z_DEFLATED, WINDOW_GZIP, 8, Z_DEFAULT_STRATEGY) != Z_OK) VG_BUG("no memory for gzip");
    size_t room = deflateBound(&z, bytes.n);
    VG_ASSERT(bytes.n <= UINT32_MAX && room <= UINT32_MAX);
    vg_buf_reserve(out, room);
    z.next_in = (Bytef *)bytes.p;
    z.avail_in = (uInt)bytes.n;
    z.next_out = (Bytef *)out->data + out->len;
    z.avail_out = (uInt)room;
    if (deflate(&z, Z_FINISH) != Z_STREAM_END) VG_BUG("gzip has not ended");
    out->len += z.total_out;
    out->data[out->len] = '\0';
    deflateEnd(&z);
}
