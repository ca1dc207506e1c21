#include "lake/fill_sort.h"

#include "base/file.h"
#include "support.h"

static vg_err err;

/* Position in the input, for what is equal otherwise. */
struct numbered {
    struct fill fill;
    size_t at;
};

static int compare(const void *a, const void *b)
{
    const struct numbered *x = a, *y = b;
    int32_t day_x = (int32_t)vg_floor_div(x->fill.block_time_ns, VG_NS_PER_DAY),
            day_y = (int32_t)vg_floor_div(y->fill.block_time_ns, VG_NS_PER_DAY);
    if (day_x != day_y) return day_x < day_y ? -1 : 1;
    int order = memcmp(x->fill.user, y->fill.user, ADDRESS_BYTES);
    if (order) return order;
    if (x->fill.block_number != y->fill.block_number) return x->fill.block_number < y->fill.block_number ? -1 : 1;
    if (x->fill.event_index != y->fill.event_index) return x->fill.event_index < y->fill.event_index ? -1 : 1;
    return x->at < y->at ? -1 : 1;
}

enum shape { IN_ORDER, OUT_OF_ORDER, WITH_EQUALS, MANY_TRADERS, SHAPES };

static struct numbered *make(struct arena *arena, enum shape shape, size_t n, unsigned days)
{
    struct numbered *rows = calloc(n, sizeof *rows);
    struct vg_rng rng;
    vg_rng_init(&rng, shape + 1);
    for (size_t i = 0; i < n; i++) {
        struct fill *f = &rows[i].fill;
        *f = random_fill(&rng, arena);
        rows[i].at = i;
        uint64_t block = shape == IN_ORDER || shape == MANY_TRADERS ? i / 7 : vg_rng_below(&rng, n / 7 + 1);
        f->block_number = (int64_t)block - 20;
        f->event_index = shape == WITH_EQUALS    ? (uint32_t)vg_rng_below(&rng, 2)
                         : shape == OUT_OF_ORDER ? (uint32_t)(n - i)
                                                 : (uint32_t)(i % 7);
        f->block_time_ns = (int64_t)(20527 * 86400 + block * 86400 * days / (n / 7 + 1)) * VG_NS_PER_S;
        memset(f->user, 0, sizeof f->user);
        uint64_t trader = vg_rng_below(&rng, shape == MANY_TRADERS ? 100000 : 13);
        memcpy(f->user + trader % 5, &trader, 4);
        f->order_id = (int64_t)i;
    }
    return rows;
}

static void check_sorted(struct fill_sorter *sorter, struct numbered *rows, size_t n)
{
    for (size_t i = 0; i < n; i++)
        assert_int_equal(fill_sorter_add(sorter, &rows[i].fill, &err), VG_OK);
    if (n) qsort(rows, n, sizeof *rows, compare);
    assert_int_equal(fill_sorter_finish(sorter, &err), VG_OK);
    const struct fill *fill;
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(fill_sorter_peek(sorter, &fill, &err), VG_OK);
        assert_non_null(fill);
        const struct fill *twice;
        assert_int_equal(fill_sorter_peek(sorter, &twice, &err), VG_OK); /* looking does not move */
        assert_ptr_equal(twice, fill);
        assert_int_equal(fill->order_id, rows[i].fill.order_id);
        assert_fills_equal(fill, &rows[i].fill, true);
        fill_sorter_pop(sorter);
        assert_int_equal(fill->order_id, rows[i].fill.order_id); /* lives until the next peek */
    }
    assert_int_equal(fill_sorter_peek(sorter, &fill, &err), VG_OK);
    assert_null(fill);
}

static void orders_by_day_trader_block_and_event(void **state)
{
    const char *folder = *state;
    struct arena arena = {0};
    for (enum shape shape = 0; shape < SHAPES; shape++)
        for (unsigned days = 1; days <= 40; days += 39) {
            struct numbered *rows = make(&arena, shape, 5000, days);
            struct fill_sorter *sorter = fill_sorter_new(folder, 64 << 20);
            check_sorted(sorter, rows, 5000);
            fill_sorter_free(sorter);
            free(rows);
            arena_clear(&arena);
        }
    arena_release(&arena);
}

