#include "ingest/decode.h"

#include <xxhash.h>

#include "ingest/fill_print.h"
#include "support.h"

static void decode(struct recorder *r, vg_slice text)
{
    if (record(r, "x", text, 0)) fail_msg("%s", r->err.msg);
    assert_int_equal(r->stats.fills, r->fill_count);
    assert_int_equal(r->stats.refused, r->refusal_count);
    assert_int_equal(r->progress_bytes, text.n);
    assert_int_equal(r->progress_fills, r->fill_count);
    assert_int_equal(r->stats.bytes_in, text.n);
    assert_int_equal(r->stats.lines, r->stats.lines_fast + r->stats.lines_strict + r->stats.lines_empty);
}

static vg_buf lines_of(unsigned blocks, unsigned events)
{
    vg_buf text = {0};
    for (unsigned i = 0; i < blocks; i++)
        add_block_line(&text, 100 + i, events, 1 + i * events);
    return text;
}

static void replace(vg_buf *text, const char *piece, const char *other)
{
    char *at = memmem(text->data, text->len, piece, strlen(piece));
    if (!at) fail_msg("'%s' is not in the text", piece);
    vg_buf changed = {0};
    vg_buf_add(&changed, text->data, (size_t)(at - text->data));
    vg_buf_adds(&changed, other);
    vg_buf_add(&changed, at + strlen(piece), text->len - (size_t)(at - text->data) - strlen(piece));
    vg_buf_release(text);
    *text = changed;
}

static void check_refusal(const struct recorder *r, size_t i, uint64_t line, int64_t event, const char *reason)
{
    assert_true(i < r->refusal_count);
    assert_int_equal(r->refusals[i].line, line);
    assert_int_equal(r->refusals[i].event, event);
    if (!strstr(r->refusals[i].reason, reason)) fail_msg("'%s' does not say '%s'", r->refusals[i].reason, reason);
}

static void reads_the_real_blocks(void **state)
{
    (void)state;
    vg_buf text = read_sample(block_samples[0]), packed = {0};
    struct recorder r = {0}, again = {0};
    decode(&r, vg_buf_view(&text));
    assert_int_equal(r.fill_count, 1388);
    assert_int_equal(r.block_count, 10);
    assert_int_equal(r.refusal_count, 0);
    assert_int_equal(r.stats.lines, 10);
    assert_int_equal(r.stats.lines_fast, 9); /* the dust block has balances of more than fifteen characters */
    assert_int_equal(r.stats.lines_strict, 1);
    assert_int_equal(r.stats.lines_of[0], 10);
    assert_int_equal(r.stats.empty_blocks, 4);
    assert_true(r.stats.first_block == 923950857 && r.stats.last_block == 923950866);
    assert_true(r.stats.first_time_ns == 1773532799991006841);
    assert_true(r.stats.has_blocks && !r.stats.has_surrogates);
    uint32_t events = 0, index = 0;
    for (size_t i = 0; i < r.block_count; i++) {
        assert_true(r.blocks[i].number == 923950857 + (int64_t)i);
        assert_int_equal(r.blocks[i].lines, 1);
        assert_int_equal(r.blocks[i].first_event, 0);
        events += r.blocks[i].events;
    }
    assert_int_equal(events, 1388);
    for (size_t i = 0; i < r.fill_count; i++) {
        index = i && r.fills[i].block_number == r.fills[i - 1].block_number ? index + 1 : 0;
        assert_int_equal(r.fills[i].event_index, index);
        assert_true(vg_floor_div(r.fills[i].block_time_ns, VG_NS_PER_MS) == r.fills[i].time_ms);
    }
    /* the same from LZ4, byte for byte from a slow stream; the etag is of the bytes as stored */
    add_lz4_frame(&packed, vg_buf_view(&text));
    assert_int_equal(record(&again, "x.lz4", vg_buf_view(&packed), 1), VG_OK);
    assert_int_equal(again.fill_count, r.fill_count);
    for (size_t i = 0; i < r.fill_count; i++)
        assert_fills_equal(&r.fills[i], &again.fills[i], true);
    assert_memory_equal(again.blocks, r.blocks, r.block_count * sizeof *r.blocks);
    assert_int_equal(again.stats.bytes_out, text.len);
    XXH128_canonical_t truth;
    XXH128_canonicalFromHash(&truth, XXH3_128bits(packed.data, packed.len));
    assert_memory_equal(again.stats.etag, truth.digest, 16);
    uint8_t etag[16];
    struct memory memory = {.bytes = vg_buf_view(&packed), .chunk = 100};
    struct stream stream = memory_stream(&memory);
    assert_int_equal(decode_etag(&stream, etag, NULL), VG_OK);
    assert_memory_equal(etag, truth.digest, 16);
    recorder_release(&r);
    recorder_release(&again);
    vg_buf_release(&text);
    vg_buf_release(&packed);
}

