/* A line is taken whole or not at all. Its events are read into a batch, and handed on when the line
 * is known to be sound: at its end, or, for a line with more events than the batch holds, after its
 * JSON was checked to the end. So one malformed byte never lets half a line through. */

#include "ingest/decode.h"

#include <stdio.h>
#include <xxhash.h>

#include "base/json.h"
#include "base/map.h"
#include "ingest/fill_scan.h"

#define BATCH_EVENTS 1024
#define PROGRESS_BYTES (1u << 20)
#define REPEATED_BYTES_MAX (64u << 20)
#define ETAG_BYTES (256u << 10)

/* One event of the line at hand: a fill, or the reason why it is none. */
struct event {
    struct fill fill;
    vg_slice text;
    char *refusal; /* in the arena; NULL: a fill */
};

/* Lines of a block that another line, or another object, already gave. They are held until the block
 * ends, because in the streaming form only then its digest can be compared. */
struct repeated {
    bool open;
    int64_t number;
    uint64_t digest, expected;
    vg_buf text;
    struct repeated_line {
        uint64_t line, offset;
        size_t length;
    } * lines;
    size_t n;
};

struct decoder {
    const struct decode_sink *sink;
    struct decode_stats *stats;
    struct lines *lines;
    struct arena arena;
    struct event *batch;
    size_t batched;
    struct line line;
    bool sound;         /* the JSON of the whole line was checked */
    bool strict;        /* some event of the line took the strict road */
    struct block block; /* the block that the last lines belonged to */
    bool block_open;
    struct map64 digests;  /* block number → digest, of every block of this object */
    struct map64 streamed; /* digests of single events of the open block, in the streaming form */
    uint64_t alone;        /* digest of the single event of a line that goes on with the open block */
    struct repeated repeated;
    uint64_t told_bytes, told_fills;
};

/* The stream as stored, hashed on its way. */
struct hashed_stream {
    struct stream *below;
    XXH3_state_t *hash;
};

static vg_code hashed_read(void *state, char *bytes, size_t room, size_t *n, vg_err *err)
{
    struct hashed_stream *hashed = state;
    VG_TRY(stream_read(hashed->below, bytes, room, n, err));
    XXH3_128bits_update(hashed->hash, bytes, *n);
    return VG_OK;
}

static uint64_t digest_event(vg_slice text, uint64_t before) { return XXH3_64bits_withSeed(text.p, text.n, before); }

static vg_code refuse(struct decoder *d, int64_t event, vg_slice bytes, const char *reason, vg_err *err)
{
    struct refusal refusal = {.line = d->line.number,
                              .offset = d->line.offset,
                              .event = event,
                              .reason = reason,
                              .bytes = bytes,
                              .length = event < 0 ? d->line.length : bytes.n};
    d->stats->refused++;
    return d->sink->refused(d->sink->ctx, &refusal, err);
}

static vg_code refuse_line(struct decoder *d, const char *reason, vg_err *err)
{
    char text[512];
    snprintf(text, sizeof text, "%s%.400s", d->line.terminated ? "" : "the last line is cut off: ", reason);
    d->batched = 0;
    return refuse(d, -1, d->line.text, text, err);
}

static void see_time(struct decode_stats *stats, int64_t block, int64_t time_ns)
{
    if (block < stats->first_block) stats->first_block = block;
    if (block > stats->last_block) stats->last_block = block;
    if (time_ns < stats->first_time_ns) stats->first_time_ns = time_ns;
    if (time_ns > stats->last_time_ns) stats->last_time_ns = time_ns;
    if (is_surrogate_block(block))
        stats->has_surrogates = true;
    else
        stats->has_blocks = true;
}

static vg_code hand_on(struct decoder *d, vg_err *err)
{
    for (size_t i = 0; i < d->batched; i++) {
        const struct event *event = &d->batch[i];
        if (event->refusal) {
            VG_TRY(refuse(d, event->fill.event_index, event->text, event->refusal, err));
            continue;
        }
        d->stats->fills++;
        VG_TRY(d->sink->fill(d->sink->ctx, &event->fill, err));
    }
    d->batched = 0;
    arena_clear(&d->arena);
    return VG_OK;
}

