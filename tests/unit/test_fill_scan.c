/* The fast road against the strict one: whatever the scanner takes, the reader takes with the same result. */
#include "ingest/fill_scan.h"

#include "support.h"

static struct arena arena;

/* True when the scanner took it. */
static bool same_on_both_roads(vg_slice text, enum fill_form form)
{
    vg_slice copy = with_slack(text);
    struct fill fast, strict;
    vg_err reason;
    memset(&fast, 0x5a, sizeof fast); /* what the scanner does not set must be guarded by `has` */
    const char *behind = fill_scan(copy.p, copy.p + copy.n, form, &fast);
    if (!behind) return false;
    assert_true(behind > copy.p && behind <= copy.p + copy.n);
    vg_slice event = {copy.p, (size_t)(behind - copy.p)};
    if (!fill_read(event, form, &strict, &arena, &reason))
        fail_msg("only the scanner takes it: %s: %.*s", reason.msg, (int)event.n, event.p);
    assert_fills_equal(&fast, &strict, false);
    arena_clear(&arena);
    return true;
}

static void takes_nearly_every_event_of_the_real_blocks(void **state)
{
    (void)state;
    size_t events_seen = 0, taken = 0;
    for (size_t i = 0; i < COUNT(block_samples); i++) {
        vg_buf text = read_sample(block_samples[i]);
        vg_slice rest = vg_buf_view(&text), line;
        while (next_line(&rest, &line)) {
            size_t n;
            vg_slice *events = line_events(line, &n);
            for (size_t k = 0; k < n; k++)
                taken += same_on_both_roads(events[k], FORM_BLOCKS);
            events_seen += n;
            free(events);
        }
        vg_buf_release(&text);
    }
    assert_int_equal(events_seen, 1388 + 4 + 4);
    assert_int_equal(taken, events_seen - 7); /* seven balances have more than fifteen characters */
}

static void takes_real_legacy_lines_of_the_full_form(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(legacy_samples); i++) {
        vg_buf text = read_sample(legacy_samples[i]);
        vg_slice rest = vg_buf_view(&text), line;
        size_t lines = 0, taken = 0;
        while (next_line(&rest, &line)) {
            taken += same_on_both_roads(line, FORM_LEGACY);
            same_on_both_roads(line, FORM_BLOCKS);
            lines++;
        }
        assert_true(lines > 0);
        /* 2023 and the spreadsheet lack tid and feeToken: the reader's work */
        if (strstr(legacy_samples[i], "2025-10")) assert_true(taken > 0 || lines == 50);
        if (strstr(legacy_samples[i], "primetrade")) assert_int_equal(taken, 0);
        vg_buf_release(&text);
    }
}

/* Events to mutate: a spread of real ones and one with every key. */
static size_t gather(vg_buf texts[], size_t room)
{
    static const char all_keys[] =
        "[\"0xc5ed45f2d5bd1b1a4ec9d3a9a4a8fb5a0a4c4e01\",{\"coin\":\"xyz:NVDA\",\"px\":\"179.59\",\"sz\":\"0.278\","
        "\"side\":\"A\",\"time\":1773532799991,\"startPosition\":\"-27.574\",\"dir\":\"Close Long\","
        "\"closedPnl\":\"-0.03614\",\"hash\":\"0xf55e0af98b384c4bf6d70437125f0902031600df263b6b1e9926b64c4a3c2636\","
        "\"oid\":349162667306,\"crossed\":true,\"fee\":\"0.002096\",\"builderFee\":\"0.001\",\"tid\":1095300731576717,"
        "\"cloid\":\"0x00000000000000000075430000004070\",\"liquidation\":{\"liquidatedUser\":"
        "\"0x109a42c3ead059b041560cb6da71058516e7ba3e\",\"markPx\":\"179.6\",\"method\":\"market\"},"
        "\"feeToken\":\"USDT0\",\"builder\":\"0x4950994884602d1b6c6d96e4fe30f58205c39395\",\"twapId\":1671055,"
        "\"deployerFee\":\"0.0005\"}]";
    vg_buf_adds(&texts[0], all_keys);
    size_t count = 1, seen = 0;
    vg_buf text = read_sample(block_samples[0]);
    vg_slice rest = vg_buf_view(&text), line;
    while (next_line(&rest, &line)) {
        size_t n;
        vg_slice *events = line_events(line, &n);
        for (size_t k = 0; k < n && count < room; k++)
            if (seen++ % 29 == 0) vg_buf_add(&texts[count++], events[k].p, events[k].n);
        free(events);
    }
    vg_buf_release(&text);
    return count;
}

