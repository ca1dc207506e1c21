#include "serve/cursor.h"

#include "support.h"

static const enum column_type all_types[] = {COLUMN_TEXT, COLUMN_SUM, COLUMN_DOUBLE, COLUMN_TIME, COLUMN_DATE};

/* Random values of random types, some NULL. */
static void fill_randomly(struct cursor *cursor, struct vg_rng *rng)
{
    *cursor = (struct cursor){.n = vg_rng_below(rng, CURSOR_VALUES + 1)};
    for (size_t i = 0; i < cursor->n; i++) {
        cursor->types[i] = all_types[vg_rng_below(rng, COUNT(all_types))];
        cursor->values[i] = feature_null();
        if (vg_rng_below(rng, 4) == 0) continue;
        size_t n = vg_rng_below(rng, CURSOR_TEXT_LIMIT + 1);
        memset(cursor->texts[i], 'a' + (int)vg_rng_below(rng, 26), n);
        if (cursor->types[i] == COLUMN_TEXT)
            cursor->values[i] = feature_text((vg_slice){cursor->texts[i], n});
        else if (cursor->types[i] == COLUMN_SUM)
            cursor->values[i] = feature_decimal((__int128)vg_rng_next(rng) << 60 | vg_rng_next(rng));
        else if (cursor->types[i] == COLUMN_DOUBLE)
            cursor->values[i] = feature_number(vg_rng_unit(rng) - 0.5);
        else
            cursor->values[i] = feature_int((int64_t)vg_rng_next(rng));
    }
}

static void assert_same(const struct cursor *a, const struct cursor *b)
{
    for (size_t i = 0; i < a->n; i++) {
        assert_int_equal(a->values[i].null, b->values[i].null);
        if (a->values[i].null) continue;
        if (a->types[i] == COLUMN_TEXT)
            assert_slice(b->values[i].text, a->values[i].text);
        else if (a->types[i] == COLUMN_SUM)
            assert_true(a->values[i].decimal == b->values[i].decimal);
        else if (a->types[i] == COLUMN_DOUBLE)
            assert_true(a->values[i].number == b->values[i].number);
        else
            assert_true(a->values[i].integer == b->values[i].integer);
    }
}

static struct cursor expected_like(const struct cursor *c)
{
    struct cursor other = {.n = c->n};
    memcpy(other.types, c->types, sizeof other.types);
    return other;
}

static void comes_back_as_it_was(void **state)
{
    (void)state;
    struct vg_rng rng;
    vg_rng_init(&rng, 1);
    for (int i = 0; i < 5000; i++) {
        struct cursor c, back;
        fill_randomly(&c, &rng);
        back = expected_like(&c);
        vg_buf text = {0};
        cursor_print(&c, (uint64_t)i, &text);
        assert_int_equal(strspn(text.data, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
                         text.len);
        assert_true(cursor_parse(&back, (uint64_t)i, vg_buf_view(&text)));
        assert_same(&c, &back);
        assert_false(cursor_parse(&back, (uint64_t)i + 1, vg_buf_view(&text)));
        vg_buf_release(&text);
    }
}

/* There is one text for a cursor: whatever else is taken for one prints differently, and means something else. */
static void takes_one_text_only(void **state)
{
    (void)state;
    struct vg_rng rng;
    vg_rng_init(&rng, 2);
    for (int i = 0; i < 3000; i++) {
        struct cursor c, back;
        fill_randomly(&c, &rng);
        back = expected_like(&c);
        vg_buf text = {0}, again = {0};
        cursor_print(&c, 7, &text);
        assert_false(cursor_parse(&back, 7, (vg_slice){text.data, text.len - 1}));
        text.data[vg_rng_below(&rng, text.len)] = (char)(' ' + vg_rng_below(&rng, 95));
        if (cursor_parse(&back, 7, vg_buf_view(&text))) {
            cursor_print(&back, 7, &again);
            assert_slice(vg_buf_view(&again), vg_buf_view(&text));
        }
        vg_buf_addc(&text, 'A');
        assert_false(cursor_parse(&back, 7, vg_buf_view(&text)));
        vg_buf_release(&text);
        vg_buf_release(&again);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(comes_back_as_it_was), cmocka_unit_test(takes_one_text_only)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
