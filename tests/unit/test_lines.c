#include "ingest/lines.h"

#include <lz4frame.h>
#include <lz4hc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "ingest/fill_scan.h"
#include "support.h"

static vg_err err;

/* Reads all lines and appends them to `text`, each with '\n' or, unterminated, with '$'. */
static vg_code read_lines(vg_slice bytes, const char *name, size_t chunk, vg_buf *text)
{
    struct memory memory = {.bytes = bytes, .chunk = chunk};
    struct stream stream = memory_stream(&memory);
    struct lines *lines = lines_new(&stream, name);
    struct line line;
    bool more = true;
    uint64_t number = 0, offset = 0;
    vg_code rc;
    while (!(rc = lines_next(lines, &line, &more, &err)) && more) {
        assert_int_equal(line.number, ++number);
        assert_int_equal(line.offset, offset);
        assert_false(line.too_long);
        assert_int_equal(line.length, line.text.n);
        assert_int_equal(line.text.p[line.text.n], '\n');
        vg_buf_add(text, line.text.p, line.text.n);
        vg_buf_addc(text, line.terminated ? '\n' : '$');
        offset += line.length + line.terminated;
    }
    if (!rc) {
        assert_int_equal(lines_bytes_in(lines), bytes.n);
        assert_int_equal(lines_bytes_out(lines), offset);
        assert_int_equal(lines_next(lines, &line, &more, &err), VG_OK); /* the end stays the end */
        assert_false(more);
    }
    lines_free(lines);
    return rc;
}

static void check(vg_slice bytes, const char *name, const char *wanted)
{
    static const size_t chunks[] = {0, 1, 2, 3, 7, 1000};
    for (size_t i = 0; i < COUNT(chunks); i++) {
        vg_buf text = {0};
        if (read_lines(bytes, name, chunks[i], &text)) fail_msg("%s", err.msg);
        assert_string_equal(vg_buf_str(&text), wanted);
        vg_buf_release(&text);
    }
}

static vg_buf frame(const char *text)
{
    vg_buf out = {0};
    add_lz4_frame(&out, vg_slice_of(text));
    return out;
}

static void add_skippable(vg_buf *out, unsigned kind, const char *content)
{
    uint32_t head[2] = {0x184d2a50u + kind, (uint32_t)strlen(content)};
    vg_buf_add(out, head, sizeof head);
    vg_buf_adds(out, content);
}