/* An own node's files: block lines and the streaming form of the same blocks. */
static void the_streaming_form_gives_the_same_fills(void **state)
{
    (void)state;
    vg_buf blocks = read_sample(block_samples[1]), streaming = read_sample(block_samples[2]);
    struct recorder a = {0}, b = {0};
    decode(&a, vg_buf_view(&blocks));
    decode(&b, vg_buf_view(&streaming));
    assert_int_equal(a.fill_count, 4);
    assert_int_equal(b.fill_count, 4);
    assert_int_equal(b.refusal_count, 0);
    assert_int_equal(b.stats.duplicate_blocks, 0);
    for (size_t i = 0; i < 4; i++)
        assert_fills_equal(&a.fills[i], &b.fills[i], true);
    recorder_release(&a);
    recorder_release(&b);
    vg_buf_release(&blocks);
    vg_buf_release(&streaming);
}

static void a_block_may_be_spread_over_lines(void **state)
{
    (void)state;
    vg_buf text = {0}, whole = {0};
    for (unsigned i = 0; i < 5; i++)
        add_block_line(&text, 7, 1, 20 + i);
    add_block_line(&text, 8, 1, 30);
    add_block_line(&whole, 7, 5, 20);
    struct recorder r = {0}, one = {0};
    decode(&r, vg_buf_view(&text));
    decode(&one, vg_buf_view(&whole));
    assert_int_equal(r.fill_count, 6);
    assert_int_equal(r.block_count, 2);
    assert_int_equal(r.blocks[0].lines, 5);
    assert_int_equal(r.blocks[0].events, 5);
    assert_true(r.blocks[0].digest == one.blocks[0].digest);
    assert_int_equal(r.stats.lines_of[1], 4);
    assert_int_equal(r.stats.blocks, 2);
    for (unsigned i = 0; i < 5; i++) {
        assert_int_equal(r.fills[i].event_index, i);
        assert_int_equal(r.fills[i].order_id, 20 + i);
    }
    recorder_release(&r);
    recorder_release(&one);
    vg_buf_release(&text);
    vg_buf_release(&whole);
}

static void another_local_time_makes_another_row_of_the_same_block(void **state)
{
    (void)state;
    vg_buf text = {0}, second = {0};
    add_block_line(&text, 7, 1, 20);
    add_block_line(&text, 7, 1, 21);
    add_block_line(&second, 7, 1, 22);
    replace(&second, "00:00:00.196239755", "00:00:00.296239755");
    vg_buf_add(&text, second.data, second.len);
    struct recorder r = {0};
    decode(&r, vg_buf_view(&text));
    assert_int_equal(r.fill_count, 3);
    assert_int_equal(r.block_count, 2);
    assert_int_equal(r.blocks[0].events, 2);
    assert_int_equal(r.blocks[1].first_event, 2);
    assert_int_equal(r.blocks[1].events, 1);
    assert_true(r.blocks[1].local_time_ns - r.blocks[0].local_time_ns == 100000000);
    assert_int_equal(r.fills[2].event_index, 2);
    assert_int_equal(r.stats.blocks, 1);
    recorder_release(&r);
    vg_buf_release(&text);
    vg_buf_release(&second);
}

