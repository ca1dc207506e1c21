#include "lake/fill_sort.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/map.h"
#include "lake/fill_pack.h"

#define MERGE_BYTES (16u << 20)
#define MERGE_BYTES_RUN_MAX (256u << 10)
#define MERGE_BYTES_RUN_MIN (16u << 10)

/* All rows of one trader on one day, in one run. */
struct group {
    int32_t day;
    uint8_t user[ADDRESS_BYTES];
    uint32_t rows;
    uint32_t at; /* where the next row goes while dealing out */
};

/* A sorted run in the spill file, being read. */
struct run {
    off_t at, end;
    uint8_t *buffer;
    size_t start, len, cap;
    struct fill fill; /* the next row, unpacked; its slices point into buffer */
    int32_t day;
};

struct fill_sorter {
    const char *spill_directory;
    size_t run_bytes;

    uint8_t *packed;
    size_t packed_len, packed_cap;
    struct row {
        uint32_t group;
        uint32_t offset; /* in packed */
    } * rows;
    size_t row_count, row_cap;
    struct group *groups;
    uint32_t group_count, group_cap;
    uint32_t *group_table; /* open addressing: group + 1, 0 empty */
    size_t table_cap;
    bool in_order; /* rows of the run came by block and event */
    int64_t last_block;
    uint32_t last_event;

    uint32_t *order; /* row offsets in final order, once sorted */
    size_t read_at;

    int spill;
    off_t spill_len;
    struct run *runs;
    size_t run_count;
    size_t *heap;
    size_t heap_len;
    bool popped;         /* the row at hand is done with */
    struct fill current; /* the row at hand, when nothing was spilled */
};

struct fill_sorter *fill_sorter_new(const char *spill_directory, size_t run_bytes)
{
    struct fill_sorter *s = vg_calloc(1, sizeof *s);
    s->spill_directory = spill_directory;
    s->run_bytes = run_bytes < UINT32_MAX / 2 ? run_bytes : UINT32_MAX / 2;
    s->spill = -1;
    s->in_order = true;
    s->last_block = INT64_MIN;
    return s;
}

static void clear_run(struct fill_sorter *s)
{
    s->packed_len = s->row_count = s->group_count = 0;
    if (s->group_table) memset(s->group_table, 0, s->table_cap * sizeof *s->group_table);
    s->in_order = true;
    s->last_block = INT64_MIN;
    free(s->order);
    s->order = NULL;
    s->read_at = 0;
}

void fill_sorter_clear(struct fill_sorter *s)
{
    clear_run(s);
    for (size_t i = 0; i < s->run_count; i++)
        free(s->runs[i].buffer);
    free(s->runs);
    free(s->heap);
    s->runs = NULL;
    s->heap = NULL;
    s->run_count = s->heap_len = 0;
    s->popped = false;
    if (s->spill >= 0) close(s->spill);
    s->spill = -1;
    s->spill_len = 0;
}

void fill_sorter_free(struct fill_sorter *s)
{
    if (!s) return;
    fill_sorter_clear(s);
    free(s->packed);
    free(s->rows);
    free(s->groups);
    free(s->group_table);
    free(s);
}

static size_t group_slot(const struct fill_sorter *s, int32_t day, const uint8_t *user)
{
    uint64_t words[2];
    memcpy(words, user, sizeof words);
    size_t mask = s->table_cap - 1;
    size_t i = hash_mix64(words[0] ^ hash_mix64(words[1] ^ (uint32_t)day)) & mask;
    for (; s->group_table[i]; i = (i + 1) & mask) {
        const struct group *group = &s->groups[s->group_table[i] - 1];
        if (group->day == day && memcmp(group->user, user, ADDRESS_BYTES) == 0) break;
    }
    return i;
}

