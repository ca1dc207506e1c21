#include "flow/export.h"

#include "base/opt.h"
#include "base/pool.h"
#include "ingest/fill_print.h"
#include "lake/part_read.h"

/* Fills come in block order from a stream of batches; blocks come by callback. */
struct exporter {
    const struct export_options *options;
    struct export_report *report;
    struct part_reader *reader;
    struct fill_batch batch;
    size_t row;
    struct fill fill; /* the fill at hand */
    bool has_fill;
    vg_buf out;
};

static vg_code next_fill(struct exporter *x, vg_err *err)
{
    if (x->has_fill) x->row++;
    if (x->row == x->batch.n) {
        VG_TRY(part_reader_next(x->reader, &x->batch, err));
        x->row = 0;
        if (vg_cancelled()) return vg_fail(err, VG_ECANCEL, "stopped on request");
        vg_progress_add(x->options->progress, x->batch.n, x->batch.n);
    }
    x->has_fill = x->batch.n > 0;
    return x->has_fill ? batch_fill(&x->batch, x->row, &x->fill, err) : VG_OK;
}

static vg_code flush(struct exporter *x, vg_err *err)
{
    if (fwrite(vg_buf_str(&x->out), 1, x->out.len, x->options->output) != x->out.len)
        return vg_fail_errno(err, "writing %s", x->options->output_name);
    vg_buf_clear(&x->out);
    return VG_OK;
}

static vg_code end_line(struct exporter *x, vg_err *err)
{
    vg_buf_addc(&x->out, '\n');
    x->report->lines++;
    return x->out.len > (1u << 20) ? flush(x, err) : VG_OK;
}

/* A node_trades row has no direction; a legacy row always has one. */
static bool is_trade_row(const struct fill *fill) { return !(fill->has & FILL_HAS_DIRECTION); }

/* The seller's row is the next one; the buyer's texts are copied before the batch may move on. */
static vg_code trade_line(struct exporter *x, vg_err *err)
{
    struct arena arena = {0};
    struct fill fills[2] = {x->fill};
    fills[0].coin.p = arena_copy(&arena, fills[0].coin.p, fills[0].coin.n);
    fills[0].extra.p = arena_copy(&arena, fills[0].extra.p, fills[0].extra.n);
    vg_code rc = next_fill(x, err);
    if (!rc && (!x->has_fill || x->fill.event_index != fills[0].event_index + 1 || !is_trade_row(&x->fill)))
        rc = vg_fail(err, VG_ESTATE, "the trade of line %u has no seller", fills[0].event_index / 2 + 1);
    if (!rc) {
        fills[1] = x->fill;
        x->report->fills += 2;
        rc = trade_print(fills, &x->out, err);
    }
    arena_release(&arena);
    return rc;
}

static vg_code surrogate_lines(struct exporter *x, vg_err *err)
{
    while (x->has_fill && is_surrogate_block(x->fill.block_number)) {
        if (is_trade_row(&x->fill)) {
            VG_TRY(trade_line(x, err));
        } else {
            x->report->fills++;
            VG_TRY(fill_print(&x->fill, FORM_LEGACY, &x->out, err));
        }
        VG_TRY(end_line(x, err));
        VG_TRY(next_fill(x, err));
    }
    return VG_OK;
}

/* The events of [from, to) of a block that are in the lake, separated by commas. */
static vg_code events(struct exporter *x, int64_t block, uint32_t from, uint32_t to, vg_err *err)
{
    bool first = true;
    while (x->has_fill && x->fill.block_number == block && x->fill.event_index < to) {
        if (x->fill.event_index < from)
            return vg_fail(err, VG_ESTATE, "block %lld: event %u is in the lake twice", (long long)block,
                           x->fill.event_index);
        if (!first) vg_buf_addc(&x->out, ',');
        first = false;
        x->report->fills++;
        VG_TRY(fill_print(&x->fill, FORM_BLOCKS, &x->out, err));
        VG_TRY(next_fill(x, err));
    }
    return VG_OK;
}

static vg_code block_lines(void *ctx, const struct block *block, vg_err *err)
{
    struct exporter *x = ctx;
    if (x->has_fill && x->fill.block_number < block->number)
        return vg_fail(err, VG_ESTATE, "block %lld has fills but no row in the table of blocks",
                       (long long)x->fill.block_number);
    bool streaming = block->lines > 1;
    uint32_t at = block->first_event, end = block->first_event + block->events;
    for (uint32_t line = 0; line < block->lines; line++) {
        uint32_t next = streaming ? at + 1 : end;
        block_print_head(block, &x->out);
        VG_TRY(events(x, block->number, at, next, err));
        vg_buf_adds(&x->out, "]}");
        VG_TRY(end_line(x, err));
        at = next;
    }
    return VG_OK;
}

vg_code export_run(const struct export_options *options, struct export_report *report, vg_err *err)
{
    struct lake lake;
    struct part_list fills, blocks;
    struct exporter x = {.options = options, .report = report};
    int32_t from = options->from == VG_NO_DATE ? INT32_MIN : options->from;
    int32_t to = options->to == VG_NO_DATE ? INT32_MAX : options->to;
    *report = (struct export_report){0};
    VG_TRY(lake_open(&lake, options->lake, LAKE_READ, err));
    manifest_live_parts(&lake.manifest, TABLE_FILLS, from, to, &fills);
    manifest_live_parts(&lake.manifest, TABLE_BLOCKS, from, to, &blocks);
    for (size_t i = 0; i < fills.n && options->progress; i++)
        options->progress->total += fills.items[i].rows;
    struct read_options read = {.parts = &fills, .order = READ_BY_BLOCK, .threads = vg_processors()};
    vg_code rc = part_reader_new(&x.reader, &lake, &read, err);
    if (!rc) rc = next_fill(&x, err);
    if (!rc) rc = surrogate_lines(&x, err);
    if (!rc) rc = part_read_blocks(&lake, &blocks, block_lines, &x, err);
    if (!rc && x.has_fill)
        rc = vg_fail(err, VG_ESTATE, "block %lld has fills but no row in the table of blocks",
                     (long long)x.fill.block_number);
    if (!rc) rc = flush(&x, err);
    part_reader_free(x.reader);
    vg_buf_release(&x.out);
    part_list_release(&fills);
    part_list_release(&blocks);
    lake_close(&lake);
    return rc;
}