static void legacy_lines_get_surrogate_blocks(void **state)
{
    (void)state;
    static const size_t wanted[COUNT(legacy_samples)] = {500, 50, 24, 12799};
    for (size_t i = 0; i < COUNT(legacy_samples); i++) {
        vg_buf text = read_sample(legacy_samples[i]);
        struct recorder r = {0};
        decode(&r, vg_buf_view(&text));
        assert_int_equal(r.fill_count, wanted[i]);
        assert_int_equal(r.refusal_count, 0);
        assert_int_equal(r.block_count, 0);
        assert_int_equal(r.stats.lines_of[2], wanted[i]);
        assert_true(r.stats.has_surrogates && !r.stats.has_blocks);
        for (size_t k = 0; k < r.fill_count; k++) {
            assert_true(is_surrogate_block(r.fills[k].block_number));
            assert_true(r.fills[k].block_number == r.fills[k].time_ms - SURROGATE_BLOCK_OFFSET);
            assert_true(r.fills[k].block_time_ns == r.fills[k].time_ms * VG_NS_PER_MS);
            assert_int_equal(r.fills[k].event_index, k);
        }
        recorder_release(&r);
        vg_buf_release(&text);
    }
}

#define TRADE                                                                                                \
    "{\"coin\":\"TURBO\",\"side\":\"A\",\"time\":\"2025-03-25T18:59:59.950677625\",\"px\":\"0.002467\","     \
    "\"sz\":\"16809.0\",\"hash\":\"0xf55e0af98b384c4bf6d70437125f0902031600df263b6b1e9926b64c4a3c2636\","    \
    "\"trade_dir_override\":\"Na\",\"side_info\":[{\"user\":\"0x1111111111111111111111111111111111111111\"," \
    "\"start_pos\":\"1.0\",\"oid\":1,\"twap_id\":null,\"cloid\":null},{\"user\":"                            \
    "\"0x2222222222222222222222222222222222222222\",\"start_pos\":\"2.0\",\"oid\":2,\"twap_id\":null,"       \
    "\"cloid\":null}]}"

static void trade_lines_give_two_rows(void **state)
{
    (void)state;
    struct recorder r = {0};
    decode(&r, VG_SLICE(TRADE "\n" TRADE "\n"));
    assert_int_equal(r.fill_count, 4);
    assert_int_equal(r.stats.lines_of[3], 2);
    for (uint32_t i = 0; i < 4; i++) {
        assert_int_equal(r.fills[i].event_index, i);
        assert_int_equal(r.fills[i].user[0], i % 2 ? 0x22 : 0x11);
        assert_int_equal(!!(r.fills[i].has & FILL_IS_TAKER), i % 2);
        assert_true(r.fills[i].block_number == 1742929199950 - SURROGATE_BLOCK_OFFSET);
    }
    recorder_release(&r);
}

static void an_identical_block_again_is_dropped(void **state)
{
    (void)state;
    vg_buf text = lines_of(3, 2);
    add_block_line(&text, 101, 2, 3); /* out of order, and the second of the three */
    add_block_line(&text, 103, 2, 7);
    add_block_line(&text, 103, 2, 7); /* straight after */
    struct recorder r = {0};
    decode(&r, vg_buf_view(&text));
    assert_int_equal(r.fill_count, 8);
    assert_int_equal(r.block_count, 4);
    assert_int_equal(r.refusal_count, 0);
    assert_int_equal(r.stats.duplicate_blocks, 2);
    assert_int_equal(r.stats.blocks, 4);
    recorder_release(&r);
    vg_buf_release(&text);
}

static void another_block_of_the_same_number_is_refused(void **state)
{
    (void)state;
    vg_buf text = lines_of(3, 2);
    uint64_t offset = text.len;
    add_block_line(&text, 101, 2, 90);
    size_t length = text.len - offset - 1;
    add_block_line(&text, 104, 2, 7);
    add_block_line(&text, 104, 3, 7); /* one event more */
    add_block_line(&text, 105, 2, 9);
    struct recorder r = {0};
    decode(&r, vg_buf_view(&text));
    assert_int_equal(r.fill_count, 10);
    assert_int_equal(r.block_count, 5);
    assert_int_equal(r.refusal_count, 2);
    check_refusal(&r, 0, 4, -1, "block 101 is already there with other events");
    check_refusal(&r, 1, 6, -1, "block 104 is already there with other events");
    assert_int_equal(r.refusals[0].offset, offset);
    assert_int_equal(r.refusals[0].length, length);
    assert_slice(r.refusals[0].bytes, (vg_slice){text.data + offset, length});
    assert_int_equal(r.fills[2].order_id, 3); /* the first stays */
    recorder_release(&r);
    vg_buf_release(&text);
}