static void mutated_events_are_the_same_or_left_to_the_reader(void **state)
{
    (void)state;
    enum { ROOM = 48 };
    static vg_buf seeds[ROOM];
    static const char alphabet[] = "0123456789abcdefABCDEFx.-+\"\\{}[],: nultrsB\n\x01\x7f\xc3\xa9";
    size_t count = gather(seeds, ROOM);
    assert_int_equal(count, ROOM);
    struct vg_rng rng;
    vg_rng_init(&rng, 1);
    unsigned taken = 0, left = 0;
    for (int i = 0; i < 200000; i++) {
        char text[1200];
        const vg_buf *seed = &seeds[vg_rng_below(&rng, count)], *other = &seeds[vg_rng_below(&rng, count)];
        size_t n = seed->len;
        memcpy(text, seed->data, n);
        size_t at = vg_rng_below(&rng, n), span = 1 + vg_rng_below(&rng, 12);
        switch (vg_rng_below(&rng, 5)) {
        case 0:
        case 1: text[at] = alphabet[vg_rng_below(&rng, sizeof alphabet - 1)]; break;
        case 2: /* take out */
            if (at + span > n) span = n - at;
            memmove(text + at, text + at + span, n - at - span);
            n -= span;
            break;
        case 3: /* double a piece */
            if (at + span > n) span = n - at;
            memmove(text + at + span, text + at, n - at);
            n += span;
            break;
        default: /* from another event, at the same place */
            if (at >= other->len) break;
            if (span > other->len - at) span = other->len - at;
            if (span > n - at) span = n - at;
            memcpy(text + at, other->data + at, span);
        }
        *(same_on_both_roads((vg_slice){text, n}, i % 2 ? FORM_BLOCKS : FORM_LEGACY) ? &taken : &left) += 1;
    }
    assert_true(taken > 10000 && left > 10000);
    for (size_t i = 0; i < count; i++)
        vg_buf_release(&seeds[i]);
}

static void stops_at_the_end_it_was_given(void **state)
{
    (void)state;
    vg_buf text = {0};
    struct fill fill;
    add_event(&text, 5);
    vg_slice copy = with_slack(vg_buf_view(&text));
    assert_ptr_equal(fill_scan(copy.p, copy.p + copy.n, FORM_BLOCKS, &fill), copy.p + copy.n);
    for (size_t n = 0; n < copy.n; n++) /* the rest of the event is still there, behind the end */
        assert_null(fill_scan(copy.p, copy.p + n, FORM_BLOCKS, &fill));
    for (size_t n = 0; n < text.len; n++) { /* and with the line's end instead */
        vg_slice cut = with_slack((vg_slice){text.data, n});
        assert_null(fill_scan(cut.p, cut.p + cut.n, FORM_BLOCKS, &fill));
    }
    vg_buf_release(&text);
}

