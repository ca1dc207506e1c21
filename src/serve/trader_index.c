#include "serve/trader_index.h"

#include <pthread.h>
#include <stdatomic.h>

#include "base/intern.h"

#define ADDRESS 42
#define NO_INTEGER INT64_MIN /* NULL; of doubles it is NAN; sums of traders are never NULL */

const enum column_type index_sum_types[INDEX_SUMS] = {
    COLUMN_SUM, COLUMN_SUM, COLUMN_SUM, COLUMN_SUM, COLUMN_SUM, COLUMN_INT64, COLUMN_INT64, COLUMN_INT64, COLUMN_INT64,
};

struct trader_index {
    struct intern addresses; /* address to number */
    uint32_t capacity;
    void *columns[INDEX_COLUMNS]; /* int64_t, double or __int128 each; NULL for user_address */
    uint8_t *classes;             /* CLASS_PROFILES for each trader */
    pthread_mutex_t lock;         /* of making orders */
    uint32_t *_Atomic orders[INDEX_COLUMNS][2];
};

enum column_type trader_index_type(size_t column)
{
    return column < TRADER_COLUMN_COUNT ? trader_columns[column].type
                                        : index_sum_types[(column - TRADER_COLUMN_COUNT) % INDEX_SUMS];
}

static size_t width_of(size_t column)
{
    enum column_type type = trader_index_type(column);
    return type == COLUMN_TEXT ? 0 : type == COLUMN_SUM || type == COLUMN_DECIMAL ? sizeof(__int128) : 8;
}

struct trader_index *trader_index_new(void)
{
    struct trader_index *index = vg_calloc(1, sizeof *index);
    pthread_mutex_init(&index->lock, NULL);
    return index;
}

void trader_index_free(struct trader_index *index)
{
    if (!index) return;
    for (size_t i = 0; i < INDEX_COLUMNS; i++) {
        free(index->columns[i]);
        free(index->orders[i][false]);
        free(index->orders[i][true]);
    }
    free(index->classes);
    intern_release(&index->addresses);
    pthread_mutex_destroy(&index->lock);
    free(index);
}

static void grow(struct trader_index *index)
{
    uint32_t before = index->capacity, capacity = before ? before + before / 2 : 1024;
    for (size_t i = 0; i < INDEX_COLUMNS; i++) {
        size_t width = width_of(i);
        if (!width) continue;
        index->columns[i] = vg_realloc(index->columns[i], capacity * width);
        memset((char *)index->columns[i] + before * width, 0, (capacity - before) * width);
    }
    index->classes = vg_realloc(index->classes, (size_t)capacity * CLASS_PROFILES);
    memset(index->classes + (size_t)before * CLASS_PROFILES, TRADER_CLASSES,
           (size_t)(capacity - before) * CLASS_PROFILES);
    index->capacity = capacity;
}

static void set(struct trader_index *index, uint32_t trader, size_t column, const struct feature_value *value)
{
    switch (trader_index_type(column)) {
    case COLUMN_TEXT: return;
    case COLUMN_SUM:
    case COLUMN_DECIMAL: ((__int128 *)index->columns[column])[trader] = value->decimal; return;
    case COLUMN_DOUBLE: ((double *)index->columns[column])[trader] = value->null ? (double)NAN : value->number; return;
    default: ((int64_t *)index->columns[column])[trader] = value->null ? NO_INTEGER : value->integer;
    }
}

vg_code trader_index_add(struct trader_index *index, const struct feature_value *values, uint32_t *trader, vg_err *err)
{
    vg_slice address = values[TRADER_USER_ADDRESS].text;
    if (address.n != ADDRESS) return vg_fail(err, VG_EPARSE, "a trader without an address in the table traders");
    uint32_t count = index->addresses.count;
    *trader = intern_id(&index->addresses, address.p, address.n);
    if (*trader < count) return vg_fail(err, VG_EPARSE, "the table traders has %.42s twice", address.p);
    if (*trader == index->capacity) grow(index);
    for (size_t i = 0; i < TRADER_COLUMN_COUNT; i++)
        set(index, *trader, i, &values[i]);
    return VG_OK;
}

void trader_index_set_class(struct trader_index *index, uint32_t trader, enum class_profile profile,
                            enum trader_class class)
{
    index->classes[(size_t)trader * CLASS_PROFILES + profile] = (uint8_t) class;
}