static void a_streamed_block_again_is_compared_as_a_whole(void **state)
{
    (void)state;
    for (int other = 0; other < 2; other++) {
        vg_buf text = {0};
        for (unsigned i = 0; i < 3; i++)
            add_block_line(&text, 7, 1, 20 + i);
        add_block_line(&text, 8, 1, 30);
        for (unsigned i = 0; i < 3; i++)
            add_block_line(&text, 7, 1, 20 + i + (other && i == 2));
        struct recorder r = {0};
        decode(&r, vg_buf_view(&text));
        assert_int_equal(r.fill_count, 4);
        assert_int_equal(r.stats.duplicate_blocks, !other);
        assert_int_equal(r.refusal_count, other ? 3 : 0);
        if (other) check_refusal(&r, 2, 7, -1, "block 7 is already there");
        recorder_release(&r);
        vg_buf_release(&text);
    }
}

static void a_streamed_line_that_comes_twice_is_dropped(void **state)
{
    (void)state;
    vg_buf text = {0};
    add_block_line(&text, 7, 1, 20);
    add_block_line(&text, 7, 1, 21);
    add_block_line(&text, 7, 1, 21);
    add_block_line(&text, 7, 1, 20);
    add_block_line(&text, 7, 1, 22);
    struct recorder r = {0};
    decode(&r, vg_buf_view(&text));
    assert_int_equal(r.fill_count, 3);
    assert_int_equal(r.stats.duplicate_blocks, 2);
    assert_int_equal(r.fills[2].order_id, 22);
    assert_int_equal(r.fills[2].event_index, 2);
    recorder_release(&r);
    vg_buf_release(&text);
}

static void blocks_out_of_order_all_land(void **state)
{
    (void)state;
    vg_buf text = {0};
    static const int64_t numbers[] = {5, 3, 9, 1};
    for (size_t i = 0; i < 4; i++)
        add_block_line(&text, numbers[i], 1, 1 + i);
    struct recorder r = {0};
    decode(&r, vg_buf_view(&text));
    assert_int_equal(r.fill_count, 4);
    for (size_t i = 0; i < 4; i++)
        assert_true(r.fills[i].block_number == numbers[i] && r.blocks[i].number == numbers[i]);
    assert_true(r.stats.first_block == 1 && r.stats.last_block == 9);
    recorder_release(&r);
    vg_buf_release(&text);
}

static void asks_whether_the_lake_has_the_block(void **state)
{
    (void)state;
    vg_buf text = lines_of(4, 2);
    struct recorder plain = {0};
    decode(&plain, vg_buf_view(&text));
    struct recorder r = {.known_from = 101, .known_to = 101, .known_digest = plain.blocks[1].digest};
    decode(&r, vg_buf_view(&text));
    assert_int_equal(r.fill_count, 6);
    assert_int_equal(r.block_count, 3);
    assert_int_equal(r.stats.duplicate_blocks, 1);
    assert_int_equal(r.refusal_count, 0);
    recorder_release(&r);
    r = (struct recorder){.known_from = 102, .known_to = 103, .known_digest = 1};
    decode(&r, vg_buf_view(&text));
    assert_int_equal(r.fill_count, 4);
    assert_int_equal(r.refusal_count, 2);
    check_refusal(&r, 0, 3, -1, "block 102 is already there with other events");
    check_refusal(&r, 1, 4, -1, "block 103 is already there with other events");
    recorder_release(&r);
    recorder_release(&plain);
    vg_buf_release(&text);
}

/* Line 2 of three is damaged at every byte in turn, in several ways: its neighbours always land, and
 * of itself all or nothing. */
