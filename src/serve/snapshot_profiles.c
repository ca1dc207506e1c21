#include "serve/snapshot_profiles.h"

#include "serve/row_print.h"
#include "serve/snapshot_parts.h"

void snapshot_profiles_begin(struct snapshot_profiles *p, uint32_t traders)
{
    p->count = traders;
    p->verdicts = vg_calloc((size_t)traders * CLASS_PROFILES + 1, sizeof *p->verdicts);
    p->texts = vg_calloc((size_t)traders + 1, sizeof *p->texts);
}

void snapshot_profiles_release(struct snapshot_profiles *p)
{
    for (uint32_t trader = 0; trader < p->count; trader++)
        free(atomic_load_explicit(&p->texts[trader], memory_order_relaxed));
    free(p->texts);
    free(p->verdicts);
}

void snapshot_profiles_judge(struct snapshot_profiles *p, uint32_t trader, enum class_profile profile, vg_slice verdict)
{
    p->verdicts[(size_t)trader * CLASS_PROFILES + profile] = verdict;
}

static void add_classes(vg_buf *out, const vg_slice *verdicts)
{
    vg_buf_adds(out, ",\"classes\":[");
    for (size_t i = 0, n = 0; i < CLASS_PROFILES; i++) {
        if (!verdicts[i].p) continue;
        if (n++) vg_buf_addc(out, ',');
        vg_buf_add(out, verdicts[i].p, verdicts[i].n);
    }
    vg_buf_addc(out, ']');
}

static struct profile_text *print_profile(const struct snapshot *s, uint32_t trader)
{
    struct feature_value values[LISTED_COLUMN_COUNT];
    vg_buf out = {0};
    snapshot_trader_values(s, trader, values);
    vg_buf_addc(&out, '{');
    vg_buf_add(&out, s->coverage_json.data, s->coverage_json.len);
    vg_buf_adds(&out, ",\"trader\":");
    size_t begin = out.len;
    row_print_json(&out, listed_columns(), LISTED_COLUMN_COUNT, values);
    size_t end = out.len;
    add_classes(&out, &s->profiles.verdicts[(size_t)trader * CLASS_PROFILES]);
    vg_buf_adds(&out, "}\n");
    struct profile_text *text = vg_alloc(sizeof *text + out.len);
    char *bytes = memcpy(text + 1, out.data, out.len);
    *text = (struct profile_text){{bytes, out.len}, {bytes + begin, end - begin}};
    vg_buf_release(&out);
    return text;
}

const struct profile_text *snapshot_profiles_of(struct snapshot *s, uint32_t trader)
{
    struct profile_text *_Atomic *place = &s->profiles.texts[trader];
    struct profile_text *text = atomic_load_explicit(place, memory_order_acquire), *other = NULL;
    if (text) return text;
    text = print_profile(s, trader);
    if (!atomic_compare_exchange_strong(place, &other, text)) { /* another thread was faster: it printed the same */
        free(text);
        return other;
    }
    atomic_fetch_add_explicit(&s->profiles.text_bytes, sizeof *text + text->answer.n, memory_order_relaxed);
    return text;
}

void snapshot_warm(struct snapshot *s, const struct snapshot *before, const atomic_bool *cancelled)
{
    for (uint32_t i = 0; i < before->profiles.count && !atomic_load(cancelled); i++) {
        if (!atomic_load_explicit(&before->profiles.texts[i], memory_order_relaxed)) continue;
        uint32_t trader =
            trader_index_find(s->traders, trader_index_value(before->traders, i, TRADER_USER_ADDRESS).text);
        if (trader != UINT32_MAX) snapshot_profiles_of(s, trader);
    }
}

size_t snapshot_profiles_bytes(const struct snapshot_profiles *p)
{
    return atomic_load_explicit(&p->text_bytes, memory_order_relaxed) +
           p->count * (CLASS_PROFILES * sizeof *p->verdicts + sizeof *p->texts);
}
