/* fill_sort.h: any number of fills into the order of the lake, in bounded memory.
 *
 * Order: day of block_time, then trader, then block and event. Fills gather in memory as packed rows;
 * when `run_bytes` are full, the run is sorted and spilled, and runs are merged at the end. Spill
 * files have no name from the moment they are made, so a killed process leaves none behind.
 *
 * A run is ordered by counting: rows come in block order already, so they only have to be dealt out
 * to their traders, whose number is small.
 */
#ifndef VIGIL_LAKE_FILL_SORT_H
#define VIGIL_LAKE_FILL_SORT_H

#include "model/fill.h"

struct fill_sorter;

/* `spill_directory` must outlive the sorter. Memory: run_bytes, a fifth of that for the index, and
 * 16 MiB while merging. */
struct fill_sorter *fill_sorter_new(const char *spill_directory, size_t run_bytes);
void fill_sorter_free(struct fill_sorter *sorter);

VG_MUST_USE vg_code fill_sorter_add(struct fill_sorter *sorter, const struct fill *fill, vg_err *err);

/* Ends adding; reading starts at the first row. */
VG_MUST_USE vg_code fill_sorter_finish(struct fill_sorter *sorter, vg_err *err);

/* The row at hand, NULL at the end. The fill and its slices live until fill_sorter_pop and the next
 * fill_sorter_peek. */
VG_MUST_USE vg_code fill_sorter_peek(struct fill_sorter *sorter, const struct fill **fill, vg_err *err);

/* Steps over the row at hand. */
void fill_sorter_pop(struct fill_sorter *sorter);

/* Forgets all rows; ready for the next object. */
void fill_sorter_clear(struct fill_sorter *sorter);

#endif