static void a_malformed_line_lands_not_at_all_and_its_neighbours_do(void **state)
{
    (void)state;
    static const char damage[] = {'}', ']', ',', '"', 'x', '\\', '\x01', (char)0xff};
    vg_buf text = lines_of(3, 2);
    const char *second = strchr(text.data, '\n') + 1, *third = strchr(second, '\n') + 1;
    unsigned whole = 0, none = 0;
    for (const char *at = second; at < third - 1; at++)
        for (size_t k = (size_t)(at - second) % 4; k < COUNT(damage); k += 4) {
            struct recorder r = {0};
            char before = *at;
            text.data[at - text.data] = damage[k];
            decode(&r, vg_buf_view(&text));
            text.data[at - text.data] = before;
            assert_true(r.fill_count >= 4);
            static const int64_t neighbours[] = {1, 2, 5, 6};
            for (size_t i = 0; i < 4; i++)
                assert_int_equal(r.fills[i < 2 ? i : r.fill_count - 4 + i].order_id, neighbours[i]);
            if (r.refusal_count == 1 && r.refusals[0].event < 0) {
                assert_int_equal(r.fill_count, 4);
                assert_int_equal(r.block_count, 2);
                none++;
            } else { /* sound JSON: every event is accounted for */
                assert_int_equal(r.fill_count - 4 + r.refusal_count, 2);
                assert_int_equal(r.block_count, 3);
                whole++;
            }
            recorder_release(&r);
        }
    assert_true(whole > 200 && none > 200);
    vg_buf_release(&text);
}

static void every_beginning_of_a_line_is_refused(void **state)
{
    (void)state;
    vg_buf text = lines_of(1, 2);
    for (size_t n = 1; n < text.len - 1; n += n < 120 || n > text.len - 60 ? 1 : 3) {
        vg_buf cut = {0};
        vg_buf_add(&cut, text.data, n);
        vg_buf_addc(&cut, '\n');
        size_t first = cut.len;
        add_block_line(&cut, 200, 1, 9);
        struct recorder r = {0};
        decode(&r, vg_buf_view(&cut));
        assert_int_equal(r.fill_count, 1);
        assert_int_equal(r.block_count, 1);
        assert_int_equal(r.refusal_count, 1);
        check_refusal(&r, 0, 1, -1, "");
        assert_slice(r.refusals[0].bytes, (vg_slice){text.data, n});
        assert_int_equal(r.refusals[0].length, first - 1);
        recorder_release(&r);
        vg_buf_release(&cut);
    }
    vg_buf_release(&text);
}

static void a_refused_event_leaves_its_neighbours(void **state)
{
    (void)state;
    vg_buf text = {0};
    add_block_line(&text, 100, 3, 1);
    replace(&text,
            "\"px\":\"66432.5\",\"sz\":\"0.1\",\"side\":\"B\",\"time\":1773532799991,\"startPosition\":\"-27.574\","
            "\"dir\":\"Close Short\",\"closedPnl\":\"0.03614\",\"hash\":"
            "\"0xf55e0af98b384c4bf6d70437125f0902031600df263b6b1e9926b64c4a3c2636\",\"oid\":2",
            "\"px\":\"-1.0\",\"oid\":2");
    struct recorder r = {0};
    decode(&r, vg_buf_view(&text));
    assert_int_equal(r.fill_count, 2);
    assert_int_equal(r.fills[0].event_index, 0);
    assert_int_equal(r.fills[1].event_index, 2);
    check_refusal(&r, 0, 1, 1, "px: negative");
    assert_int_equal(r.refusals[0].bytes.p[0], '[');
    assert_int_equal(r.refusals[0].length, r.refusals[0].bytes.n);
    assert_int_equal(r.blocks[0].events, 3);
    assert_int_equal(r.stats.lines_strict, 1);
    recorder_release(&r);
    vg_buf_release(&text);
}

static void a_line_of_many_events_lands_whole(void **state)
{
    (void)state;
    static const unsigned sizes[] = {1023, 1024, 1025, 2047, 2048, 2049, 5500};
    for (size_t i = 0; i < COUNT(sizes); i++) {
        vg_buf text = {0};
        add_block_line(&text, 100, sizes[i], 1);
        add_block_line(&text, 101, 1, 1);
        struct recorder r = {0};
        decode(&r, vg_buf_view(&text));
        assert_int_equal(r.fill_count, sizes[i] + 1);
        for (unsigned k = 0; k < sizes[i]; k++)
            if (r.fills[k].event_index != k || r.fills[k].order_id != k + 1) fail_msg("event %u", k);
        assert_int_equal(r.blocks[0].events, sizes[i]);
        assert_int_equal(r.stats.lines_fast, 2);
        recorder_release(&r);
        vg_buf_release(&text);
    }
}