static void refuse_event(struct decoder *d, struct event *event, const vg_err *reason)
{
    event->refusal = arena_copy(&d->arena, reason->msg, strlen(reason->msg) + 1);
}

/* The events of one block line, from behind the '[' on. */
struct events {
    int64_t number, time_ns;
    uint32_t first_index, count; /* index of the first event here; events so far */
    uint64_t digest;             /* in: of the block's earlier events; out: up to here */
};

/* Reads one event; NULL with *bad set when the line's JSON is broken. */
static const char *read_event(struct decoder *d, const char *p, const char *end, struct events *events,
                              const char **bad)
{
    struct event *event = &d->batch[d->batched++];
    event->refusal = NULL;
    const char *behind = fill_scan(p, end, FORM_BLOCKS, &event->fill);
    if (behind) {
        event->text = (vg_slice){p, (size_t)(behind - p)};
    } else {
        struct json_reader r = json_reader(p, (size_t)(end - p));
        vg_err reason;
        d->strict = true;
        if (!json_skip(&r, &event->text)) {
            *bad = r.error;
            return NULL;
        }
        behind = r.p;
        if (!fill_read(event->text, FORM_BLOCKS, &event->fill, &d->arena, &reason)) refuse_event(d, event, &reason);
    }
    event->fill.block_number = events->number;
    event->fill.block_time_ns = events->time_ns;
    event->fill.event_index = events->first_index + events->count++;
    events->digest = digest_event(event->text, events->digest);
    return behind;
}

static const char *skip_white(const char *p, const char *end)
{
    struct json_reader r = json_reader(p, (size_t)(end - p));
    json_peek(&r);
    return r.p;
}

/* What follows the ']' of the events must be "}" for the fast road. */
static bool is_plain_end(const char *behind, const char *end) { return behind && end - behind == 1 && *behind == '}'; }

/* Reads events up to and including the ']'. NULL with *bad set when the line's JSON is broken, which
 * is impossible once d->sound. */
static vg_code read_events(struct decoder *d, const char *p, struct events *events, const char **behind,
                           const char **bad, vg_err *err)
{
    const char *start = p, *end = d->line.text.p + d->line.text.n;
    *bad = NULL;
    *behind = NULL;
    if (*p != '[' || p == end) p = skip_white(p, end);
    if (p < end && *p == ']') {
        *behind = p + 1;
        return VG_OK;
    }
    for (;;) {
        if (d->batched == BATCH_EVENTS) {
            if (!d->sound) {
                struct json_reader all = json_reader(start - 1, (size_t)(end - start + 1));
                vg_slice ignored;
                d->sound = json_skip(&all, &ignored) && is_plain_end(all.p, end);
                if (!d->sound) {
                    *bad = all.error;
                    return VG_OK;
                }
            }
            VG_TRY(hand_on(d, err));
        }
        p = read_event(d, p, end, events, bad);
        if (!p) return VG_OK;
        if (p < end && *p != ',' && *p != ']') p = skip_white(p, end);
        if (p < end && *p == ']') {
            *behind = p + 1;
            return VG_OK;
        }
        if (p == end || *p != ',') {
            *bad = "',' or ']' is expected";
            return VG_OK;
        }
        p++;
        if (*p != '[') p = skip_white(p, end);
    }
}

static vg_code close_block(struct decoder *d, vg_err *err)
{
    if (!d->block_open) return VG_OK;
    d->block_open = false;
    *map64_find(&d->digests, (uint64_t)d->block.number) = d->block.digest;
    map64_clear(&d->streamed);
    return d->sink->block(d->sink->ctx, &d->block, err);
}

