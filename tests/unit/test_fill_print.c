#include "ingest/fill_print.h"

#include "simulate/simulate.h"
#include "support.h"

static struct arena arena;
static vg_err err;

static void comes_back(vg_slice text, enum fill_form form)
{
    struct fill fill;
    vg_buf out = {0};
    if (!fill_read(text, form, &fill, &arena, &err)) fail_msg("%s: %.*s", err.msg, (int)text.n, text.p);
    assert_int_equal(fill_print(&fill, form, &out, &err), VG_OK);
    assert_slice(vg_buf_view(&out), text);
    vg_buf_release(&out);
    arena_clear(&arena);
}

static void block_line_comes_back(vg_slice line)
{
    size_t n;
    vg_slice *events = line_events(line, &n);
    for (size_t i = 0; i < n; i++)
        comes_back(events[i], FORM_BLOCKS);
    free(events);
}

static void every_real_event_prints_as_it_was(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(block_samples); i++) {
        vg_buf text = read_sample(block_samples[i]);
        vg_slice rest = vg_buf_view(&text), line;
        while (next_line(&rest, &line))
            block_line_comes_back(line);
        vg_buf_release(&text);
    }
    size_t lines = 0;
    for (size_t i = 0; i < COUNT(legacy_samples); i++) {
        vg_buf text = read_sample(legacy_samples[i]);
        vg_slice rest = vg_buf_view(&text), line;
        for (; next_line(&rest, &line); lines++)
            comes_back(line, FORM_LEGACY);
        vg_buf_release(&text);
    }
    assert_int_equal(lines, 12799 + 500 + 50 + 24);
}

static void every_real_block_line_prints_as_it_was(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(block_samples); i++) {
        vg_buf text = read_sample(block_samples[i]);
        vg_slice rest = vg_buf_view(&text), line;
        while (next_line(&rest, &line)) {
            struct recorder r = {0};
            vg_buf out = {0};
            assert_int_equal(record(&r, "x", line, 0), VG_OK);
            assert_int_equal(r.block_count, 1);
            block_print_head(&r.blocks[0], &out);
            for (size_t k = 0; k < r.fill_count; k++) {
                if (k) vg_buf_addc(&out, ',');
                assert_int_equal(fill_print(&r.fills[k], FORM_BLOCKS, &out, &err), VG_OK);
            }
            vg_buf_adds(&out, "]}");
            assert_slice(vg_buf_view(&out), line);
            vg_buf_release(&out);
            recorder_release(&r);
        }
        vg_buf_release(&text);
    }
}

static void every_simulated_event_prints_as_it_was(void **state)
{
    (void)state;
    char *folder = new_folder();
    struct simulate_options options = {
        .fills = 4000, .traders = 60, .seed = 3, .first_day = SIMULATE_DATE, .days = 2, .output = folder};
    struct simulate_result result;
    struct object_list list = {0};
    uint64_t fills = 0;
    assert_int_equal(simulate_market(&options, &result, &err), VG_OK);
    char *hours = vg_path_join(folder, "node_fills_by_block");
    assert_int_equal(source_files_list(hours, &list, &err), VG_OK);
    for (size_t i = 0; i < list.n; i++) {
        struct stream stream;
        assert_int_equal(source_files_open(&list.items[i], &stream, &err), VG_OK);
        struct lines *lines = lines_new(&stream, list.items[i].location);
        struct line line;
        bool more = true;
        while (!lines_next(lines, &line, &more, &err) && more) {
            size_t n;
            free(line_events(line.text, &n));
            fills += n;
            block_line_comes_back(line.text);
        }
        lines_free(lines);
        stream_close(&stream);
    }
    assert_true(fills == result.fills && fills >= 3999);
    free(hours);
    object_list_release(&list);
    remove_tree(folder);
}