static void a_long_line_malformed_at_its_end_lands_not_at_all(void **state)
{
    (void)state;
    static const char *const ends[][2] = {
        {"]}\n", "\n"},  {"]}\n", "]\n"},     {"]}\n", "]}}\n"}, {"]}\n", ",]}\n"},           {"]}\n", "]},\n"},
        {"]}\n", "}\n"}, {"}]]}\n", "}]}\n"}, {"]}\n", "],}\n"}, {"null}]]}\n", "nul}]]}\n"}, {"]}\n", "] x}\n"},
    };
    for (size_t i = 0; i < COUNT(ends); i++) {
        vg_buf text = {0};
        add_block_line(&text, 100, 5200, 1);
        size_t n = strlen(ends[i][0]);
        assert_memory_equal(text.data + text.len - n, ends[i][0], n);
        text.len -= n;
        vg_buf_adds(&text, ends[i][1]);
        add_block_line(&text, 101, 1, 77);
        struct recorder r = {0};
        decode(&r, vg_buf_view(&text));
        assert_int_equal(r.fill_count, 1);
        assert_int_equal(r.block_count, 1);
        assert_int_equal(r.refusal_count, 1);
        check_refusal(&r, 0, 1, -1, "malformed JSON at byte ");
        assert_int_equal(r.fills[0].order_id, 77);
        recorder_release(&r);
        vg_buf_release(&text);
    }
}

/* What follows the events is looked at in long lines as it is in short ones. */
static void members_behind_the_events_count_in_short_and_long_lines(void **state)
{
    (void)state;
    static const unsigned sizes[] = {1, 1023, 1024, 1025, 5000};
    for (size_t i = 0; i < COUNT(sizes); i++) {
        vg_buf text = {0};
        struct recorder r = {0};
        add_block_line(&text, 100, sizes[i], 1);
        replace(&text, "]}\n", "],\"new\":[1]}\n");
        decode(&r, vg_buf_view(&text));
        assert_int_equal(r.fill_count, sizes[i]);
        assert_int_equal(r.stats.unknown_line_keys, 1);
        assert_int_equal(r.stats.lines_strict, 1);
        recorder_release(&r);
        replace(&text, "\"new\":[1]", "\"block_number\":5");
        decode(&r, vg_buf_view(&text));
        assert_int_equal(r.fill_count, 0);
        check_refusal(&r, 0, 1, -1, "a key occurs twice");
        recorder_release(&r);
        vg_buf_release(&text);
    }
}

static void a_malformed_line_of_a_known_block_is_refused_too(void **state)
{
    (void)state;
    static const unsigned sizes[] = {0, 1, 2};
    for (size_t i = 0; i < COUNT(sizes); i++)
        for (int later = 0; later < 2; later++) {
            vg_buf text = {0};
            add_block_line(&text, 100, sizes[i], 1);
            if (later) add_block_line(&text, 101, 1, 50);
            add_block_line(&text, 100, sizes[i], 1);
            text.len -= 2;
            vg_buf_adds(&text, "\n"); /* the closing brace is gone */
            struct recorder r = {0};
            decode(&r, vg_buf_view(&text));
            assert_int_equal(r.fill_count, sizes[i] + (later ? 1 : 0));
            assert_int_equal(r.stats.duplicate_blocks, 0);
            assert_int_equal(r.refusal_count, 1);
            check_refusal(&r, 0, later ? 3 : 2, -1, "malformed JSON");
            recorder_release(&r);
            vg_buf_release(&text);
        }
}

static void a_cut_last_line_is_refused_and_a_whole_one_taken(void **state)
{
    (void)state;
    vg_buf text = lines_of(2, 1);
    struct recorder r = {0};
    decode(&r, (vg_slice){text.data, text.len - 1}); /* only the newline is missing */
    assert_int_equal(r.fill_count, 2);
    assert_int_equal(r.refusal_count, 0);
    recorder_release(&r);
    decode(&r, (vg_slice){text.data, text.len - 30});
    assert_int_equal(r.fill_count, 1);
    check_refusal(&r, 0, 2, -1, "the last line is cut off");
    recorder_release(&r);
    vg_buf_release(&text);
}

