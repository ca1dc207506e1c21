#include "flow/classify_flow.h"

#include "base/number.h"
#include "flow/profile_flow.h"
#include "lake/feature_files.h"
#include "lake/query.h"

struct run {
    struct lake lake;
    struct feature_files files;
    struct feature_writer *writer;
    struct classify_report *report;
};

/* Each trader's figures beside his class at the last time. */
#define FACT_COLUMN(name) ", t." #name
static const char question[] = "SELECT t.user_address, c.class" CLASS_FACTS(
    FACT_COLUMN) " FROM traders t LEFT JOIN (SELECT user_address, class FROM classes WHERE profile = 'vigil') c"
                 " ON c.user_address = t.user_address ORDER BY t.user_address";

static void read_facts(const struct query *query, struct class_facts *facts, enum trader_class *before)
{
    size_t column = 2;
    vg_slice class = query_value(query, 1);
    facts->address = query_value(query, 0);
    *before = class.p ? trader_class_of(class) : TRADER_CLASSES;
#define READ_FACT(name) facts->name = number_parse(query_value(query, column++));
    CLASS_FACTS(READ_FACT)
}

static vg_code write_verdict(struct run *r, enum class_profile profile, const struct class_facts *facts,
                             const struct class_verdict *v, vg_err *err)
{
    struct feature_value values[CLASS_COLUMN_COUNT] = {
        [CLASS_USER_ADDRESS] = feature_text(facts->address),
        [CLASS_PROFILE] = feature_text(vg_slice_of(class_profile_name(profile))),
        [CLASS_CLASS] = feature_text(vg_slice_of(trader_class_name(v->class))),
        [CLASS_REASON] = feature_text(vg_slice_of(v->reason)),
        [CLASS_RULE_VERSION] = feature_text(vg_slice_of(class_profile_version(profile))),
        [CLASS_AS_OF] = feature_int(r->files.last_time_ns / 1000),
    };
    return feature_writer_row(r->writer, TABLE_CLASSES, values, err);
}

static vg_code classify_all(struct run *r, struct query *query, vg_err *err)
{
    for (;;) {
        struct class_facts facts;
        enum trader_class before;
        bool more;
        VG_TRY(query_next(query, &more, err));
        if (!more) return VG_OK;
        read_facts(query, &facts, &before);
        r->report->traders++;
        for (enum class_profile profile = 0; profile < CLASS_PROFILES; profile++) {
            struct class_verdict v = classify(profile, &facts, before);
            r->report->counts[profile][v.class]++;
            if (profile == PROFILE_VIGIL) r->report->changed += before != TRADER_CLASSES && before != v.class;
            VG_TRY(write_verdict(r, profile, &facts, &v, err));
        }
    }
}

static vg_code run_over(struct run *r, vg_err *err)
{
    struct query *query;
    VG_TRY(feature_files_load(&r->lake, &r->files, err));
    if (r->files.generation == 0) return features_missing(r->lake.name, err);
    r->report->as_of_ns = r->files.last_time_ns;
    VG_TRY(query_new(&query, &r->lake, question, 1, err));
    r->files.generation++;
    r->writer = feature_writer_new(&r->lake, r->files.generation);
    vg_code rc = feature_writer_begin(r->writer, TABLE_CLASSES, err);
    if (!rc) rc = classify_all(r, query, err);
    query_free(query);
    feature_files_drop(&r->files, TABLE_CLASSES);
    if (!rc) rc = feature_writer_finish(r->writer, VG_NO_DATE, &r->files, err);
    if (!rc) r->files.files[r->files.n - 1].inputs = r->files.inputs.n;
    return rc ? rc : feature_files_commit(&r->lake, &r->files, err);
}

vg_code classify_run(const char *lake, struct classify_report *report, vg_err *err)
{
    struct run r = {.report = report};
    *report = (struct classify_report){0};
    VG_TRY(lake_open(&r.lake, lake, LAKE_WRITE, err));
    vg_code rc = run_over(&r, err);
    feature_writer_free(r.writer);
    feature_files_release(&r.files);
    lake_close(&r.lake);
    return rc;
}

vg_code classify_is_current(const char *lake, bool *current, vg_err *err)
{
    struct run r = {0};
    *current = false;
    VG_TRY(lake_open(&r.lake, lake, LAKE_READ, err));
    vg_code rc = feature_files_load(&r.lake, &r.files, err);
    for (size_t i = 0; i < r.files.n && !rc; i++)
        if (r.files.files[i].table == TABLE_CLASSES) *current = r.files.files[i].inputs > 0;
    feature_files_release(&r.files);
    lake_close(&r.lake);
    return rc;
}