#define USER "0xc5ed45f2d5bd1b1a4ec9d3a9a4a8fb5a0a4c4e01"
#define HASH "0xf55e0af98b384c4bf6d70437125f0902031600df263b6b1e9926b64c4a3c2636"
#define EVENT(px, position, pnl, fee, after_crossed, tail)                                                      \
    "[\"" USER "\",{\"coin\":\"BTC\",\"px\":\"" px "\",\"sz\":\"0.01\",\"side\":\"B\",\"time\":1773532799991,"  \
    "\"startPosition\":\"" position "\",\"dir\":\"Open Long\",\"closedPnl\":\"" pnl "\",\"hash\":\"" HASH "\"," \
    "\"oid\":5,\"crossed\":false,\"fee\":\"" fee "\"" after_crossed ",\"tid\":7" tail "}]"

static void odd_texts_come_back_through_extra(void **state)
{
    (void)state;
    static const char *const events[] = {
        EVENT("1.50", "-0.0", "00.1", "1", "", ",\"feeToken\":\"USDC\",\"twapId\":null"),
        EVENT("1", "-0", "0.10000000000", "-0.00", ",\"builderFee\":\"0\"", ",\"feeToken\":\"USDC\",\"twapId\":null"),
        EVENT("1.5", "2.0", "0.0", "0.1", ",\"builderFee\":null", ",\"cloid\":null,\"feeToken\":null,\"twapId\":null"),
        EVENT("1.5", "2.0", "0.0", "0.1", "", ""),
        EVENT("1.5", "2.0", "0.0", "0.1", "", ",\"liquidation\":{},\"feeToken\":\"USDC\",\"twapId\":4"),
        EVENT("1.5", "2.0", "0.0", "0.1", "", ",\"liquidation\":null,\"feeToken\":\"USDC\",\"twapId\":4"),
        EVENT("1.5", "2.0", "0.0", "0.1", "",
              ",\"liquidation\":{\"method\":\"market\",\"markPx\":\"1.0\"},\"feeToken\":\"USDC\",\"twapId\":4"),
        EVENT("1.5", "2.0", "0.0", "0.1", "",
              ",\"liquidation\":{\"liquidatedUser\":\"" USER
              "\",\"markPx\":\"1.00\",\"method\":\"backstop\",\"new\":[ 1 ]},\"twapId\":4"),
        EVENT("1.5", "2.0", "0.0", "0.1", "", ",\"liquidation\":{\"markPx\":\"1.0\",\"method\":\"x\"},\"twapId\":4"),
        EVENT("1.5", "2.0", "0.0", "0.1", "", ",\"builder\":null,\"twapId\":null,\"deployerFee\":\"0.50\""),
        EVENT(
            "1.5", "2.0", "0.0", "0.1", "",
            ",\"twapId\":null,\"priorityGas\":0.5,\"\xc3\xa9\":\"\\u0041\\\"\",\"\":{ \"a\" : [ ] },\"px \":\"1.50\""),
        EVENT("1.5", "2.0", "0.0", "0.1", "", ",\"twapId\":null,\"markPx\":\"7\",\"method\":5,\"user\":1"),
        EVENT("99999999999999999999.9999999999", "-99999999999999999999.9999999999", "0.0", "0.0", "", ",\"twapId\":1"),
    };
    for (size_t i = 0; i < COUNT(events); i++)
        comes_back(vg_slice_of(events[i]), FORM_BLOCKS);
    comes_back(VG_SLICE(EVENT("1.5", "2.0", "0.0", "0.1", "", ",\"feeToken\":\"USDC\",\"twapId\":null")), FORM_LEGACY);
    comes_back(VG_SLICE(EVENT("1.5", "2.0", "0.0", "0.1", "", ",\"feeToken\":\"USDC\",\"twapId\":9")), FORM_LEGACY);
}

