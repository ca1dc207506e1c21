#include "lake/duck.h"

#include <stdio.h>

static vg_code configure(duckdb_config config, const struct duck_options *options, vg_err *err)
{
    char threads[16], memory[24];
    snprintf(threads, sizeof threads, "%u", options->threads ? options->threads : 1);
    snprintf(memory, sizeof memory, "%uMiB", options->memory_mib ? options->memory_mib : 256);
    const char *const settings[][2] = {
        {"threads", threads},
        {"memory_limit", memory},
        {"temp_directory", options->spill_directory ? options->spill_directory : ""},
        {"autoinstall_known_extensions", "false"},
        {"autoload_known_extensions", "false"},
        {"preserve_insertion_order", "true"},
    };
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        if (duckdb_set_config(config, settings[i][0], settings[i][1]) != DuckDBSuccess)
            return vg_fail(err, VG_ESTATE, "DuckDB does not know the setting %s", settings[i][0]);
    return VG_OK;
}

vg_code duck_open(struct duck *duck, const struct duck_options *options, vg_err *err)
{
    duckdb_config config = NULL;
    char *message = NULL;
    *duck = (struct duck){0};
    if (duckdb_create_config(&config) != DuckDBSuccess) return vg_fail(err, VG_ESTATE, "DuckDB: no configuration");
    vg_code rc = configure(config, options, err);
    if (!rc && duckdb_open_ext(NULL, &duck->database, config, &message) != DuckDBSuccess)
        rc = vg_fail(err, VG_ESTATE, "DuckDB does not open: %s", message ? message : "unknown reason");
    if (!rc && duckdb_connect(duck->database, &duck->connection) != DuckDBSuccess)
        rc = vg_fail(err, VG_ESTATE, "DuckDB does not connect");
    if (message) duckdb_free(message);
    duckdb_destroy_config(&config);
    if (rc) duck_close(duck);
    if (!rc) rc = duck_query(duck, "SET TimeZone = 'UTC'", NULL, err);
    return rc;
}

void duck_close(struct duck *duck)
{
    if (duck->connection) duckdb_disconnect(&duck->connection);
    if (duck->database) duckdb_close(&duck->database);
    *duck = (struct duck){0};
}

vg_code duck_confine(struct duck *duck, const struct lake *lake, vg_err *err)
{
    static const char *const folders[] = {"fills/", "blocks/", "features/"};
    vg_buf sql = {0};
    vg_buf_adds(&sql, "SET allowed_directories = [");
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        char *path = lake_path(lake, folders[i]);
        if (i) vg_buf_addc(&sql, ',');
        duck_literal(&sql, path);
        free(path);
    }
    vg_buf_addc(&sql, ']');
    vg_code rc = duck_query(duck, sql.data, NULL, err);
    if (!rc) rc = duck_query(duck, "SET enable_external_access = false", NULL, err);
    if (!rc) rc = duck_query(duck, "SET lock_configuration = true", NULL, err);
    vg_buf_release(&sql);
    return rc;
}

vg_code duck_query(struct duck *duck, const char *sql, duckdb_result *result, vg_err *err)
{
    duckdb_result own;
    vg_code rc = VG_OK;
    if (duckdb_query(duck->connection, sql, &own) != DuckDBSuccess) {
        const char *message = duckdb_result_error(&own);
        if (!message) message = "unknown reason";
        rc = vg_fail(err, VG_ESTATE, "DuckDB: %.*s", (int)strcspn(message, "\n"), message);
    }
    if (result && !rc)
        *result = own;
    else
        duckdb_destroy_result(&own);
    return rc;
}

void duck_literal(vg_buf *sql, const char *text)
{
    vg_buf_addc(sql, '\'');
    for (; *text; text++) {
        if (*text == '\'') vg_buf_addc(sql, '\'');
        vg_buf_addc(sql, *text);
    }
    vg_buf_addc(sql, '\'');
}