static void splits_plain_text(void **state)
{
    (void)state;
    static const struct {
        const char *text, *wanted;
    } cases[] = {
        {"", ""},
        {"\n", "\n"},
        {"a", "a$"},
        {"a\n", "a\n"},
        {"a\nb", "a\nb$"},
        {"\n\na\n\n", "\n\na\n\n"},
        {"a\r\nb\n", "a\r\nb\n"},
        {"abc", "abc$"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        check(vg_slice_of(cases[i].text), "20", cases[i].wanted);
        if (!*cases[i].text) continue;
        vg_buf packed = frame(cases[i].text);
        check(vg_buf_view(&packed), "20.lz4", cases[i].wanted);
        check(vg_buf_view(&packed), "20", cases[i].wanted); /* known by its first bytes */
        vg_buf_release(&packed);
    }
}

static void reads_concatenated_and_skips_skippable_frames(void **state)
{
    (void)state;
    vg_buf bytes = {0};
    add_skippable(&bytes, 0, "in front");
    add_lz4_frame(&bytes, VG_SLICE("one\ntw"));
    add_skippable(&bytes, 15, "");
    add_lz4_frame(&bytes, VG_SLICE(""));
    add_lz4_frame(&bytes, VG_SLICE("o\nthree\n"));
    add_skippable(&bytes, 7, "behind");
    check(vg_buf_view(&bytes), "x.lz4", "one\ntwo\nthree\n");
    vg_buf_release(&bytes);
    add_skippable(&bytes, 3, "alone");
    check(vg_buf_view(&bytes), "x.lz4", "");
    vg_buf_release(&bytes);
    add_lz4_frame(&bytes, VG_SLICE(""));
    check(vg_buf_view(&bytes), "x.lz4", "");
    vg_buf_release(&bytes);
}

/* All forms of frames: with and without sizes, checksums, linked blocks, levels. */
static void reads_frames_of_every_kind(void **state)
{
    (void)state;
    vg_buf text = {0}, wanted = {0};
    struct vg_rng rng;
    vg_rng_init(&rng, 1);
    while (text.len < 300000)
        vg_buf_addf(&text, "line %llu\n", (unsigned long long)vg_rng_below(&rng, 5000));
    vg_buf_add(&wanted, text.data, text.len);
    for (unsigned kind = 0; kind < 64; kind++) {
        LZ4F_preferences_t p = {0};
        p.frameInfo.blockSizeID = kind & 1 ? LZ4F_max64KB : LZ4F_max1MB;
        p.frameInfo.blockMode = kind & 2 ? LZ4F_blockIndependent : LZ4F_blockLinked;
        p.frameInfo.contentChecksumFlag = kind & 4 ? LZ4F_contentChecksumEnabled : LZ4F_noContentChecksum;
        p.frameInfo.blockChecksumFlag = kind & 8 ? LZ4F_blockChecksumEnabled : LZ4F_noBlockChecksum;
        p.frameInfo.contentSize = kind & 16 ? text.len : 0;
        p.compressionLevel = kind & 32 ? 9 : 0;
        vg_buf packed = {0};
        vg_buf_reserve(&packed, LZ4F_compressFrameBound(text.len, &p));
        packed.len = LZ4F_compressFrame(packed.data, packed.cap, text.data, text.len, &p);
        assert_false(LZ4F_isError(packed.len));
        vg_buf got = {0};
        assert_int_equal(read_lines(vg_buf_view(&packed), "x.lz4", kind % 3 ? 997 : 0, &got), VG_OK);
        assert_true(vg_slice_eq(vg_buf_view(&got), vg_buf_view(&wanted)));
        vg_buf_release(&got);
        vg_buf_release(&packed);
    }
    vg_buf_release(&text);
    vg_buf_release(&wanted);
}

static void an_object_cut_at_any_byte_is_an_error(void **state)
{
    (void)state;
    vg_buf bytes = frame("{\"a\":1}\n{\"b\":2}\nthe last line is longer than the others\n"), text = {0};
    for (size_t n = 0; n < bytes.len; n++)
        for (size_t chunk = 0; chunk < 2; chunk++) {
            if (read_lines((vg_slice){bytes.data, n}, "x.lz4", chunk, &text) != VG_EPARSE) fail_msg("cut at %zu", n);
            assert_true(*err.msg);
        }
    size_t first = bytes.len;
    add_lz4_frame(&bytes, VG_SLICE("second\n"));
    for (size_t n = first + 1; n < bytes.len; n++)
        if (read_lines((vg_slice){bytes.data, n}, "x.lz4", 0, &text) != VG_EPARSE) fail_msg("second cut at %zu", n);
    vg_buf_release(&text);
    vg_buf_release(&bytes);
}

static void a_cut_skippable_frame_is_an_error(void **state)
{
    (void)state;
    vg_buf bytes = {0}, text = {0};
    add_skippable(&bytes, 0, "comment");
    for (size_t n = 0; n < bytes.len; n++)
        if (read_lines((vg_slice){bytes.data, n}, "x.lz4", 0, &text) != VG_EPARSE) fail_msg("cut at %zu", n);
    vg_buf_release(&text);
    vg_buf_release(&bytes);
}

static void a_changed_byte_anywhere_is_an_error(void **state)
{
    (void)state;
    const char *plain = "{\"a\":1}\n{\"b\":2}\nthe last line is longer than the others\n";
    vg_buf bytes = frame(plain);
    for (size_t at = 0; at < bytes.len; at++)
        for (unsigned bit = 0; bit < 8; bit++) {
            vg_buf text = {0};
            bytes.data[at] = (char)(bytes.data[at] ^ (1 << bit));
            vg_code rc = read_lines(vg_buf_view(&bytes), "x.lz4", 0, &text);
            /* nothing but an error, or the very text (a bit that has no meaning) */
            if (rc != VG_EPARSE && strcmp(vg_buf_str(&text), plain) != 0) fail_msg("byte %zu, bit %u", at, bit);
            bytes.data[at] = (char)(bytes.data[at] ^ (1 << bit));
            vg_buf_release(&text);
        }
    vg_buf text = {0};
    bytes.data[bytes.len - 1] ^= 1; /* the checksum itself */
    assert_int_equal(read_lines(vg_buf_view(&bytes), "x.lz4", 0, &text), VG_EPARSE);
    assert_non_null(strstr(err.msg, "hecksum"));
    vg_buf_release(&text);
    vg_buf_release(&bytes);
}

static void what_is_called_lz4_must_be_lz4(void **state)
{
    (void)state;
    vg_buf text = {0};
    assert_int_equal(read_lines(VG_SLICE(""), "x.lz4", 0, &text), VG_EPARSE);
    assert_non_null(strstr(err.msg, "empty"));
    assert_int_equal(read_lines(VG_SLICE("{}\n"), "x.lz4", 0, &text), VG_EPARSE);
    assert_int_equal(read_lines(VG_SLICE("{\"plain\":1}\n"), "x.lz4", 0, &text), VG_EPARSE);
    vg_buf bytes = frame("a\n");
    vg_buf_adds(&bytes, "garbage behind the frame");
    assert_int_equal(read_lines(vg_buf_view(&bytes), "x.lz4", 0, &text), VG_EPARSE);
    vg_buf_release(&bytes);
    vg_buf_release(&text);
}

static vg_code broken_read(void *state, char *bytes, size_t room, size_t *n, vg_err *e)
{
    (void)room;
    if (++*(int *)state > 2) return vg_fail(e, VG_EIO, "the disk is gone");
    *n = 1;
    *bytes = 'a';
    return VG_OK;
}

static void an_error_of_the_stream_comes_through(void **state)
{
    (void)state;
    int calls = 0;
    struct stream stream = {&calls, broken_read, NULL};
    struct lines *lines = lines_new(&stream, "x");
    struct line line;
    bool more;
    assert_int_equal(lines_next(lines, &line, &more, &err), VG_EIO);
    assert_string_equal(err.msg, "the disk is gone");
    lines_free(lines);
}

/* Text made while it is read: a short line, one of `length` times 'x', a short one. */
struct made {
    uint64_t at, length;
    const char *tail;
};

static vg_code made_read(void *state, char *bytes, size_t room, size_t *n, vg_err *e)
{
    struct made *made = state;
    const uint64_t tail = made->at > 3 + made->length ? made->at - 3 - made->length : 0;
    (void)e;
    if (made->at < 3) {
        memcpy(bytes, "ab\n", 3);
        *n = 3;
    } else if (made->at < 3 + made->length) {
        uint64_t left = 3 + made->length - made->at;
        *n = left < room ? left : room;
        memset(bytes, 'x', *n);
    } else {
        *n = strlen(made->tail + tail);
        if (*n > room) *n = room;
        memcpy(bytes, made->tail + tail, *n);
    }
    made->at += *n;
    return VG_OK;
}

static void check_long_line(uint64_t length, const char *tail, bool too_long)
{
    struct made made = {.length = length, .tail = tail};
    struct stream stream = {&made, made_read, NULL};
    struct lines *lines = lines_new(&stream, "x");
    struct line line;
    bool more;
    bool terminated = *tail == '\n';
    assert_int_equal(lines_next(lines, &line, &more, &err), VG_OK);
    assert_slice_is(line.text, "ab");
    assert_int_equal(lines_next(lines, &line, &more, &err), VG_OK);
    assert_true(more);
    assert_int_equal(line.too_long, too_long);
    assert_true(line.length == length);
    assert_int_equal(line.offset, 3);
    assert_int_equal(line.terminated, terminated);
    assert_true(too_long ? line.text.n > 0 && line.text.n < length : line.text.n == length);
    for (size_t i = 0; i < line.text.n; i += 997)
        assert_int_equal(line.text.p[i], 'x');
    if (terminated && tail[1]) {
        assert_int_equal(lines_next(lines, &line, &more, &err), VG_OK);
        assert_slice_is(line.text, "cd");
        assert_int_equal(line.number, 3);
        assert_true(line.offset == 3 + length + 1);
    }
    assert_int_equal(lines_next(lines, &line, &more, &err), VG_OK);
    assert_false(more);
    assert_true(lines_bytes_out(lines) == 3 + length + strlen(tail));
    lines_free(lines);
}

static void a_line_of_ten_megabytes_is_whole(void **state)
{
    (void)state;
    check_long_line(10u << 20, "\ncd\n", false);
    check_long_line(10u << 20, "\n", false);
    check_long_line(10u << 20, "", false);
    check_long_line((8u << 20) - 4, "\ncd\n", false); /* about the first window */
    check_long_line((8u << 20) - 3, "\ncd\n", false);
    check_long_line(8u << 20, "\ncd\n", false);
}

static void a_line_longer_than_the_limit_is_told_and_the_next_is_read(void **state)
{
    (void)state;
    check_long_line(LINE_MAX_BYTES - 1, "\ncd\n", false);
    check_long_line(LINE_MAX_BYTES + 1, "\ncd\n", true);
    check_long_line(LINE_MAX_BYTES + (1u << 20) + 5, "\ncd\n", true);
    check_long_line(LINE_MAX_BYTES + 5, "", true);
}

static void lines_around_the_windows_edge_stay_whole(void **state)
{
    (void)state;
    vg_buf plain = {0}, packed = {0};
    struct vg_rng rng;
    vg_rng_init(&rng, 5);
    while (plain.len < 20u << 20) {
        uint64_t n = vg_rng_below(&rng, vg_rng_below(&rng, 50) == 0 ? 2000000 : 5000);
        vg_buf_reserve(&plain, n);
        memset(plain.data + plain.len, (int)('a' + n % 26), n);
        plain.len += n;
        vg_buf_addc(&plain, '\n');
    }
    add_lz4_frame(&packed, vg_buf_view(&plain));
    static const size_t chunks[] = {0, 4099};
    for (size_t i = 0; i < 2 * COUNT(chunks); i++) {
        vg_buf text = {0};
        vg_slice bytes = i % 2 ? vg_buf_view(&packed) : vg_buf_view(&plain);
        assert_int_equal(read_lines(bytes, i % 2 ? "x.lz4" : "x", chunks[i / 2], &text), VG_OK);
        assert_true(vg_slice_eq(vg_buf_view(&text), vg_buf_view(&plain)));
        vg_buf_release(&text);
    }
    vg_buf_release(&plain);
    vg_buf_release(&packed);
}

static void slack_behind_a_line_may_be_read(void **state)
{
    (void)state;
    struct made made = {.length = 100, .tail = ""};
    struct stream stream = {&made, made_read, NULL};
    struct lines *lines = lines_new(&stream, "x");
    struct line line;
    bool more = true;
    volatile char sum = 0;
    while (!lines_next(lines, &line, &more, &err) && more)
        for (size_t i = 0; i < FILL_SCAN_SLACK; i++)
            sum = (char)(sum ^ line.text.p[line.text.n + i]);
    lines_free(lines);
}

/* A second object with a long line, read by another thread. */
struct second {
    struct made made;
    struct stream stream;
    atomic_bool whole;
};

static void *read_second(void *arg)
{
    struct second *second = arg;
    struct lines *lines = lines_new(&second->stream, "x");
    struct line line;
    bool more = true;
    vg_code rc = VG_OK;
    while (!rc && more) {
        rc = lines_next(lines, &line, &more, NULL);
        if (!rc && more && line.length == second->made.length) atomic_store(&second->whole, true);
    }
    lines_free(lines);
    return NULL;
}

/* `leave`: how the first object gives the large window back. */
static void check_one_large_window(bool leave)
{
    enum { LONG = 17 << 20 };
    struct made made = {.length = LONG, .tail = "\ncd\n"};
    struct stream stream = {&made, made_read, NULL};
    struct lines *lines = lines_new(&stream, "x");
    struct line line;
    bool more;
    pthread_t thread;
    struct second second = {.made = {.length = LONG, .tail = "\n"}, .whole = false};
    second.stream = (struct stream){&second.made, made_read, NULL};
    assert_int_equal(lines_next(lines, &line, &more, &err), VG_OK);
    assert_int_equal(lines_next(lines, &line, &more, &err), VG_OK);
    assert_int_equal(line.length, LONG);
    assert_int_equal(pthread_create(&thread, NULL, read_second, &second), 0);
    usleep(100000);
    assert_false(atomic_load(&second.whole));
    if (!leave) assert_int_equal(lines_next(lines, &line, &more, &err), VG_OK);
    if (leave) lines_free(lines);
    pthread_join(thread, NULL);
    assert_true(atomic_load(&second.whole));
    if (!leave) lines_free(lines);
}

static void one_window_at_a_time_is_large(void **state)
{
    (void)state;
    check_one_large_window(false);
    check_one_large_window(true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(splits_plain_text),
        cmocka_unit_test(reads_concatenated_and_skips_skippable_frames),
        cmocka_unit_test(reads_frames_of_every_kind),
        cmocka_unit_test(an_object_cut_at_any_byte_is_an_error),
        cmocka_unit_test(a_cut_skippable_frame_is_an_error),
        cmocka_unit_test(a_changed_byte_anywhere_is_an_error),
        cmocka_unit_test(what_is_called_lz4_must_be_lz4),
        cmocka_unit_test(an_error_of_the_stream_comes_through),
        cmocka_unit_test(a_line_of_ten_megabytes_is_whole),
        cmocka_unit_test(a_line_longer_than_the_limit_is_told_and_the_next_is_read),
        cmocka_unit_test(lines_around_the_windows_edge_stay_whole),
        cmocka_unit_test(slack_behind_a_line_may_be_read),
        cmocka_unit_test(one_window_at_a_time_is_large),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