static uint32_t find_group(struct fill_sorter *s, int32_t day, const uint8_t *user)
{
    if ((s->group_count + 1) * (size_t)2 > s->table_cap) {
        s->table_cap = s->table_cap ? s->table_cap * 2 : 1024;
        free(s->group_table);
        s->group_table = vg_calloc(s->table_cap, sizeof *s->group_table);
        for (uint32_t i = 0; i < s->group_count; i++)
            s->group_table[group_slot(s, s->groups[i].day, s->groups[i].user)] = i + 1;
    }
    size_t slot = group_slot(s, day, user);
    if (s->group_table[slot]) return s->group_table[slot] - 1;
    if (s->group_count == s->group_cap) {
        s->group_cap = s->group_cap ? s->group_cap * 2 : 1024;
        s->groups = vg_realloc(s->groups, s->group_cap * sizeof *s->groups);
    }
    struct group *group = &s->groups[s->group_count];
    *group = (struct group){.day = day};
    memcpy(group->user, user, ADDRESS_BYTES);
    s->group_table[slot] = ++s->group_count;
    return s->group_count - 1;
}

static int compare_groups(const void *a, const void *b)
{
    const struct group *x = a, *y = b;
    if (x->day != y->day) return x->day < y->day ? -1 : 1;
    return memcmp(x->user, y->user, ADDRESS_BYTES);
}

struct row_key {
    int64_t block;
    uint32_t event, offset;
};

static int compare_rows(const void *a, const void *b)
{
    const struct row_key *x = a, *y = b;
    if (x->block != y->block) return x->block < y->block ? -1 : 1;
    if (x->event != y->event) return x->event < y->event ? -1 : 1;
    return x->offset < y->offset ? -1 : 1;
}

/* Orders the rows of one trader by block and event, for objects whose blocks came out of order. */
static void sort_group(const struct fill_sorter *s, uint32_t *offsets, size_t n)
{
    struct row_key *keys = vg_alloc(n * sizeof *keys);
    for (size_t i = 0; i < n; i++) {
        struct fill fill;
        fill_unpack(s->packed + offsets[i], &fill);
        keys[i] = (struct row_key){fill.block_number, fill.event_index, offsets[i]};
    }
    qsort(keys, n, sizeof *keys, compare_rows);
    for (size_t i = 0; i < n; i++)
        offsets[i] = keys[i].offset;
    free(keys);
}

static void sort_run(struct fill_sorter *s)
{
    /* Groups are sorted by a copy, so that the ids in rows stay good: ranks[id] is the copy's place. */
    struct group *sorted = vg_alloc((s->group_count + 1) * sizeof *sorted);
    for (uint32_t i = 0; i < s->group_count; i++) {
        sorted[i] = s->groups[i];
        sorted[i].at = i; /* remembers the id while sorting */
    }
    qsort(sorted, s->group_count, sizeof *sorted, compare_groups);
    uint32_t at = 0;
    for (uint32_t i = 0; i < s->group_count; i++) {
        s->groups[sorted[i].at].at = at;
        at += sorted[i].rows;
    }
    free(sorted);
    s->order = vg_alloc((s->row_count + 1) * sizeof *s->order);
    for (size_t i = 0; i < s->row_count; i++)
        s->order[s->groups[s->rows[i].group].at++] = s->rows[i].offset;
    if (s->in_order) return;
    for (uint32_t i = 0; i < s->group_count; i++)
        sort_group(s, s->order + s->groups[i].at - s->groups[i].rows, s->groups[i].rows);
}

static vg_code open_spill(struct fill_sorter *s, vg_err *err)
{
    char *path = vg_path_join(s->spill_directory, "spill-XXXXXX");
    s->spill = mkostemp(path, O_CLOEXEC);
    vg_code rc = s->spill < 0 ? vg_fail_errno(err, "making a spill file in %s", s->spill_directory) : VG_OK;
    if (!rc && unlink(path) != 0) rc = vg_fail_errno(err, "unlinking %s", path);
    free(path);
    return rc;
}

static vg_code spill_bytes(struct fill_sorter *s, const uint8_t *bytes, size_t n, vg_err *err)
{
    while (n > 0) {
        ssize_t written = pwrite(s->spill, bytes, n, s->spill_len);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return vg_fail_errno(err, "writing a spill file in %s", s->spill_directory);
        s->spill_len += written;
        bytes += written;
        n -= (size_t)written;
    }
    return VG_OK;
}

