#include "ingest/fill_read.h"

#include "support.h"

static struct arena arena;
static vg_err reason;

#define USER "0xc5ed45f2d5bd1b1a4ec9d3a9a4a8fb5a0a4c4e01"
#define HASH "0xf55e0af98b384c4bf6d70437125f0902031600df263b6b1e9926b64c4a3c2636"
#define CLOID "0x00000000000000000075430000004070"
/* An event with every key there is. */
static const char whole[] =
    "[\"" USER "\",{\"coin\":\"xyz:NVDA\",\"px\":\"179.59\",\"sz\":\"0.278\",\"side\":\"A\",\"time\":1773532799991,"
    "\"startPosition\":\"27.574\",\"dir\":\"Close Long\",\"closedPnl\":\"-0.03614\",\"hash\":\"" HASH "\","
    "\"oid\":349162667306,\"crossed\":true,\"fee\":\"0.002096\",\"builderFee\":\"0.001\",\"tid\":1095300731576717,"
    "\"cloid\":\"" CLOID "\",\"liquidation\":{\"liquidatedUser\":\"" USER "\",\"markPx\":\"179.6\","
    "\"method\":\"market\"},\"feeToken\":\"USDT0\",\"builder\":\"" USER "\",\"twapId\":1671055,"
    "\"deployerFee\":\"0.0005\"}]";

/* The whole event with one piece replaced; it must be in there. */
static vg_slice with(const char *piece, const char *other)
{
    const char *at = strstr(whole, piece);
    if (!at) fail_msg("'%s' is not in the event", piece);
    vg_buf text = {0};
    vg_buf_add(&text, whole, (size_t)(at - whole));
    vg_buf_adds(&text, other);
    vg_buf_adds(&text, at + strlen(piece));
    vg_slice copy = {arena_copy(&arena, text.data, text.len), text.len};
    vg_buf_release(&text);
    return copy;
}

static struct fill taken(vg_slice text, enum fill_form form)
{
    struct fill fill;
    if (!fill_read(text, form, &fill, &arena, &reason)) fail_msg("%s: %.*s", reason.msg, (int)text.n, text.p);
    return fill;
}

static void refused(vg_slice text, const char *why)
{
    struct fill fill;
    if (fill_read(text, FORM_BLOCKS, &fill, &arena, &reason)) fail_msg("took %.*s", (int)text.n, text.p);
    if (!strstr(reason.msg, why)) fail_msg("'%s' does not say '%s': %.*s", reason.msg, why, (int)text.n, text.p);
}

static void reads_every_key(void **state)
{
    (void)state;
    static const uint8_t user[ADDRESS_BYTES] = {0xc5, 0xed, 0x45, 0xf2, 0xd5, 0xbd, 0x1b, 0x1a, 0x4e, 0xc9,
                                                0xd3, 0xa9, 0xa4, 0xa8, 0xfb, 0x5a, 0x0a, 0x4c, 0x4e, 0x01};
    struct fill f = taken(vg_slice_of(whole), FORM_BLOCKS);
    assert_int_equal(f.has, 0xffff & ~(FILL_HAS_EXTRA | FILL_IS_BUY));
    assert_memory_equal(f.user, user, ADDRESS_BYTES);
    assert_memory_equal(f.builder, user, ADDRESS_BYTES);
    assert_memory_equal(f.liquidated_user, user, ADDRESS_BYTES);
    assert_memory_equal(f.hash, "\xf5\x5e\x0a\xf9", 4);
    assert_memory_equal(f.cloid + 12, "\x00\x00\x40\x70", 4);
    assert_slice_is(f.coin, "xyz:NVDA");
    assert_slice_is(f.direction, "Close Long");
    assert_slice_is(f.fee_token, "USDT0");
    assert_slice_is(f.liquidation_method, "market");
    assert_true(f.price == (vg_dec)1795900000000 && f.size == (vg_dec)2780000000);
    assert_true(f.start_position == (vg_dec)275740000000 && f.closed_pnl == -(vg_dec)361400000);
    assert_true(f.fee == 20960000 && f.builder_fee == 10000000 && f.deployer_fee == 5000000);
    assert_true(f.liquidation_mark == (vg_dec)1796000000000);
    assert_true(f.time_ms == 1773532799991 && f.order_id == 349162667306 && f.trade_id == 1095300731576717);
    assert_true(f.twap_id == 1671055);
}

