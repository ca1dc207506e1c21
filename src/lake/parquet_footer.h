/* parquet_footer.h: what our Parquet files say about themselves: where each column of each row group lies.
 *
 * Only what parquet.c writes is taken, field by field. Input is not trusted: places lie within the file,
 * and rows add up. Memory: at most twice the footer.
 */
#ifndef VIGIL_LAKE_PARQUET_FOOTER_H
#define VIGIL_LAKE_PARQUET_FOOTER_H

#include "base/arena.h"
#include "base/buf.h"
#include "model/schema.h"

/* The pages of a column in a row group. */
struct parquet_chunk {
    uint64_t start, size;
    uint64_t values, nulls; /* values: NULLs included */
};

/* The least and the largest value of a row group, as they are stored; p NULL: not known. */
struct parquet_bounds {
    vg_slice least, largest;
};

struct parquet_footer {
    size_t *rows; /* by group */
    size_t groups;
    struct parquet_chunk *chunks;  /* by group and column */
    struct parquet_bounds *bounds; /* of one column, by group */
    struct arena texts;            /* of the bounds */
};

/* The last bytes of every file: the length of the footer and the magic. */
#define PARQUET_TAIL_BYTES 8

/* What a file must be to be taken: of this table, with at most so many rows a group. */
struct parquet_kind {
    const struct column *columns;
    size_t n;
    const char *table;
    size_t group_rows;
    size_t bounded; /* the column whose bounds are kept */
};

/* Reads the footer, which begins at `at` in the file. VG_ESTATE: it is not what our writer writes for this kind. */
VG_MUST_USE vg_code parquet_footer_read(struct parquet_footer *footer, vg_slice bytes, uint64_t at,
                                        const struct parquet_kind *kind, vg_err *err);
void parquet_footer_release(struct parquet_footer *footer);

struct parquet_page {
    size_t raw, values;
    vg_slice bytes; /* compressed: `raw` when not */
};

/* Takes the next page from a chunk's bytes. False: it is not of this kind and encoding, or cut. */
VG_MUST_USE bool parquet_page_read(vg_slice *chunk, int kind, int32_t encoding, struct parquet_page *page);

#endif