static vg_code open_block(struct decoder *d, const struct block_head *head, vg_err *err)
{
    bool added;
    VG_TRY(close_block(d, err));
    d->block = (struct block){.number = head->number, .time_ns = head->time_ns, .local_time_ns = head->local_time_ns};
    d->block_open = true;
    map64_insert(&d->digests, (uint64_t)head->number, &added);
    if (added) d->stats->blocks++;
    if (d->stats->blocks > DECODE_MAX_BLOCKS)
        return vg_fail(err, VG_ELIMIT, "more than %u blocks in one object: split it", DECODE_MAX_BLOCKS);
    see_time(d->stats, head->number, head->time_ns);
    return VG_OK;
}

static vg_code close_repeated(struct decoder *d, vg_err *err)
{
    struct repeated *repeated = &d->repeated;
    if (!repeated->open) return VG_OK;
    repeated->open = false;
    vg_code rc = VG_OK;
    if (repeated->digest == repeated->expected) {
        d->stats->duplicate_blocks++;
    } else {
        struct line now = d->line;
        const char *text = vg_buf_str(&repeated->text);
        for (size_t i = 0; i < repeated->n && !rc; i++) {
            struct repeated_line *line = &repeated->lines[i];
            d->line = (struct line){{text, line->length}, line->line, line->offset, true, false, line->length};
            char reason[128];
            snprintf(reason, sizeof reason, "block %lld is already there with other events",
                     (long long)repeated->number);
            rc = refuse(d, -1, d->line.text, reason, err);
            text += line->length;
        }
        d->line = now;
    }
    repeated->n = 0;
    vg_buf_release(&repeated->text);
    return rc;
}

/* Counts the events behind the '[' at p and chains their digests onto `seed`. False when the line is not
 * known to be sound, nor written in the known way: the strict road has to look at it. */
static bool survey(const struct decoder *d, const char *p, uint64_t seed, uint32_t *count, uint64_t *digest)
{
    const char *end = d->line.text.p + d->line.text.n;
    struct json_reader r = json_reader(p - 1, (size_t)(end - p + 1));
    vg_slice event;
    *count = 0;
    *digest = seed;
    if (json_enter(&r, '['))
        while (json_next_element(&r) && json_skip(&r, &event)) {
            *digest = digest_event(event, *digest);
            ++*count;
        }
    return !r.error && (d->sound || is_plain_end(r.p, end));
}

/* Holds the line back until its block ends and can be compared with what is there already. */
static vg_code hold_repeated(struct decoder *d, int64_t number, const char *events, uint64_t expected, bool *done,
                             vg_err *err)
{
    struct repeated *repeated = &d->repeated;
    uint32_t count;
    uint64_t digest;
    *done = survey(d, events, repeated->open ? repeated->digest : 0, &count, &digest);
    if (!*done) return VG_OK;
    if (!repeated->open) {
        repeated->open = true;
        repeated->number = number;
        repeated->expected = expected;
    }
    repeated->digest = digest;
    if (repeated->text.len + d->line.text.n > REPEATED_BYTES_MAX)
        return vg_fail(err, VG_ELIMIT, "line %llu: block %lld comes again in more than 64 MiB of lines",
                       (unsigned long long)d->line.number, (long long)number);
    repeated->lines = vg_realloc(repeated->lines, (repeated->n + 1) * sizeof *repeated->lines);
    repeated->lines[repeated->n++] = (struct repeated_line){d->line.number, d->line.offset, d->line.text.n};
    vg_buf_add(&repeated->text, d->line.text.p, d->line.text.n);
    return VG_OK;
}

enum road { ROAD_NEW, ROAD_CONTINUES, ROAD_REPEATED, ROAD_DROPPED, ROAD_STRICT };

/* What to do with a line whose block number is that of the open block. In the streaming form every
 * line has one event, and a new one goes on with the block. */