static size_t row_length(const struct fill_sorter *s, uint32_t offset)
{
    uint32_t n;
    memcpy(&n, s->packed + offset - sizeof n, sizeof n);
    return n;
}

static vg_code spill_run(struct fill_sorter *s, vg_err *err)
{
    if (s->spill < 0) VG_TRY(open_spill(s, err));
    sort_run(s);
    s->runs = vg_realloc(s->runs, (s->run_count + 1) * sizeof *s->runs);
    struct run *run = &s->runs[s->run_count++];
    *run = (struct run){.at = s->spill_len};
    vg_buf out = {0};
    vg_code rc = VG_OK;
    for (size_t i = 0; i < s->row_count && !rc; i++) { /* each row with its length in front */
        uint32_t offset = s->order[i];
        vg_buf_add(&out, s->packed + offset - sizeof(uint32_t), row_length(s, offset) + sizeof(uint32_t));
        if (out.len < (1u << 20) && i + 1 < s->row_count) continue;
        rc = spill_bytes(s, (const uint8_t *)out.data, out.len, err);
        vg_buf_clear(&out);
    }
    vg_buf_release(&out);
    run->end = s->spill_len;
    clear_run(s);
    return rc;
}

vg_code fill_sorter_add(struct fill_sorter *s, const struct fill *fill, vg_err *err)
{
    size_t room = FILL_PACK_MAX + (fill->has & FILL_HAS_EXTRA ? fill->extra.n : 0) + sizeof(uint32_t);
    if (s->packed_len + room > s->run_bytes && s->row_count > 0) VG_TRY(spill_run(s, err));
    if (s->packed_len + room > s->packed_cap) {
        size_t cap = s->packed_cap ? s->packed_cap * 2 : 1 << 20;
        if (cap > s->run_bytes) cap = s->run_bytes;
        if (cap < s->packed_len + room) cap = s->packed_len + room;
        s->packed = vg_realloc(s->packed, cap);
        s->packed_cap = cap;
    }
    if (s->row_count == s->row_cap) {
        s->row_cap = s->row_cap ? s->row_cap * 2 : 4096;
        s->rows = vg_realloc(s->rows, s->row_cap * sizeof *s->rows);
    }
    uint32_t group = find_group(s, vg_day_of_ns(fill->block_time_ns), fill->user);
    s->groups[group].rows++;
    uint32_t offset = (uint32_t)(s->packed_len + sizeof(uint32_t));
    uint32_t n = (uint32_t)fill_pack(fill, s->packed + offset);
    memcpy(s->packed + s->packed_len, &n, sizeof n);
    s->packed_len = offset + n;
    s->rows[s->row_count++] = (struct row){group, offset};
    if (fill->block_number < s->last_block ||
        (fill->block_number == s->last_block && fill->event_index <= s->last_event))
        s->in_order = false;
    s->last_block = fill->block_number;
    s->last_event = fill->event_index;
    return VG_OK;
}

/* Makes at least n bytes of the run available at buffer + start; false at the end of the run. */
static vg_code run_fill(struct fill_sorter *s, struct run *run, size_t n, vg_err *err)
{
    if (run->len - run->start >= n) return VG_OK;
    memmove(run->buffer, run->buffer + run->start, run->len - run->start);
    run->len -= run->start;
    run->start = 0;
    if (n > run->cap) {
        run->buffer = vg_realloc(run->buffer, n);
        run->cap = n;
    }
    while (run->len < n) {
        size_t room = run->cap - run->len;
        if ((off_t)room > run->end - run->at) room = (size_t)(run->end - run->at);
        ssize_t got = pread(s->spill, run->buffer + run->len, room, run->at);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return vg_fail_errno(err, "reading a spill file in %s", s->spill_directory);
        if (got == 0) return vg_fail(err, VG_ESTATE, "a spill file in %s became shorter", s->spill_directory);
        run->len += (size_t)got;
        run->at += got;
    }
    return VG_OK;
}

