/* part_read.h: rows of the lake, streamed as columns.
 *
 * Rows in the order in which they are stored come from our own reader, a row group at a time
 * (parquet_read.h says what it holds). Where rows are sorted or chosen, and for files that are not as
 * vigil writes them, DuckDB reads and hands out 2048 rows at a time; it holds no more than that, unless
 * it sorts, which spills to disk when it must. So callers take batches of any size.
 */
#ifndef VIGIL_LAKE_PART_READ_H
#define VIGIL_LAKE_PART_READ_H

#include "lake/lake.h"
#include "model/fill_batch.h"

struct part_reader;

enum read_order {
    READ_AS_STORED, /* part after part; in a part by trader, block and event */
    READ_BY_BLOCK,  /* all rows by block and event */
    READ_BY_TRADER, /* all rows by trader, block and event: the order of a part */
};

struct read_options {
    const struct part_list *parts; /* fills */
    uint64_t columns;              /* bit per enum fill_column; 0: all */
    const char *user;              /* only this address, "0x…"; NULL: everybody */
    const char *condition;         /* further SQL condition, never from outside; NULL: none */
    enum read_order order;
    unsigned threads;    /* of DuckDB */
    unsigned memory_mib; /* of DuckDB, mostly for sorting; beyond it spills; 0: 1024 */
};

#define COLUMN_BIT(column) (UINT64_C(1) << (column))

/* The lake outlives the reader. */
VG_MUST_USE vg_code part_reader_new(struct part_reader **reader, const struct lake *lake,
                                    const struct read_options *options, vg_err *err);

/* Begins with other parts; only for a reader made with READ_AS_STORED, without user and condition. It
 * keeps its memory that way. */
void part_reader_again(struct part_reader *reader, const struct lake *lake, const struct part_list *parts);

/* batch->n is 0 at the end. */
VG_MUST_USE vg_code part_reader_next(struct part_reader *reader, struct fill_batch *batch, vg_err *err);
void part_reader_free(struct part_reader *reader);

/* Blocks of the listed parts, by number and first_event, through a callback. */
VG_MUST_USE vg_code part_read_blocks(const struct lake *lake, const struct part_list *parts,
                                     vg_code (*block)(void *ctx, const struct block *block, vg_err *err), void *ctx,
                                     vg_err *err);

/* Appends "read_parquet(['a.parquet', …])", or an empty relation with the table's columns when the
 * list is empty: FROM-clause of any query over parts. */
void part_list_sql(const struct lake *lake, enum lake_table table, const struct part_list *parts, vg_buf *sql);

#endif
