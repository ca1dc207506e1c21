#include "analyze/orders.h"

#include "support.h"

static bool is_new_order(struct orders *orders, uint32_t trader, int64_t id)
{
    bool is_new;
    struct order *order = orders_of(orders, trader, id, &is_new);
    assert_true(order->trader == trader && order->id == id && order->age == 0);
    assert_true(!is_new || (order->size == 0 && order->notional == 0 && order->episode == 0));
    return is_new;
}

static void tells_orders_apart_by_trader_and_id(void **state)
{
    (void)state;
    struct orders orders = {0};
    orders_prefetch(&orders, 1, 1);
    assert_true(is_new_order(&orders, 0, 0));
    assert_true(is_new_order(&orders, 0, 1));
    assert_true(is_new_order(&orders, 1, 0));
    assert_true(is_new_order(&orders, 1, -1));
    assert_true(is_new_order(&orders, 1, INT64_MAX));
    assert_false(is_new_order(&orders, 0, 0));
    assert_false(is_new_order(&orders, 1, INT64_MAX));
    orders_prefetch(&orders, 1, 1);
    assert_int_equal(orders.count, 5);
    orders_release(&orders);
}

static void knows_an_order_for_three_days_after_its_last_fill(void **state)
{
    (void)state;
    struct orders orders = {0};
    bool is_new;
    orders_begin_day(&orders, 100);
    orders_of(&orders, 7, 42, &is_new)->size = 5;
    assert_true(is_new);
    orders_begin_day(&orders, 103);
    assert_false(is_new_order(&orders, 7, 42));
    for (int32_t day = 104; day <= 106; day++) /* day by day or at once */
        orders_begin_day(&orders, day);
    assert_int_equal(orders_of(&orders, 7, 42, &is_new)->size, 5); /* three days from the last, not from the first */
    assert_false(is_new);
    orders_begin_day(&orders, 109);
    orders_begin_day(&orders, 110);
    assert_int_equal(orders.count, 0);
    assert_true(is_new_order(&orders, 7, 42));
    orders_begin_day(&orders, INT32_MAX);
    assert_true(is_new_order(&orders, 7, 42));
    orders_release(&orders);
}

static void forgets_what_no_later_day_asks_for(void **state)
{
    (void)state;
    struct orders orders = {0};
    for (int32_t day = 100; day < 105; day++) {
        orders_begin_day(&orders, day);
        for (int64_t id = 0; id < 1000; id++)
            assert_true(is_new_order(&orders, (uint32_t)day, id));
        assert_int_equal(orders.count, day < 104 ? 1000 * (day - 99) : 4000);
    }
    orders_begin_day(&orders, 106);
    assert_int_equal(orders.count, 2000);
    for (int32_t day = 100; day < 105; day++)
        for (int64_t id = 0; id < 1000; id++)
            assert_int_equal(is_new_order(&orders, (uint32_t)day, id), day < 103);
    orders_release(&orders);
}

/* A plain list with the same promise. */
struct seen {
    uint32_t trader;
    int64_t id;
    int32_t day;
    vg_dec size;
};

static void agrees_with_a_list(void **state)
{
    (void)state;
    struct orders orders = {0};
    struct seen list[600];
    size_t n = 0;
    struct vg_rng rng;
    vg_rng_init(&rng, 3);
    for (int32_t day = 0; day < 90; day += 1 + (int32_t)vg_rng_below(&rng, 5) / 4) {
        orders_begin_day(&orders, day);
        for (int i = 0; i < 80; i++) {
            uint32_t trader = (uint32_t)vg_rng_below(&rng, 12);
            int64_t id = (int64_t)vg_rng_below(&rng, 50);
            size_t k = 0;
            while (k < n && (list[k].trader != trader || list[k].id != id))
                k++;
            bool fresh = k == n || day - list[k].day > 3, is_new;
            if (k == n) n++;
            if (fresh) list[k] = (struct seen){.trader = trader, .id = id};
            list[k].day = day;
            struct order *order = orders_of(&orders, trader, id, &is_new);
            assert_int_equal(is_new, fresh);
            order->size += i;
            list[k].size += i;
            assert_true(order->size == list[k].size);
        }
        if (vg_rng_below(&rng, 5) == 0) { /* a checkpoint in between changes nothing */
            struct state_memory memory = {0};
            struct state_writer out = state_memory_writer(&memory);
            assert_int_equal(orders_save(&orders, &out, NULL), VG_OK);
            orders_release(&orders);
            struct state_reader in = state_memory_reader(&memory);
            assert_int_equal(orders_load(&orders, &in, NULL), VG_OK);
            assert_int_equal(in.left, 0);
            vg_buf_release(&memory.bytes);
        }
    }
    assert_true(n > 500);
    orders_release(&orders);
}

static void loads_none_from_none(void **state)
{
    (void)state;
    struct orders orders = {0};
    struct state_memory memory = {0};
    struct state_writer out = state_memory_writer(&memory);
    assert_int_equal(orders_save(&orders, &out, NULL), VG_OK);
    struct state_reader in = state_memory_reader(&memory);
    assert_int_equal(orders_load(&orders, &in, NULL), VG_OK);
    assert_true(is_new_order(&orders, 1, 1));
    orders_release(&orders);
    vg_buf_release(&memory.bytes);
}

static void refuses_a_cut_state(void **state)
{
    (void)state;
    struct orders orders = {0};
    for (int64_t id = 0; id < 10; id++)
        assert_true(is_new_order(&orders, 1, id));
    struct state_memory memory = {0};
    struct state_writer out = state_memory_writer(&memory);
    assert_int_equal(orders_save(&orders, &out, NULL), VG_OK);
    orders_release(&orders);
    for (size_t whole = memory.bytes.len; memory.bytes.len > 0; memory.bytes.len -= whole / 10) {
        memory.bytes.len--;
        struct state_reader in = state_memory_reader(&memory);
        assert_int_equal(orders_load(&orders, &in, NULL), VG_EPARSE);
        orders_release(&orders);
        if (memory.bytes.len < whole / 10) break;
    }
    vg_buf_release(&memory.bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_orders_apart_by_trader_and_id),
        cmocka_unit_test(knows_an_order_for_three_days_after_its_last_fill),
        cmocka_unit_test(forgets_what_no_later_day_asks_for),
        cmocka_unit_test(agrees_with_a_list),
        cmocka_unit_test(loads_none_from_none),
        cmocka_unit_test(refuses_a_cut_state),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