static void a_cut_or_damaged_object_is_a_failure(void **state)
{
    (void)state;
    vg_buf text = lines_of(50, 2), packed = {0};
    add_lz4_frame(&packed, vg_buf_view(&text));
    struct recorder r = {0};
    assert_int_equal(record(&r, "x.lz4", (vg_slice){packed.data, packed.len - 5}, 0), VG_EPARSE);
    recorder_release(&r);
    packed.data[packed.len / 2] ^= 0x20;
    assert_int_equal(record(&r, "x.lz4", vg_buf_view(&packed), 0), VG_EPARSE);
    recorder_release(&r);
    assert_int_equal(record(&r, "x.lz4", VG_SLICE(""), 0), VG_EPARSE);
    recorder_release(&r);
    vg_buf_release(&text);
    vg_buf_release(&packed);
}

static void block_lines_may_be_written_in_other_ways(void **state)
{
    (void)state;
    vg_buf text = {0};
    vg_buf_adds(&text, " { \"events\" : [ ");
    add_event(&text, 1);
    vg_buf_adds(&text, " , ");
    add_event(&text, 2);
    vg_buf_adds(&text, " ] , \"x\" : { } , \"block_number\" : 100 , \"block_time\":\"2026-03-14T23:59:59.991006841Z\","
                       "\"local_time\":\"2026-03-15T00:00:00.2\", \"y\":1 } \r\n");
    struct recorder r = {0};
    decode(&r, vg_buf_view(&text));
    assert_int_equal(r.fill_count, 2);
    assert_int_equal(r.refusal_count, 0);
    assert_int_equal(r.stats.unknown_line_keys, 2);
    assert_int_equal(r.stats.lines_strict, 1);
    assert_true(r.blocks[0].number == 100 && r.blocks[0].time_ns == 1773532799991006841);
    assert_true(r.blocks[0].local_time_ns == INT64_C(1773532800200000000));
    recorder_release(&r);
    vg_buf_release(&text);
}