static void takes_keys_in_any_order_with_white_space(void **state)
{
    (void)state;
    struct fill wanted = taken(vg_slice_of(whole), FORM_BLOCKS);
    struct fill f = taken(
        VG_SLICE(" [ \"" USER "\" ,\t{ \"deployerFee\":\"0.0005\", \"twapId\" : 1671055 , \"builder\":\"" USER
                 "\",\"feeToken\":\"USDT0\",\"liquidation\": { \"liquidatedUser\" : \"" USER "\",\"markPx\":\"179.6\","
                 "\"method\":\"market\"},\"cloid\":\"" CLOID "\",\"tid\":1095300731576717,\"builderFee\":\"0.001\","
                 "\"fee\":\"0.002096\",\"crossed\":true,\"oid\":349162667306,\"hash\":\"" HASH "\","
                 "\"closedPnl\":\"-0.03614\",\"dir\":\"Close Long\",\"startPosition\":\"27.574\","
                 "\"time\":1773532799991,\"side\":\"A\",\"sz\":\"0.278\",\"px\":\"179.59\",\"coin\":\"xyz:NVDA\" } ] "),
        FORM_BLOCKS);
    assert_fills_equal(&wanted, &f, false);
}

static void names_every_key_that_is_missing(void **state)
{
    (void)state;
    static const char *const required[][2] = {
        {"\"coin\":\"xyz:NVDA\",", "coin: missing"},  {"\"px\":\"179.59\",", "px: missing"},
        {"\"sz\":\"0.278\",", "sz: missing"},         {"\"side\":\"A\",", "side: missing"},
        {"\"time\":1773532799991,", "time: missing"}, {"\"startPosition\":\"27.574\",", "startPosition: missing"},
        {"\"dir\":\"Close Long\",", "dir: missing"},  {"\"closedPnl\":\"-0.03614\",", "closedPnl: missing"},
        {"\"hash\":\"" HASH "\",", "hash: missing"},  {"\"oid\":349162667306,", "oid: missing"},
        {"\"crossed\":true,", "crossed: missing"},
    };
    for (size_t i = 0; i < COUNT(required); i++)
        refused(with(required[i][0], ""), required[i][1]);
}

static void keys_that_may_be_absent_are(void **state)
{
    (void)state;
    static const struct {
        const char *piece;
        uint32_t flags;
    } optional[] = {
        {"\"fee\":\"0.002096\",", FILL_HAS_FEE},
        {"\"builderFee\":\"0.001\",", FILL_HAS_BUILDER_FEE},
        {"\"tid\":1095300731576717,", FILL_HAS_TRADE_ID},
        {"\"cloid\":\"" CLOID "\",", FILL_HAS_CLOID},
        {"\"liquidation\":{\"liquidatedUser\":\"" USER "\",\"markPx\":\"179.6\",\"method\":\"market\"},",
         FILL_HAS_LIQUIDATION},
        {"\"liquidatedUser\":\"" USER "\",", FILL_HAS_LIQUIDATED_USER},
        {"\"markPx\":\"179.6\",", FILL_HAS_LIQUIDATION_MARK},
        {",\"method\":\"market\"", FILL_HAS_LIQUIDATION_METHOD},
        {"\"feeToken\":\"USDT0\",", FILL_HAS_FEE_TOKEN},
        {"\"builder\":\"" USER "\",", FILL_HAS_BUILDER},
        {",\"deployerFee\":\"0.0005\"", FILL_HAS_DEPLOYER_FEE},
    };
    uint32_t all = taken(vg_slice_of(whole), FORM_BLOCKS).has;
    for (size_t i = 0; i < COUNT(optional); i++)
        assert_int_equal(taken(with(optional[i].piece, ""), FORM_BLOCKS).has, all & ~optional[i].flags);
}