static void same_block(struct decoder *d, const char *events, enum road *road, uint64_t *expected)
{
    uint32_t count;
    uint64_t alone;
    *expected = d->block.digest;
    *road = survey(d, events, 0, &count, &alone) ? ROAD_REPEATED : ROAD_STRICT;
    if (*road == ROAD_STRICT || count != 1 || d->block.events != d->block.lines) return;
    bool added;
    if (d->block.lines == 1) map64_insert(&d->streamed, d->block.digest, &added);
    if (!map64_find(&d->streamed, alone)) {
        d->alone = alone;
        *road = ROAD_CONTINUES;
    } else {
        *road = ROAD_DROPPED;
        d->stats->duplicate_blocks++;
    }
}

static vg_code choose_road(struct decoder *d, int64_t number, const char *events, enum road *road, uint64_t *expected,
                           vg_err *err)
{
    if (d->repeated.open && d->repeated.number != number) VG_TRY(close_repeated(d, err));
    if (d->block_open && d->block.number == number) {
        same_block(d, events, road, expected);
        return VG_OK;
    }
    const uint64_t *digest = number > d->stats->last_block ? NULL : map64_find(&d->digests, (uint64_t)number);
    bool found = digest != NULL;
    if (digest)
        *expected = *digest;
    else if (d->sink->known)
        VG_TRY(d->sink->known(d->sink->ctx, number, &found, expected, err));
    *road = found ? ROAD_REPEATED : ROAD_NEW;
    return VG_OK;
}

/* A block line whose head is read; `events` is the byte behind '['. *done is false when the line is
 * not written in the known way and nothing of it was taken: then the strict road has to look at it. */
static vg_code block_line(struct decoder *d, const struct block_head *head, const char *events_text, bool *done,
                          vg_err *err)
{
    const char *end = d->line.text.p + d->line.text.n, *behind, *bad;
    enum road road;
    uint64_t expected = 0;
    *done = true;
    VG_TRY(choose_road(d, head->number, events_text, &road, &expected, err));
    if (road == ROAD_STRICT) *done = false;
    if (road == ROAD_STRICT || road == ROAD_DROPPED) return VG_OK;
    if (road == ROAD_REPEATED) return hold_repeated(d, head->number, events_text, expected, done, err);

    bool continues = road == ROAD_CONTINUES;
    struct events events = {.number = head->number,
                            .time_ns = continues ? d->block.time_ns : head->time_ns,
                            .first_index = continues ? d->block.first_event + d->block.events : 0,
                            .digest = continues ? d->block.digest : 0};
    VG_TRY(read_events(d, events_text, &events, &behind, &bad, err));
    if (!d->sound && (!behind || !is_plain_end(behind, end))) {
        d->batched = 0;
        *done = false;
        return VG_OK;
    }
    if (!continues) VG_TRY(open_block(d, head, err));
    bool added;
    if (continues) map64_insert(&d->streamed, d->alone, &added);
    if (continues && head->local_time_ns != d->block.local_time_ns) { /* another row for the same block */
        VG_TRY(d->sink->block(d->sink->ctx, &d->block, err));
        d->block.first_event += d->block.events;
        d->block.events = d->block.lines = 0;
        d->block.local_time_ns = head->local_time_ns;
    }
    d->block.events += events.count;
    d->block.lines++;
    d->block.digest = events.digest;
    if (d->block.events == 0) d->stats->empty_blocks++;
    d->stats->lines_of[d->block.lines > 1]++;
    return hand_on(d, err);
}

static bool read_time(struct json_reader *r, int64_t *ns)
{
    vg_slice raw;
    bool escaped;
    return json_text(r, &raw, &escaped) && vg_time_parse(raw.p, raw.n, ns);
}

/* The members of a line that is an object, of whatever kind. */
struct line_object {
    struct block_head head;
    const char *events; /* behind the '[' */
    unsigned seen;      /* 1 local_time, 2 block_time, 4 block_number, 8 events, 16 side_info */
    unsigned unknown;
};