static void says_what_is_wrong_with_a_line(void **state)
{
    (void)state;
#define TIMES "\"local_time\":\"2026-03-15T00:00:00.0\",\"block_time\":\"2026-03-15T00:00:00.0\""
    static const char *const cases[][2] = {
        {"5", "neither an object nor an array"},
        {"\"text\"", "neither an object nor an array"},
        {"{}", "neither a block line (events) nor a trade line"},
        {"{" TIMES ",\"block_number\":5}", "neither a block line (events) nor a trade line"},
        {"{" TIMES ",\"events\":[]}", "block_number is missing"},
        {"{\"block_number\":5,\"events\":[]}", "is missing"},
        {"{" TIMES ",\"block_number\":-5,\"events\":[]}", "block_number is not a block number"},
        {"{" TIMES ",\"block_number\":\"5\",\"events\":[]}", "block_number is not a block number"},
        {"{" TIMES ",\"block_number\":5,\"events\":{}}", "events is not an array"},
        {"{" TIMES ",\"block_number\":5,\"events\":null}", "events is not an array"},
        {"{" TIMES ",\"block_number\":5,\"events\":[],\"events\":[]}", "a key occurs twice"},
        {"{\"local_time\":5,\"events\":[]}", "local_time is not a time"},
        {"{\"block_time\":\"yesterday\",\"events\":[]}", "block_time is not a time"},
        {"{\"side_info\":[]}", "side_info: fewer than two sides"},
        {"[]", "event: "},
        {"[1,2,3]", "user: "},
        {"hello", "malformed JSON at byte 0"},
        {" ", "malformed JSON at byte 1"},
        {"{\"events\":[}", "malformed JSON at byte 11"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        vg_buf text = {0};
        struct recorder r = {0};
        vg_buf_addf(&text, "%s\n", cases[i][0]);
        decode(&r, vg_buf_view(&text));
        assert_int_equal(r.fill_count, 0);
        check_refusal(&r, 0, 1, -1, cases[i][1]);
        recorder_release(&r);
        vg_buf_release(&text);
    }
}

static void empty_lines_are_counted_and_nothing_else(void **state)
{
    (void)state;
    struct recorder r = {0};
    decode(&r, VG_SLICE("\n\n\n"));
    assert_int_equal(r.stats.lines_empty, 3);
    assert_int_equal(r.refusal_count, 0);
    assert_true(r.stats.first_block > r.stats.last_block);
    recorder_release(&r);
    decode(&r, VG_SLICE(""));
    assert_int_equal(r.stats.lines, 0);
    recorder_release(&r);
}

static void forms_may_be_mixed_in_one_object(void **state)
{
    (void)state;
    vg_buf text = {0}, legacy = {0};
    add_event(&legacy, 5);
    replace(&legacy, ",\"twapId\":null", "");
    add_block_line(&text, 100, 2, 1);
    vg_buf_addf(&text, "%s\n%s\n", legacy.data, TRADE);
    add_block_line(&text, 101, 0, 1);
    struct recorder r = {0};
    decode(&r, vg_buf_view(&text));
    assert_int_equal(r.fill_count, 5);
    for (int form = 0; form < 4; form++)
        assert_int_equal(r.stats.lines_of[form], form == 0 ? 2 : form == 1 ? 0 : 1);
    assert_true(r.stats.has_blocks && r.stats.has_surrogates);
    assert_int_equal(r.stats.empty_blocks, 1);
    recorder_release(&r);
    vg_buf_release(&text);
    vg_buf_release(&legacy);
}

static vg_code failing_fill(void *ctx, const struct fill *fill, vg_err *err)
{
    (void)fill;
    return ++*(int *)ctx == 3 ? vg_fail(err, VG_EIO, "the disk is full") : VG_OK;
}
static vg_code ignore_block(void *ctx, const struct block *block, vg_err *err)
{
    (void)ctx, (void)block, (void)err;
    return VG_OK;
}
static vg_code ignore_refusal(void *ctx, const struct refusal *refusal, vg_err *err)
{
    (void)ctx, (void)refusal, (void)err;
    return VG_OK;
}

static void what_the_sink_says_ends_the_work(void **state)
{
    (void)state;
    vg_buf text = lines_of(5, 1);
    int calls = 0;
    struct decode_sink sink = {&calls, failing_fill, ignore_block, ignore_refusal, NULL, NULL};
    struct memory memory = {.bytes = vg_buf_view(&text)};
    struct stream stream = memory_stream(&memory);
    struct decode_stats stats;
    vg_err err;
    assert_int_equal(decode_object(&stream, "x", &sink, &stats, &err), VG_EIO);
    assert_string_equal(err.msg, "the disk is full");
    assert_int_equal(calls, 3);
    vg_buf_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_the_real_blocks),
        cmocka_unit_test(the_streaming_form_gives_the_same_fills),
        cmocka_unit_test(a_block_may_be_spread_over_lines),
        cmocka_unit_test(another_local_time_makes_another_row_of_the_same_block),
        cmocka_unit_test(legacy_lines_get_surrogate_blocks),
        cmocka_unit_test(trade_lines_give_two_rows),
        cmocka_unit_test(an_identical_block_again_is_dropped),
        cmocka_unit_test(another_block_of_the_same_number_is_refused),
        cmocka_unit_test(a_streamed_block_again_is_compared_as_a_whole),
        cmocka_unit_test(a_streamed_line_that_comes_twice_is_dropped),
        cmocka_unit_test(blocks_out_of_order_all_land),
        cmocka_unit_test(asks_whether_the_lake_has_the_block),
        cmocka_unit_test(a_malformed_line_lands_not_at_all_and_its_neighbours_do),
        cmocka_unit_test(every_beginning_of_a_line_is_refused),
        cmocka_unit_test(a_refused_event_leaves_its_neighbours),
        cmocka_unit_test(a_line_of_many_events_lands_whole),
        cmocka_unit_test(a_long_line_malformed_at_its_end_lands_not_at_all),
        cmocka_unit_test(members_behind_the_events_count_in_short_and_long_lines),
        cmocka_unit_test(a_malformed_line_of_a_known_block_is_refused_too),
        cmocka_unit_test(a_cut_last_line_is_refused_and_a_whole_one_taken),
        cmocka_unit_test(a_cut_or_damaged_object_is_a_failure),
        cmocka_unit_test(block_lines_may_be_written_in_other_ways),
        cmocka_unit_test(says_what_is_wrong_with_a_line),
        cmocka_unit_test(empty_lines_are_counted_and_nothing_else),
        cmocka_unit_test(forms_may_be_mixed_in_one_object),
        cmocka_unit_test(what_the_sink_says_ends_the_work),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