static void spilling_gives_the_same_order(void **state)
{
    const char *folder = *state;
    static const size_t run_bytes[] = {1, 20000, 500000};
    struct arena arena = {0};
    for (enum shape shape = 0; shape < SHAPES; shape++)
        for (size_t k = 0; k < COUNT(run_bytes); k++) {
            size_t n = run_bytes[k] == 1 ? 300 : 4000;
            struct numbered *rows = make(&arena, shape, n, 3);
            struct fill_sorter *sorter = fill_sorter_new(folder, run_bytes[k]);
            check_sorted(sorter, rows, n);
            fill_sorter_free(sorter);
            free(rows);
            arena_clear(&arena);
        }
    arena_release(&arena);
}

static void huge_extras_pass_through(void **state)
{
    const char *folder = *state;
    struct arena arena = {0};
    enum { ROWS = 6, HUGE = 3 << 20 };
    for (size_t run_bytes = 1 << 16; run_bytes <= 64 << 20; run_bytes <<= 10) {
        struct numbered *rows = make(&arena, OUT_OF_ORDER, ROWS, 2);
        for (size_t i = 0; i < ROWS; i++) {
            char *bytes = arena_alloc(&arena, HUGE + i);
            memset(bytes, (int)('a' + i), HUGE + i);
            rows[i].fill.extra = (vg_slice){bytes, HUGE + i};
            rows[i].fill.has |= FILL_HAS_EXTRA;
        }
        struct fill_sorter *sorter = fill_sorter_new(folder, run_bytes);
        check_sorted(sorter, rows, ROWS);
        fill_sorter_free(sorter);
        free(rows);
        arena_clear(&arena);
    }
    arena_release(&arena);
}

static void a_cleared_sorter_starts_anew(void **state)
{
    const char *folder = *state;
    struct arena arena = {0};
    struct fill_sorter *sorter = fill_sorter_new(folder, 100000);
    for (unsigned round = 0; round < 4; round++) {
        size_t n = round % 2 ? 50 : 3000; /* with and without spilling */
        struct numbered *rows = make(&arena, round % SHAPES, n, 2);
        check_sorted(sorter, rows, n);
        fill_sorter_clear(sorter);
        free(rows);
        arena_clear(&arena);
    }
    struct numbered *rows = make(&arena, IN_ORDER, 3000, 2); /* cleared in the middle of adding */
    for (size_t i = 0; i < 3000; i++)
        assert_int_equal(fill_sorter_add(sorter, &rows[i].fill, &err), VG_OK);
    fill_sorter_clear(sorter);
    check_sorted(sorter, rows, 100);
    fill_sorter_free(sorter);
    free(rows);
    arena_release(&arena);
}

static void no_rows_are_fine(void **state)
{
    const char *folder = *state;
    struct fill_sorter *sorter = fill_sorter_new(folder, 1000);
    check_sorted(sorter, NULL, 0);
    fill_sorter_free(sorter);
    fill_sorter_free(NULL);
}

static void spill_files_have_no_name(void **state)
{
    const char *folder = *state;
    struct arena arena = {0};
    struct numbered *rows = make(&arena, IN_ORDER, 500, 1);
    struct fill_sorter *sorter = fill_sorter_new(folder, 1000);
    for (size_t i = 0; i < 500; i++)
        assert_int_equal(fill_sorter_add(sorter, &rows[i].fill, &err), VG_OK);
    struct file_names names;
    assert_int_equal(file_list(folder, &names, &err), VG_OK);
    assert_int_equal(names.n, 0);
    file_names_release(&names);
    fill_sorter_free(sorter);
    sorter = fill_sorter_new("/nonexistent/folder", 1000);
    vg_code rc = VG_OK;
    for (size_t i = 0; i < 500 && !rc; i++)
        rc = fill_sorter_add(sorter, &rows[i].fill, &err);
    assert_int_equal(rc, VG_EIO);
    assert_non_null(strstr(err.msg, "/nonexistent/folder"));
    fill_sorter_free(sorter);
    free(rows);
    arena_release(&arena);
}

static int set_up(void **state)
{
    *state = new_folder();
    return 0;
}

static int tear_down(void **state)
{
    remove_tree(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(orders_by_day_trader_block_and_event),
        cmocka_unit_test(spilling_gives_the_same_order),
        cmocka_unit_test(huge_extras_pass_through),
        cmocka_unit_test(a_cleared_sorter_starts_anew),
        cmocka_unit_test(no_rows_are_fine),
        cmocka_unit_test(spill_files_have_no_name),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