/* The reason why the line is no block and no trade line, or NULL. Its JSON is known to be sound. */
static const char *read_object(vg_slice text, struct line_object *object)
{
    static const char *const names[] = {"local_time", "block_time", "block_number", "events", "side_info"};
    struct json_reader r = json_reader(text.p, text.n);
    vg_slice key, raw;
    *object = (struct line_object){0};
    json_enter(&r, '{');
    while (json_next_key(&r, &key)) {
        unsigned i = 0;
        while (i < 5 && !vg_slice_is(key, names[i]))
            i++;
        if (i < 5 && object->seen & (1u << i)) return "a key occurs twice";
        if (i < 5) object->seen |= 1u << i;
        if (i == 0 && !read_time(&r, &object->head.local_time_ns)) return "local_time is not a time";
        if (i == 1 && !read_time(&r, &object->head.time_ns)) return "block_time is not a time";
        if (i == 2 && (!json_int(&r, &object->head.number) || object->head.number < 0))
            return "block_number is not a block number";
        if (i < 3) continue;
        if (i == 5) object->unknown++;
        json_skip(&r, &raw);
        if (i == 3 && raw.p[0] != '[') return "events is not an array";
        if (i == 3) object->events = raw.p + 1;
    }
    if (object->seen & 16) return NULL;
    if (!(object->seen & 8)) return "neither a block line (events) nor a trade line (side_info)";
    return (object->seen & 7) == 7 ? NULL : "local_time, block_time or block_number is missing";
}

static vg_code trade_line(struct decoder *d, vg_err *err)
{
    struct fill fills[2];
    vg_err reason;
    if (!trade_read(d->line.text, fills, &d->arena, &reason)) return refuse_line(d, reason.msg, err);
    if (d->line.number > INT32_MAX / 2) return vg_fail(err, VG_ELIMIT, "more than 2^30 lines in one object: split it");
    d->stats->lines_of[3]++;
    for (unsigned i = 0; i < 2; i++) {
        fills[i].block_number = surrogate_block(fills[i].time_ms);
        fills[i].event_index = (uint32_t)((d->line.number - 1) * 2 + i);
        see_time(d->stats, fills[i].block_number, fills[i].block_time_ns);
        d->stats->fills++;
        VG_TRY(d->sink->fill(d->sink->ctx, &fills[i], err));
    }
    arena_clear(&d->arena);
    return VG_OK;
}

static vg_code legacy_line(struct decoder *d, vg_err *err)
{
    struct fill fill;
    vg_err reason;
    const char *end = d->line.text.p + d->line.text.n;
    if (fill_scan(d->line.text.p, end, FORM_LEGACY, &fill) != end) {
        d->strict = true;
        if (!fill_read(d->line.text, FORM_LEGACY, &fill, &d->arena, &reason)) return refuse_line(d, reason.msg, err);
    }
    if (d->line.number > INT32_MAX) return vg_fail(err, VG_ELIMIT, "more than 2^31 lines in one object: split it");
    d->stats->lines_of[2]++;
    fill.block_number = surrogate_block(fill.time_ms);
    fill.block_time_ns = fill.time_ms * VG_NS_PER_MS;
    fill.event_index = (uint32_t)(d->line.number - 1);
    see_time(d->stats, fill.block_number, fill.block_time_ns);
    d->stats->fills++;
    VG_TRY(d->sink->fill(d->sink->ctx, &fill, err));
    arena_clear(&d->arena);
    return VG_OK;
}

/* The strict road for a whole line: its JSON is checked first, then its members are looked up by name. */
static vg_code strict_line(struct decoder *d, vg_err *err)
{
    struct json_reader r = json_reader(d->line.text.p, d->line.text.n);
    vg_slice whole;
    d->strict = true;
    if (!json_skip(&r, &whole) || !json_finish(&r)) {
        char reason[128];
        snprintf(reason, sizeof reason, "malformed JSON at byte %zu of the line: %s", (size_t)(r.p - d->line.text.p),
                 r.error);
        return refuse_line(d, reason, err);
    }
    d->sound = true;
    if (whole.p[0] == '[') return legacy_line(d, err);
    if (whole.p[0] != '{') return refuse_line(d, "neither an object nor an array", err);
    struct line_object object;
    const char *reason = read_object(d->line.text, &object);
    if (reason) return refuse_line(d, reason, err);
    if (object.seen & 16) return trade_line(d, err);
    d->stats->unknown_line_keys += object.unknown;
    bool done;
    return block_line(d, &object.head, object.events, &done, err);
}