void trader_index_add_sum(struct trader_index *index, uint32_t trader, enum index_period period, enum index_sum sum,
                          __int128 value)
{
    void *values = index->columns[index_column(period, sum)];
    if (index_sum_types[sum] == COLUMN_SUM)
        ((__int128 *)values)[trader] += value;
    else
        ((int64_t *)values)[trader] += (int64_t)value;
}

uint32_t trader_index_count(const struct trader_index *index) { return index->addresses.count; }

uint32_t trader_index_find(const struct trader_index *index, vg_slice address)
{
    return intern_find(&index->addresses, address.p, address.n);
}

enum trader_class trader_index_class(const struct trader_index *index, uint32_t trader, enum class_profile profile)
{
    return index->classes[(size_t)trader * CLASS_PROFILES + profile];
}

struct feature_value trader_index_value(const struct trader_index *index, uint32_t trader, size_t column)
{
    switch (trader_index_type(column)) {
    case COLUMN_TEXT: return feature_text(index->addresses.keys[trader]);
    case COLUMN_SUM:
    case COLUMN_DECIMAL: return feature_decimal(((__int128 *)index->columns[column])[trader]);
    case COLUMN_DOUBLE: return feature_number(((double *)index->columns[column])[trader]);
    default: break;
    }
    int64_t value = ((int64_t *)index->columns[column])[trader];
    return value == NO_INTEGER ? feature_null() : feature_int(value);
}

/* Orders. */

struct sorting {
    const struct trader_index *index;
    size_t column;
    bool descending;
};

static int order_addresses(vg_slice a, vg_slice b)
{
    int order = memcmp(a.p, b.p, a.n < b.n ? a.n : b.n);
    return order ? order : (a.n > b.n) - (a.n < b.n);
}

static int order_values(enum column_type type, const struct feature_value *a, const struct feature_value *b)
{
    if (type == COLUMN_TEXT) return order_addresses(a->text, b->text);
    if (type == COLUMN_DOUBLE) return (a->number > b->number) - (a->number < b->number);
    if (type == COLUMN_SUM || type == COLUMN_DECIMAL) return (a->decimal > b->decimal) - (a->decimal < b->decimal);
    return (a->integer > b->integer) - (a->integer < b->integer);
}

/* (value, address) before, at or behind the trader. */
static int order_trader(const struct sorting *s, const struct feature_value *value, vg_slice address, uint32_t trader)
{
    struct feature_value other = trader_index_value(s->index, trader, s->column);
    if (value->null != other.null) return value->null ? 1 : -1;
    int order = value->null ? 0 : order_values(trader_index_type(s->column), value, &other);
    if (order) return s->descending ? -order : order;
    return order_addresses(address, s->index->addresses.keys[trader]);
}

static int compare(const void *a, const void *b, void *ctx)
{
    const struct sorting *s = ctx;
    uint32_t first = *(const uint32_t *)a;
    struct feature_value value = trader_index_value(s->index, first, s->column);
    return order_trader(s, &value, s->index->addresses.keys[first], *(const uint32_t *)b);
}

static uint32_t *sorted(const struct trader_index *index, size_t column, bool descending)
{
    struct sorting sorting = {index, column, descending};
    uint32_t n = trader_index_count(index), *order = vg_alloc(((size_t)n + 1) * sizeof *order);
    for (uint32_t i = 0; i < n; i++)
        order[i] = i;
    qsort_r(order, n, sizeof *order, compare, &sorting);
    return order;
}

const uint32_t *trader_index_order(struct trader_index *index, size_t column, bool descending)
{
    uint32_t *order = atomic_load(&index->orders[column][descending]);
    if (order) return order;
    pthread_mutex_lock(&index->lock);
    order = atomic_load(&index->orders[column][descending]);
    if (!order) {
        order = sorted(index, column, descending);
        atomic_store(&index->orders[column][descending], order);
    }
    pthread_mutex_unlock(&index->lock);
    return order;
}

uint32_t trader_index_behind(const struct trader_index *index, const uint32_t *order, size_t column, bool descending,
                             const struct feature_value *value, vg_slice address)
{
    struct sorting sorting = {index, column, descending};
    uint32_t low = 0, high = trader_index_count(index);
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (order_trader(&sorting, value, address, order[middle]) >= 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

size_t trader_index_bytes(const struct trader_index *index)
{
    size_t width = CLASS_PROFILES + ADDRESS + sizeof(vg_slice) + 2 * sizeof(uint32_t);
    for (size_t i = 0; i < INDEX_COLUMNS; i++)
        width += width_of(i);
    return width * index->capacity;
}
