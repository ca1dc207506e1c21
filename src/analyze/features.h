/* features.h: fills in, tables of traders, days, coins and episodes out.
 *
 * The caller feeds one UTC day after the other. Of a day he feeds prices first (features_add_prints, in
 * any order, then features_settle_prints), also those of the hour after the rows at hand, because
 * markouts look ahead; then the rows, by trader, block and event, in groups that follow each other in
 * time. What is computed does not depend on how rows are cut into groups. Rows whose hour ahead is not
 * known yet wait for it, and count without it in what is printed meanwhile.
 * Definitions: model/feature_schema.h.
 *
 * Memory: about 2.7 KiB a trader, about 520 bytes for each coin of a trader, 56 bytes for each order of the last four
 * days.
 */
#ifndef VIGIL_ANALYZE_FEATURES_H
#define VIGIL_ANALYZE_FEATURES_H

#include "base/state_bytes.h"
#include "model/feature_schema.h"
#include "model/feature_value.h"
#include "model/fill_batch.h"

/* Takes one row of a table; the values live until it returns. */
struct feature_sink {
    void *ctx;
    vg_code (*row)(void *ctx, enum feature_table table, const struct feature_value *values, vg_err *err);
};

struct features;

/* Only traders of one shard are kept, by hash of the address; prices and `coin_daily` of the others' rows
 * are not in it either. shards 1: everybody. */
struct features *features_new(unsigned shard, unsigned shards);
void features_free(struct features *features);

/* What the two kinds of batches must hold. */
uint64_t features_print_columns(void);
uint64_t features_columns(void);

void features_add_prints(struct features *features, const struct fill_batch *batch);
void features_settle_prints(struct features *features, int32_t day);

/* The rows that come now begin at this time: older prices are not asked for any more. VG_ELIMIT when an exact sum
 * leaves 128 bits: names the row. */
VG_MUST_USE vg_code features_begin_group(struct features *features, int64_t time_ms, vg_err *err);
VG_MUST_USE vg_code features_add(struct features *features, const struct fill_batch *batch, vg_err *err);
VG_MUST_USE vg_code features_end_group(struct features *features, vg_err *err);

/* The day is over: its rows of trader_daily, coin_daily and episodes, ordered by trader or coin. */
VG_MUST_USE vg_code features_close_day(struct features *features, int32_t day, const struct feature_sink *sink,
                                       vg_err *err);

/* traders, positions and trader_coins as they stand after the last closed day, ordered by trader. */
VG_MUST_USE vg_code features_print(const struct features *features, const struct feature_sink *sink, vg_err *err);

/* Of everybody at the end of `day`, which is closed and the last one that was fed: net profit of perps, marked to
 * market, up to then, days without a fill, which `traders` counts when the trader comes back, among it; and the signed
 * worth of his perp positions. VG_ELIMIT: a sum leaves 128 bits. */
VG_MUST_USE vg_code features_marked(const struct features *features, int32_t day,
                                    void (*take)(void *ctx, vg_slice user, vg_dec20 total, vg_dec20 worth), void *ctx,
                                    vg_err *err);

/* The coin's last price up to the end of a day that was fed; false: it had none. */
bool features_close_price(const struct features *features, vg_slice coin, int32_t day, vg_dec *price);

/* The episodes that ended since the day began or since the last call; features_save wants them gone. */
size_t features_episodes_waiting(const struct features *features);
VG_MUST_USE vg_code features_flush_episodes(struct features *features, const struct feature_sink *sink, vg_err *err);

/* Between groups: the whole state as bytes; features_load, on a new object with the same shard, makes it
 * of them again. VG_EPARSE when they are damaged or of another version. */
VG_MUST_USE vg_code features_save(const struct features *features, const struct state_writer *out, vg_err *err);
VG_MUST_USE vg_code features_load(struct features *features, struct state_reader *in, vg_err *err);

#endif