static void leaves_what_is_not_canonical_to_the_reader(void **state)
{
    (void)state;
    static const char *const changes[][2] = {
        {"\"66432.5\"", "\"66432.50\""},
        {"\"66432.5\"", "\"066432.5\""},
        {"\"66432.5\"", "\"-66432.5\""},
        {"\"66432.5\"", "\"66432\""},
        {"\"66432.5\"", "\"66432.\""},
        {"\"66432.5\"", "\".5\""},
        {"\"66432.5\"", "\"1.00000000001\""},
        {"\"66432.5\"", "\"1234567890123456789.5\""},
        {"\"66432.5\",\"sz\":\"0.1\"", "\"1000000000.0\",\"sz\":\"1000000000.0\""},
        {"\"-27.574\"", "\"-0.0\""},
        {"\"-27.574\"", "\"--27.574\""},
        {"\"oid\":5", "\"oid\":05"},
        {"\"oid\":5", "\"oid\":-5"},
        {"\"oid\":5", "\"oid\":5.0"},
        {"\"oid\":5", "\"oid\":1234567890123456789"},
        {"\"time\":1773532799991", "\"time\":9223372036855"},
        {"\"BTC\"", "\"\""},
        {"\"BTC\"", "\"B\\u0054C\""},
        {"\"BTC\"", "\"\xc3\xa9\""},
        {"\"side\":\"B\"", "\"side\":\"C\""},
        {"\"crossed\":true", "\"crossed\": true"},
        {"\"twapId\":null", "\"twapId\":null,\"priorityGas\":1"},
        {",\"twapId\":null", ""},
    };
    vg_buf text = {0};
    add_event(&text, 5);
    for (size_t i = 0; i < COUNT(changes); i++) {
        vg_buf changed = {0};
        const char *at = strstr(text.data, changes[i][0]);
        assert_non_null(at);
        vg_buf_add(&changed, text.data, (size_t)(at - text.data));
        vg_buf_adds(&changed, changes[i][1]);
        vg_buf_adds(&changed, at + strlen(changes[i][0]));
        if (same_on_both_roads(vg_buf_view(&changed), FORM_BLOCKS)) fail_msg("scanned %s", changed.data);
        vg_buf_release(&changed);
    }
    vg_buf_release(&text);
}

static void reads_the_head_of_a_block_line(void **state)
{
    (void)state;
    static const char line[] = "{\"local_time\":\"2026-03-15T00:00:00.196239755\",\"block_time\":"
                               "\"2026-03-14T23:59:59.991006841\",\"block_number\":923950857,\"events\":[]}";
    struct block_head head;
    vg_slice copy = with_slack(vg_slice_of(line));
    assert_ptr_equal(block_scan(copy.p, copy.p + copy.n, &head), copy.p + copy.n - 2);
    assert_true(head.local_time_ns == 1773532800196239755 && head.time_ns == 1773532799991006841);
    assert_true(head.number == 923950857);
    for (size_t n = 0; n + 2 < sizeof line - 1; n++) {
        copy = with_slack((vg_slice){line, n});
        assert_null(block_scan(copy.p, copy.p + copy.n, &head));
    }
    static const char *const others[] = {
        "{\"block_time\":\"2026-03-14T23:59:59.991006841\",\"local_time\":\"2026-03-15T00:00:00.196239755\","
        "\"block_number\":1,\"events\":[]}",
        "{\"local_time\":\"2026-03-15T00:00:00.19623975\",\"block_time\":\"2026-03-14T23:59:59.991006841\","
        "\"block_number\":1,\"events\":[]}",
        "{\"local_time\":\"2026-13-15T00:00:00.196239755\",\"block_time\":\"2026-03-14T23:59:59.991006841\","
        "\"block_number\":1,\"events\":[]}",
        "{\"local_time\":\"2026-03-15T00:00:00.196239755\",\"block_time\":\"2026-03-14T23:59:59.991006841\","
        "\"block_number\":-1,\"events\":[]}",
    };
    for (size_t i = 0; i < COUNT(others); i++) {
        copy = with_slack(vg_slice_of(others[i]));
        assert_null(block_scan(copy.p, copy.p + copy.n, &head));
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
        cmocka_unit_test(takes_nearly_every_event_of_the_real_blocks),
        cmocka_unit_test(takes_real_legacy_lines_of_the_full_form),
        cmocka_unit_test(mutated_events_are_the_same_or_left_to_the_reader),
        cmocka_unit_test(stops_at_the_end_it_was_given),
        cmocka_unit_test(leaves_what_is_not_canonical_to_the_reader),
        cmocka_unit_test(reads_the_head_of_a_block_line),
    };
    return cmocka_run_group_tests(tests, NULL, release);
}
