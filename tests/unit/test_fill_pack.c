#include "lake/fill_pack.h"

#include "support.h"

static void check(const struct fill *fill)
{
    size_t room = FILL_PACK_MAX + (fill->has & FILL_HAS_EXTRA ? fill->extra.n : 0);
    uint8_t *packed = malloc(room); /* of exactly the promised size, for the sanitizer */
    struct fill again;
    memset(&again, 0x5a, sizeof again);
    size_t n = fill_pack(fill, packed);
    assert_true(n <= room);
    assert_int_equal(fill_unpack(packed, &again), n);
    assert_fills_equal(fill, &again, true);
    free(packed);
}

static void random_fills_come_back(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct vg_rng rng;
    vg_rng_init(&rng, 1);
    for (int i = 0; i < 20000; i++) {
        struct fill fill = random_fill(&rng, &arena);
        check(&fill);
        arena_clear(&arena);
    }
    arena_release(&arena);
}

static void decimals_of_every_length_come_back(void **state)
{
    (void)state;
    struct fill fill = {.has = FILL_HAS_FEE, .coin = VG_SLICE("BTC")};
    for (unsigned bit = 0; bit < 127; bit++)
        for (int off = -1; off <= 1; off++) {
            __int128 value = (__int128)((unsigned __int128)1 << bit) + off;
            fill.price = value;
            fill.size = -value;
            fill.start_position = ~value;
            fill.fee = (__int128)((unsigned __int128)1 << 127) + (off == 1); /* about the smallest of all */
            check(&fill);
        }
}

static void the_longest_texts_fit_the_promised_room(void **state)
{
    (void)state;
    char text[255], extra[5000];
    memset(text, 'x', sizeof text);
    memset(extra, 'y', sizeof extra);
    struct fill fill = {.has = 0xffff};
    fill.coin = fill.direction = fill.fee_token = fill.liquidation_method = (vg_slice){text, sizeof text};
    fill.extra = (vg_slice){extra, sizeof extra};
    __int128 widest = (__int128)((unsigned __int128)1 << 127);
    fill.price = fill.size = fill.start_position = fill.closed_pnl = widest;
    fill.fee = fill.builder_fee = fill.deployer_fee = fill.liquidation_mark = widest;
    check(&fill);
}

static void ordinary_fills_are_small(void **state)
{
    (void)state;
    vg_buf text = {0};
    struct arena arena = {0};
    struct fill fill;
    uint8_t packed[FILL_PACK_MAX];
    add_event(&text, 349162667306);
    assert_true(fill_read(vg_buf_view(&text), FORM_BLOCKS, &fill, &arena, NULL));
    assert_in_range(fill_pack(&fill, packed), 92, 200);
    vg_buf_release(&text);
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_fills_come_back),
        cmocka_unit_test(decimals_of_every_length_come_back),
        cmocka_unit_test(the_longest_texts_fit_the_promised_room),
        cmocka_unit_test(ordinary_fills_are_small),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