static void says_why_it_refuses(void **state)
{
    (void)state;
    static const char *const cases[][3] = {
        /* wrong types */
        {"\"coin\":\"xyz:NVDA\"", "\"coin\":5", "coin: a string is expected"},
        {"\"coin\":\"xyz:NVDA\"", "\"coin\":null", "coin: a string is expected"},
        {"\"px\":\"179.59\"", "\"px\":179.59", "px: a string is expected"},
        {"\"sz\":\"0.278\"", "\"sz\":[]", "sz: a string is expected"},
        {"\"side\":\"A\"", "\"side\":true", "side: a string is expected"},
        {"\"time\":1773532799991", "\"time\":\"1773532799991\"", "time: an integer is expected"},
        {"\"time\":1773532799991", "\"time\":null", "time: an integer is expected"},
        {"\"time\":1773532799991", "\"time\":1.5", "time: an integer is expected"},
        {"\"time\":1773532799991", "\"time\":1e3", "time: an integer is expected"},
        {"\"oid\":349162667306", "\"oid\":{}", "oid: an integer is expected"},
        {"\"crossed\":true", "\"crossed\":1", "crossed: true or false is expected"},
        {"\"crossed\":true", "\"crossed\":\"true\"", "crossed: true or false is expected"},
        {"\"crossed\":true", "\"crossed\":null", "crossed: true or false is expected"},
        {"\"fee\":\"0.002096\"", "\"fee\":0.002096", "fee: a string is expected"},
        {"\"tid\":1095300731576717", "\"tid\":\"1\"", "tid: an integer is expected"},
        {"\"twapId\":1671055", "\"twapId\":\"1\"", "twapId: an integer is expected"},
        {"\"twapId\":1671055", "\"twapId\":\"absent\"", "twapId: an integer is expected"},
        {"\"cloid\":\"" CLOID "\"", "\"cloid\":5", "cloid: a string is expected"},
        {"\"builder\":\"" USER "\"", "\"builder\":{}", "builder: a string is expected"},
        {"{\"liquidatedUser\"", "5,\"x\":{\"liquidatedUser\"", "liquidation: an object is expected"},
        {"\"liquidatedUser\":\"" USER "\"", "\"liquidatedUser\":5", "liquidatedUser: a string"},
        {"\"method\":\"market\"", "\"method\":5", "method: a string"},
        {"\"markPx\":\"179.6\"", "\"markPx\":179.6", "markPx: a string"},
        /* hex */
        {"[\"" USER "\"", "[\"0xc5ed45\"", "user: not 0x and 40"},
        {"[\"" USER "\"", "[\"" USER "00\"", "user: not 0x and 40"},
        {"[\"0xc5ed", "[\"0xC5ed", "user: not 0x and 40"},
        {"[\"0xc5ed", "[\"1xc5ed", "user: not 0x and 40"},
        {"[\"0xc5ed", "[\"0Xc5ed", "user: not 0x and 40"},
        {"[\"0xc5ed", "[\"0xg5ed", "user: not 0x and 40"},
        {"[\"" USER "\"", "[5", "user: a string is expected"},
        {"\"hash\":\"0xf", "\"hash\":\"0xF", "hash: not 0x and 64"},
        {"\"cloid\":\"0x00", "\"cloid\":\"0x0", "cloid: not 0x and 32"},
        {"\"builder\":\"0xc", "\"builder\":\"0x.", "builder: not 0x and 40"},
        {"\"liquidatedUser\":\"0xc", "\"liquidatedUser\":\"0x ", "liquidatedUser: not 0x and 40"},
        /* numbers */
        {"179.59", "-179.59", "px: negative"},
        {"0.278", "-0.278", "sz: negative"},
        {"\"time\":1773532799991", "\"time\":-5", "time: negative"},
        {"\"oid\":349162667306", "\"oid\":-0", "oid: negative"},
        {"\"tid\":1095300731576717", "\"tid\":-1", "tid: negative"},
        {"\"oid\":349162667306", "\"oid\":9223372036854775808", "oid: an integer does not fit"},
        {"\"time\":1773532799991", "\"time\":9223372036855", "time: beyond the year 2261"},
        {"179.59", "179.59e0", "px: not a plain decimal"},
        {"179.59", "", "px: not a plain decimal"},
        {"179.59", "+179.59", "px: not a plain decimal"},
        {"179.59", " 179.59", "px: not a plain decimal"},
        {"179.59", "NaN", "px: not a plain decimal"},
        {"179.59", "0.00000000001", "px: more than 20 integer or 10 fractional digits"},
        {"179.59", "100000000000000000000.0", "px: more than 20 integer or 10 fractional digits"},
        {"\"179.59\",\"sz\":\"0.278\"", "\"10000000000.0\",\"sz\":\"100000000.0\"",
         "px x sz: more than 18 integer digits"},
        {"\"179.59\",\"sz\":\"0.278\"", "\"1.0\",\"sz\":\"1000000000000000000\"",
         "px x sz: more than 18 integer digits"},
        {"\"179.59\",\"sz\":\"0.278\"", "\"99999999999999999999.9\",\"sz\":\"99999999999999999999.9\"",
         "px x sz: more than 18 integer digits"},
        {"27.574", "-27.57412345678", "startPosition: more than"},
        {"-0.03614", "--0.03614", "closedPnl: not a plain"},
        {"179.6", "x", "markPx: not a plain"},
        {"0.0005", "1.2.3", "deployerFee: not a plain"},
        /* texts */
        {"\"side\":\"A\"", "\"side\":\"C\"", "side: neither"},
        {"\"side\":\"A\"", "\"side\":\"\"", "side: neither"},
        {"\"coin\":\"xyz:NVDA\"", "\"coin\":\"\"", "coin: empty"},
        {"\"coin\":\"xyz:NVDA\"", "\"coin\":\"x\\u0041\"", "coin: escaped"},
        {"Close Long", "Close\\tLong", "dir: escaped"},
        {"Close Long", "Close\tLong", "dir: a control character"},
        {"USDT0", "US\xff", "feeToken: bad UTF-8"},
        {"market", "", "method: empty"},
        /* twice */
        {"\"side\":\"A\"", "\"side\":\"A\",\"side\":\"A\"", "side: occurs twice"},
        {"\"twapId\":1671055", "\"twapId\":null,\"twapId\":1671055", "twapId: occurs twice"},
        {"\"side\":\"A\"", "\"side\":\"A\",\"new\":1,\"new\":2", "an unknown key: occurs twice"},
        {"\"method\":\"market\"", "\"method\":\"market\",\"method\":\"market\"", "liquidation: a key twice"},
        /* shape */
        {"\"deployerFee\":\"0.0005\"}]", "\"deployerFee\":\"0.0005\"},5]", "event: more than a user and a fill"},
        {"\"deployerFee\":\"0.0005\"}]", "\"deployerFee\":\"0.0005\"}]x", "event: more text after"},
        {"\"deployerFee\":\"0.0005\"}]", "\"deployerFee\":\"0.0005\"}", "event: "},
        {"\"deployerFee\":\"0.0005\"}]", "\"deployerFee\":\"0.0005\"", "fill: "},
        {"\"deployerFee\":\"0.0005\"}]", "\"deployerFee\":\"0.0005\",}]", "fill: a key is expected"},
        {"\"coin\":\"xyz:NVDA\",", "\"coin\":\"xyz:NVDA\"", "fill: ',' or '}'"},
        {"\"coin\":", "\"coin\"", "fill: ':' is expected"},
        {"{\"coin\"", "5,{\"coin\"", "fill: an object is expected"},
        {"[\"" USER, "{\"" USER, "event: an array is expected"},
        {"\"side\":\"A\"", "\"side\":\"A\",\"new\":[1,]", "a value: a value is expected"},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        refused(with(cases[i][0], cases[i][1]), cases[i][2]);
    refused(VG_SLICE(""), "event: ");
    refused(VG_SLICE("[]"), "event: ");
    refused(VG_SLICE("[\"" USER "\"]"), "event: ");
    refused(VG_SLICE("null"), "event: ");
}

static void every_beginning_of_an_event_is_refused(void **state)
{
    (void)state;
    for (size_t n = 0; n + 1 < sizeof whole; n++) {
        char *copy = malloc(n ? n : 1); /* of exactly this size, for the sanitizer */
        struct fill fill;
        memcpy(copy, whole, n);
        if (fill_read((vg_slice){copy, n}, FORM_BLOCKS, &fill, &arena, &reason)) fail_msg("took %zu bytes", n);
        free(copy);
    }
}

static void labels_have_up_to_255_bytes(void **state)
{
    (void)state;
    char text[300];
    for (unsigned n = 254; n <= 257; n++) {
        text[0] = '"';
        memset(text + 1, 'c', n);
        strcpy(text + 1 + n, "\"");
        vg_slice event = with("\"xyz:NVDA\"", text);
        if (n <= 255)
            assert_int_equal(taken(event, FORM_BLOCKS).coin.n, n);
        else
            refused(event, "coin: longer than 255 bytes");
    }
}

static void keeps_in_extra_what_columns_cannot_say(void **state)
{
    (void)state;
    static const char *const cases[][3] = {
        {"\"side\":\"A\"", "\"side\":\"A\",\"priorityGas\":0.5", "{\"priorityGas\":0.5}"},
        {"\"side\":\"A\"", "\"new\": { \"a\" : [ 1 ] } ,\"side\":\"A\"", "{\"new\":{ \"a\" : [ 1 ] }}"},
        {"\"side\":\"A\"", "\"side\":\"A\",\"n\\u0065w\":\"\\u0041\",\"b\":null",
         "{\"n\\u0065w\":\"\\u0041\",\"b\":null}"},
        {"179.59", "179.590", "{\"px\":\"179.590\"}"},
        {"0.278", "00.278", "{\"sz\":\"00.278\"}"},
        {"27.574", "-0.0", "{\"startPosition\":\"-0.0\"}"},
        {"-0.03614", "3", "{\"closedPnl\":\"3\"}"},
        {"\"fee\":\"0.002096\"", "\"fee\":null", "{\"fee\":null}"},
        {"\"cloid\":\"" CLOID "\"", "\"cloid\":null", "{\"cloid\":null}"},
        {"\"tid\":1095300731576717", "\"tid\":null", "{\"tid\":null}"},
        {"\"liquidation\":{\"liquidatedUser\":\"" USER "\",\"markPx\":\"179.6\",\"method\":\"market\"}",
         "\"liquidation\":null", "{\"liquidation\":null}"},
        {"{\"liquidatedUser\":\"" USER "\",\"markPx\":\"179.6\",\"method\":\"market\"}", "{}", "{\"liquidation\":{}}"},
        {"{\"liquidatedUser\":\"" USER "\",\"markPx\":\"179.6\",\"method\":\"market\"}",
         "{\"method\":\"market\",\"markPx\":\"179.6\"}",
         "{\"liquidation\":{\"method\":\"market\",\"markPx\":\"179.6\"}}"},
        {"\"method\":\"market\"", "\"method\":\"market\",\"x\":1",
         "{\"liquidation\":{\"liquidatedUser\":\"" USER "\",\"markPx\":\"179.6\",\"method\":\"market\",\"x\":1}}"},
        {"\"liquidatedUser\":\"" USER "\"", "\"liquidatedUser\":null",
         "{\"liquidation\":{\"liquidatedUser\":null,\"markPx\":\"179.6\",\"method\":\"market\"}}"},
        {"\"markPx\":\"179.6\"", "\"markPx\":\"179.60\"",
         "{\"liquidation\":{\"liquidatedUser\":\"" USER "\",\"markPx\":\"179.60\",\"method\":\"market\"}}"},
        {",\"twapId\":1671055", "", "{\"twapId\":\"absent\"}"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct fill f = taken(with(cases[i][0], cases[i][1]), FORM_BLOCKS);
        assert_true(f.has & FILL_HAS_EXTRA);
        assert_slice_is(f.extra, cases[i][2]);
    }
}

static void twap_id_null_is_normal_in_blocks_and_odd_in_legacy_lines(void **state)
{
    (void)state;
    vg_slice null = with("1671055", "null"), absent = with(",\"twapId\":1671055", "");
    assert_false(taken(null, FORM_BLOCKS).has & (FILL_HAS_TWAP_ID | FILL_HAS_EXTRA));
    assert_slice_is(taken(null, FORM_LEGACY).extra, "{\"twapId\":null}");
    assert_slice_is(taken(absent, FORM_BLOCKS).extra, "{\"twapId\":\"absent\"}");
    assert_false(taken(absent, FORM_LEGACY).has & (FILL_HAS_TWAP_ID | FILL_HAS_EXTRA));
}

static void odd_numbers_still_have_their_value(void **state)
{
    (void)state;
    assert_true(taken(with("179.59", "0179.5900"), FORM_BLOCKS).price == (vg_dec)1795900000000);
    assert_true(taken(with("27.574", "-27"), FORM_BLOCKS).start_position == -(vg_dec)270000000000);
    assert_true(taken(with("\"markPx\":\"179.6\"", "\"markPx\":\"179.60\""), FORM_BLOCKS).liquidation_mark ==
                (vg_dec)1796000000000);
}

static void takes_sixty_four_unknown_keys(void **state)
{
    (void)state;
    for (unsigned n = 64; n <= 65; n++) {
        vg_buf keys = {0};
        for (unsigned i = 0; i < n; i++)
            vg_buf_addf(&keys, "\"key%u\":%u,", i, i);
        vg_buf_adds(&keys, "\"side\":\"A\"");
        vg_slice event = with("\"side\":\"A\"", keys.data);
        if (n == 64)
            assert_true(taken(event, FORM_BLOCKS).has & FILL_HAS_EXTRA);
        else
            refused(event, "fill: more than 64 unknown keys");
        vg_buf_release(&keys);
    }
}

/* --- trades --- */

#define BUYER "0x1111111111111111111111111111111111111111"
#define SELLER "0x2222222222222222222222222222222222222222"
static const char trade[] =
    "{\"coin\":\"TURBO\",\"side\":\"B\",\"time\":\"2025-03-25T18:59:59.950677625\",\"px\":\"0.002467\","
    "\"sz\":\"16809.0\",\"hash\":\"" HASH "\",\"trade_dir_override\":\"Na\",\"side_info\":[{\"user\":\"" BUYER
    "\",\"start_pos\":\"1399209.0\",\"oid\":81782806721,\"twap_id\":null,\"cloid\":null},{\"user\":\"" SELLER
    "\",\"start_pos\":\"-5.5\",\"oid\":81782806720,\"twap_id\":77,\"cloid\":\"" CLOID "\"}]}";

static void a_trade_gives_a_buyer_and_a_seller(void **state)
{
    (void)state;
    struct fill f[2];
    assert_true(trade_read(vg_slice_of(trade), f, &arena, &reason));
    for (int i = 0; i < 2; i++) {
        assert_slice_is(f[i].coin, "TURBO");
        assert_true(f[i].price == 24670000 && f[i].size == 16809 * (vg_dec)VG_DEC_ONE);
        assert_true(f[i].block_time_ns == 1742929199950677625 && f[i].time_ms == 1742929199950);
        assert_memory_equal(f[i].hash, "\xf5\x5e\x0a\xf9", 4);
    }
    assert_int_equal(f[0].user[0], 0x11);
    assert_int_equal(f[1].user[0], 0x22);
    assert_int_equal(f[0].has, FILL_IS_BUY | FILL_IS_TAKER | FILL_HAS_EXTRA);
    assert_int_equal(f[1].has, FILL_HAS_TWAP_ID | FILL_HAS_CLOID);
    assert_slice_is(f[0].extra, "{\"trade_dir_override\":\"Na\"}");
    assert_true(f[0].start_position == 1399209 * (vg_dec)VG_DEC_ONE);
    assert_true(f[1].start_position == -55 * (vg_dec)1000000000 && f[1].twap_id == 77);
    assert_true(f[0].order_id == 81782806721 && f[1].order_id == 81782806720);
}

static void refuses_trades_that_are_not_whole(void **state)
{
    (void)state;
    static const char *const cases[][3] = {
        {"\"coin\":\"TURBO\",", "", "coin: missing"},
        {"\"side\":\"B\",", "", "side: missing"},
        {"\"px\":\"0.002467\",", "", "px: missing"},
        {"\"side\":\"B\"", "\"side\":\"B\",\"side\":\"B\"", "side: occurs twice"},
        {"18:59:59", "18:59:99", "time: not a time"},
        {"\"px\":\"0.0", "\"px\":\"-0.0", "px: negative"},
        {"\"sz\":\"16809.0\"", "\"sz\":16809.0", "sz: a string"},
        {"\"0.002467\"", "\"100000000000000.0\"", "px x sz: more than 18 integer digits"},
        {"\"hash\":\"0xf", "\"hash\":\"0xF", "hash: not 0x"},
        {"\"user\":\"" BUYER "\",", "", "user, start_pos or oid is missing"},
        {"\"oid\":81782806721,", "", "user, start_pos or oid is missing"},
        {"\"user\":\"" BUYER "\"", "\"user\":\"" BUYER "\",\"user\":\"" BUYER "\"", "a key twice"},
        {"\"cloid\":null", "\"cloid\":null,\"new\":1", "an unknown key"},
        {"\"twap_id\":77", "\"twap_id\":-77", "twap_id: negative"},
        {"\"side\":\"B\"", "\"side\":\"B\",\"start_pos\":\"1.0\"", "start_pos: outside of side_info"},
        {"0x00000000000000000075430000004070\"}", "0x00000000000000000075430000004070\"},{}", "more than two sides"},
        {"null},{\"user\":\"" SELLER "\",\"start_pos\":\"-5.5\",\"oid\":81782806720,\"twap_id\":77,\"cloid\":"
         "\"0x00000000000000000075430000004070\"}",
         "null}", "fewer than two sides"},
        {"}]}", "}]", "trade: "},
        {"}]}", "}]}}", "trade: "},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *at = strstr(trade, cases[i][0]);
        if (!at) fail_msg("'%s' is not in the trade", cases[i][0]);
        vg_buf text = {0};
        struct fill f[2];
        vg_buf_add(&text, trade, (size_t)(at - trade));
        vg_buf_adds(&text, cases[i][1]);
        vg_buf_adds(&text, at + strlen(cases[i][0]));
        if (trade_read(vg_buf_view(&text), f, &arena, &reason)) fail_msg("took %s", text.data);
        if (!strstr(reason.msg, cases[i][2])) fail_msg("'%s' does not say '%s'", reason.msg, cases[i][2]);
        vg_buf_release(&text);
    }
    for (size_t n = 0; n + 1 < sizeof trade; n++) { /* cut anywhere, it still says why */
        struct fill f[2];
        reason.msg[0] = '\0';
        assert_false(trade_read((vg_slice){trade, n}, f, &arena, &reason));
        assert_true(reason.msg[0]);
    }
}

static void odd_numbers_of_a_side_stay_with_that_side(void **state)
{
    (void)state;
    struct fill f[2];
    vg_buf text = {0};
    vg_buf_adds(&text, trade);
    memcpy(strstr(text.data, "\"-5.5\""), "\"-05.\"", 6); /* not a number */
    assert_false(trade_read(vg_buf_view(&text), f, &arena, &reason));
    memcpy(strstr(text.data, "\"-05.\""), "\"-5\"  ", 6);
    assert_true(trade_read(vg_buf_view(&text), f, &arena, &reason));
    assert_slice_is(f[0].extra, "{\"trade_dir_override\":\"Na\"}");
    assert_slice_is(f[1].extra, "{\"start_pos\":\"-5\"}");
    vg_buf_release(&text);
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
        cmocka_unit_test(reads_every_key),
        cmocka_unit_test(takes_keys_in_any_order_with_white_space),
        cmocka_unit_test(names_every_key_that_is_missing),
        cmocka_unit_test(keys_that_may_be_absent_are),
        cmocka_unit_test(says_why_it_refuses),
        cmocka_unit_test(every_beginning_of_an_event_is_refused),
        cmocka_unit_test(labels_have_up_to_255_bytes),
        cmocka_unit_test(keeps_in_extra_what_columns_cannot_say),
        cmocka_unit_test(twap_id_null_is_normal_in_blocks_and_odd_in_legacy_lines),
        cmocka_unit_test(odd_numbers_still_have_their_value),
        cmocka_unit_test(takes_sixty_four_unknown_keys),
        cmocka_unit_test(a_trade_gives_a_buyer_and_a_seller),
        cmocka_unit_test(refuses_trades_that_are_not_whole),
        cmocka_unit_test(odd_numbers_of_a_side_stay_with_that_side),
    };
    return cmocka_run_group_tests(tests, NULL, release);
}