static void sixty_four_unknown_and_all_odd_known_keys_print(void **state)
{
    (void)state;
    vg_buf text = {0};
    vg_buf_adds(&text, EVENT("1.50", "2.00", "0", "1.0", ",\"builderFee\":\"1\"", ""));
    text.len -= 2;
    vg_buf_adds(&text, ",\"cloid\":null,\"liquidation\":{},\"feeToken\":null,\"builder\":null,\"twapId\":null,"
                       "\"deployerFee\":null");
    for (int i = 0; i < 64; i++)
        vg_buf_addf(&text, ",\"key%d\":%d", i, i);
    vg_buf_adds(&text, "}]");
    comes_back(vg_buf_view(&text), FORM_BLOCKS);
    vg_buf_release(&text);
}

static void extra_that_is_no_object_is_an_error(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "5", "[]", "{\"a\":1", "{\"a\":1}x", "{a:1}"};
    struct fill fill;
    assert_true(
        fill_read(VG_SLICE(EVENT("1.5", "2.0", "0.0", "0.1", "", ",\"twapId\":1")), FORM_BLOCKS, &fill, &arena, &err));
    fill.has |= FILL_HAS_EXTRA;
    for (size_t i = 0; i < COUNT(bad); i++) {
        vg_buf out = {0};
        fill.extra = vg_slice_of(bad[i]);
        assert_int_equal(fill_print(&fill, FORM_BLOCKS, &out, &err), VG_EPARSE);
        vg_buf_release(&out);
    }
}

#define CLOID "0x00000000000000000075430000004070"
#define TRADE(side, odd, start, twap, cloid, more)                                                                   \
    "{\"coin\":\"TURBO\",\"side\":\"" side "\",\"time\":\"2025-03-25T18:59:59.950677625\",\"px\":\"0.002467\","      \
    "\"sz\":\"" odd "\",\"hash\":\"" HASH "\"" more ",\"side_info\":[{\"user\":\"" USER "\",\"start_pos\":\"" start  \
    "\",\"oid\":81782806721,\"twap_id\":" twap ",\"cloid\":" cloid "},{\"user\":\"0x109a42c3ead059b041560cb6da71058" \
    "516e7ba3e\",\"start_pos\":\"-12.5\",\"oid\":81782806720,\"twap_id\":null,\"cloid\":null}]}"

static void trade_lines_print_as_they_were(void **state)
{
    (void)state;
    static const char *const trades[] = {
        /* the example of the formats' description, 2.7, with its addresses written out */
        TRADE("B", "16809.0", "1399209.0", "null", "null", ",\"trade_dir_override\":\"Na\""),
        TRADE("A", "16809.0", "-1399209.0", "null", "null", ",\"trade_dir_override\":\"Na\""),
        TRADE("A", "16809.0", "0.0", "1671055", "\"" CLOID "\"", ",\"trade_dir_override\":\"Na\""),
        TRADE("B", "16809", "-0.0", "1671055", "\"" CLOID "\"", ""),
        TRADE("B", "16809.00", "5", "null", "null", ",\"new\":{ \"a\" : 1 },\"trade_dir_override\":null"),
    };
    for (size_t i = 0; i < COUNT(trades); i++) {
        struct fill fills[2];
        vg_buf out = {0};
        if (!trade_read(vg_slice_of(trades[i]), fills, &arena, &err)) fail_msg("%s", err.msg);
        assert_int_equal(trade_print(fills, &out, &err), VG_OK);
        assert_string_equal(out.data, trades[i]);
        vg_buf_release(&out);
    }
}

static int release(void **state)
{
    (void)state;
    arena_release(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_real_event_prints_as_it_was),
        cmocka_unit_test(every_real_block_line_prints_as_it_was),
        cmocka_unit_test(every_simulated_event_prints_as_it_was),
        cmocka_unit_test(odd_texts_come_back_through_extra),
        cmocka_unit_test(sixty_four_unknown_and_all_odd_known_keys_print),
        cmocka_unit_test(extra_that_is_no_object_is_an_error),
        cmocka_unit_test(trade_lines_print_as_they_were),
    };
    return cmocka_run_group_tests(tests, NULL, release);
}