static vg_code decode_line(struct decoder *d, vg_err *err)
{
    const char *text = d->line.text.p, *end = text + d->line.text.n;
    d->stats->lines++;
    d->sound = d->strict = false;
    if (d->line.too_long) return refuse_line(d, "longer than 64 MiB; only its beginning is kept", err);
    if (d->line.text.n == 0) {
        d->stats->lines_empty++;
        return VG_OK;
    }
    bool done = false;
    struct block_head head;
    const char *events = block_scan(text, end, &head);
    if (events) {
        VG_TRY(block_line(d, &head, events, &done, err));
    } else if (text[0] == '[') {
        done = true;
        VG_TRY(legacy_line(d, err));
    }
    if (!done) VG_TRY(strict_line(d, err));
    ++*(d->strict ? &d->stats->lines_strict : &d->stats->lines_fast);
    return VG_OK;
}

static vg_code tell(struct decoder *d, vg_err *err)
{
    uint64_t bytes = lines_bytes_in(d->lines), fills = d->stats->fills;
    vg_code rc = VG_OK;
    if (d->sink->progress) rc = d->sink->progress(d->sink->ctx, bytes - d->told_bytes, fills - d->told_fills, err);
    d->told_bytes = bytes;
    d->told_fills = fills;
    return rc;
}

static vg_code decode_lines(struct decoder *d, vg_err *err)
{
    bool more = true;
    for (;;) {
        VG_TRY(lines_next(d->lines, &d->line, &more, err));
        if (!more) break;
        VG_TRY(decode_line(d, err));
        if (lines_bytes_in(d->lines) - d->told_bytes > PROGRESS_BYTES) VG_TRY(tell(d, err));
    }
    VG_TRY(close_block(d, err));
    VG_TRY(close_repeated(d, err));
    return tell(d, err);
}

static void finish_etag(XXH3_state_t *hash, uint8_t etag[16])
{
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(hash));
    memcpy(etag, canonical.digest, sizeof canonical.digest);
    XXH3_freeState(hash);
}

vg_code decode_etag(struct stream *stream, uint8_t etag[16], vg_err *err)
{
    struct hashed_stream hashed = {stream, XXH3_createState()};
    XXH3_128bits_reset(hashed.hash);
    char *bytes = vg_alloc(ETAG_BYTES);
    size_t n = 1;
    vg_code rc = VG_OK;
    while (!rc && n > 0)
        rc = hashed_read(&hashed, bytes, ETAG_BYTES, &n, err);
    free(bytes);
    finish_etag(hashed.hash, etag);
    return rc;
}

vg_code decode_object(struct stream *stream, const char *name, const struct decode_sink *sink,
                      struct decode_stats *stats, vg_err *err)
{
    struct hashed_stream hashed = {stream, XXH3_createState()};
    struct stream through = {&hashed, hashed_read, NULL};
    XXH3_128bits_reset(hashed.hash);
    *stats = (struct decode_stats){
        .first_block = INT64_MAX, .last_block = INT64_MIN, .first_time_ns = INT64_MAX, .last_time_ns = INT64_MIN};
    struct decoder d = {.sink = sink,
                        .stats = stats,
                        .lines = lines_new(&through, name),
                        .batch = vg_alloc(BATCH_EVENTS * sizeof *d.batch)};
    vg_code rc = decode_lines(&d, err);
    stats->bytes_in = lines_bytes_in(d.lines);
    stats->bytes_out = lines_bytes_out(d.lines);
    finish_etag(hashed.hash, stats->etag);
    lines_free(d.lines);
    arena_release(&d.arena);
    map64_release(&d.digests);
    map64_release(&d.streamed);
    vg_buf_release(&d.repeated.text);
    free(d.repeated.lines);
    free(d.batch);
    return rc;
}