static vg_code run_advance(struct fill_sorter *s, struct run *run, bool *more, vg_err *err)
{
    *more = run->start < run->len || run->at < run->end;
    if (!*more) return VG_OK;
    uint32_t n;
    VG_TRY(run_fill(s, run, sizeof n, err));
    memcpy(&n, run->buffer + run->start, sizeof n);
    VG_TRY(run_fill(s, run, sizeof n + n, err));
    fill_unpack(run->buffer + run->start + sizeof n, &run->fill);
    run->day = vg_day_of_ns(run->fill.block_time_ns);
    run->start += sizeof n + n;
    return VG_OK;
}

static bool run_before(const struct run *a, const struct run *b)
{
    if (a->day != b->day) return a->day < b->day;
    int order = memcmp(a->fill.user, b->fill.user, ADDRESS_BYTES);
    if (order) return order < 0;
    if (a->fill.block_number != b->fill.block_number) return a->fill.block_number < b->fill.block_number;
    if (a->fill.event_index != b->fill.event_index) return a->fill.event_index < b->fill.event_index;
    return a < b; /* equal rows stay in the order in which they came */
}

static void heap_down(struct fill_sorter *s, size_t i)
{
    for (;;) {
        size_t child = 2 * i + 1;
        if (child >= s->heap_len) return;
        if (child + 1 < s->heap_len && run_before(&s->runs[s->heap[child + 1]], &s->runs[s->heap[child]])) child++;
        if (!run_before(&s->runs[s->heap[child]], &s->runs[s->heap[i]])) return;
        size_t swap = s->heap[i];
        s->heap[i] = s->heap[child];
        s->heap[child] = swap;
        i = child;
    }
}

vg_code fill_sorter_finish(struct fill_sorter *s, vg_err *err)
{
    if (s->run_count == 0) {
        sort_run(s);
        return VG_OK;
    }
    if (s->row_count > 0) VG_TRY(spill_run(s, err));
    size_t bytes = MERGE_BYTES / s->run_count;
    if (bytes > MERGE_BYTES_RUN_MAX) bytes = MERGE_BYTES_RUN_MAX;
    if (bytes < MERGE_BYTES_RUN_MIN) bytes = MERGE_BYTES_RUN_MIN;
    s->heap = vg_alloc(s->run_count * sizeof *s->heap);
    for (size_t i = 0; i < s->run_count; i++) {
        bool more;
        s->runs[i].buffer = vg_alloc(bytes);
        s->runs[i].cap = bytes;
        VG_TRY(run_advance(s, &s->runs[i], &more, err));
        if (more) s->heap[s->heap_len++] = i;
    }
    for (size_t i = s->heap_len / 2; i-- > 0;)
        heap_down(s, i);
    return VG_OK;
}

/* Moves on from a row that was handed out: only now may its bytes go. */
static vg_code merge_advance(struct fill_sorter *s, vg_err *err)
{
    bool more;
    VG_TRY(run_advance(s, &s->runs[s->heap[0]], &more, err));
    if (!more) s->heap[0] = s->heap[--s->heap_len];
    heap_down(s, 0);
    return VG_OK;
}

vg_code fill_sorter_peek(struct fill_sorter *s, const struct fill **fill, vg_err *err)
{
    *fill = NULL;
    bool popped = s->popped;
    s->popped = false;
    if (s->run_count > 0) {
        if (popped) VG_TRY(merge_advance(s, err));
        if (s->heap_len > 0) *fill = &s->runs[s->heap[0]].fill;
        return VG_OK;
    }
    if (popped) s->read_at++;
    if (s->read_at == s->row_count) return VG_OK;
    if (popped || s->read_at == 0) fill_unpack(s->packed + s->order[s->read_at], &s->current);
    *fill = &s->current;
    return VG_OK;
}

void fill_sorter_pop(struct fill_sorter *s) { s->popped = true; }
