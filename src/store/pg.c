#include "store/pg.h"

#include <libpq-fe.h>
#include <poll.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/number.h"
#include "base/pool.h"
#include "store/pg_value.h"

#define WAIT_MS 50
#define SETTINGS_NS (10 * VG_NS_PER_S)

struct pg {
    PGconn *connection;
    int64_t deadline_ns; /* of statements without rows */
    const atomic_bool *cancelled;
    bool broken;
    char state[6];
};

/* URLs. */

static bool is_scheme(const char *url)
{
    return strncmp(url, "postgresql://", 13) == 0 || strncmp(url, "postgres://", 11) == 0;
}

static const char *authority(const char *url) { return strstr(url, "://") + 3; }

vg_code pg_check_url(const char *url, vg_err *err)
{
    if (!is_scheme(url)) return vg_fail(err, VG_EUSAGE, "DATABASE_URL: not postgresql://user:password@host/database");
    /* libpq's own messages may show parts of a password that it took for something else. */
    const char *place = authority(url), *at = strchr(place, '@');
    char *message = NULL;
    PQconninfoOption *options = PQconninfoParse(url, &message);
    bool sound = options && !(at && (strchr(at + 1, '@') || strcspn(place, "/?#") < (size_t)(at - place)));
    if (options) PQconninfoFree(options);
    if (message) PQfreemem(message);
    if (sound) return VG_OK;
    return vg_fail(err, VG_EUSAGE,
                   "DATABASE_URL: not of the form postgresql://user:password@host:port/database; in the "
                   "password, @ is written %%40, / %%2F, ? %%3F, # %%23, %% %%25");
}

static const char *option(const PQconninfoOption *options, const char *keyword)
{
    for (; options->keyword; options++)
        if (strcmp(options->keyword, keyword) == 0) return options->val ? options->val : "";
    return "";
}

char *pg_url_name(const char *url)
{
    vg_buf name = {0};
    PQconninfoOption *options = PQconninfoParse(url, NULL);
    if (!options) return vg_strdup("postgresql://");
    const char *user = option(options, "user"), *port = option(options, "port");
    vg_buf_addf(&name, "postgresql://%s%s%s", user, *user ? "@" : "", option(options, "host"));
    if (*port) vg_buf_addf(&name, ":%s", port);
    vg_buf_addf(&name, "/%s", option(options, "dbname"));
    PQconninfoFree(options);
    return name.data;
}

bool pg_url_has_password(const char *url)
{
    PQconninfoOption *options = PQconninfoParse(url, NULL);
    bool has = options && *option(options, "password");
    if (options) PQconninfoFree(options);
    return has;
}

/* Failures. */

/* One line: what libpq writes has several. */
static void add_line(vg_buf *out, const char *text)
{
    for (; text && *text; text++) {
        char c = *text == '\n' || *text == '\t' ? ' ' : *text;
        if (c != ' ' || (out->len && out->data[out->len - 1] != ' ')) vg_buf_addc(out, c);
    }
    while (out->len && out->data[out->len - 1] == ' ')
        out->data[--out->len] = '\0';
}

static vg_code fail_connection(struct pg *pg, const char *purpose, vg_err *err)
{
    vg_buf line = {0};
    add_line(&line, PQerrorMessage(pg->connection));
    vg_code rc = vg_fail(err, VG_EIO, "%s: the connection to the database broke: %.600s", purpose, vg_buf_str(&line));
    pg->broken = true;
    vg_buf_release(&line);
    return rc;
}

static vg_code code_of(const char *state)
{
    /* Connection lost, server shutting down, out of connections. */
    if (strncmp(state, "08", 2) == 0 || strncmp(state, "57P", 3) == 0 || strcmp(state, "53300") == 0) return VG_EIO;
    return strcmp(state, "57014") == 0 ? VG_ECANCEL : VG_ESTATE;
}

/* Of a statement that the server refused. */
static vg_code fail_result(struct pg *pg, const char *purpose, const PGresult *result, vg_err *err)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE), *detail, *hint;
    if (!state) return fail_connection(pg, purpose, err);
    snprintf(pg->state, sizeof pg->state, "%s", state);
    pg->broken = pg->broken || PQstatus(pg->connection) != CONNECTION_OK;
    vg_buf line = {0};
    add_line(&line, PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY));
    if ((detail = PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL))) {
        vg_buf_adds(&line, "; ");
        add_line(&line, detail);
    }
    if ((hint = PQresultErrorField(result, PG_DIAG_MESSAGE_HINT))) {
        vg_buf_adds(&line, "; ");
        add_line(&line, hint);
    }
    vg_code rc =
        vg_fail(err, code_of(state), "%s: the database says: %.700s (SQLSTATE %s)", purpose, vg_buf_str(&line), state);
    vg_buf_release(&line);
    return rc;
}

/* Connections. */

static void ignore_notice(void *ctx, const PGresult *result)
{
    (void)ctx;
    (void)result;
}

/* The server's and the user's settings must not matter, and a server must notice soon that we are gone. */
static const char settings[] = "SET TIME ZONE 'UTC'; SET datestyle = 'ISO'; SET standard_conforming_strings = on; "
                               "SET client_connection_check_interval = '2s'; SET lock_timeout = '60s'";

vg_code pg_connect(struct pg **out, const char *url, vg_err *err)
{
    /* What the URL says comes later and wins; but for the last. */
    const char *const keys[] = {"connect_timeout",
                                "keepalives_idle",
                                "tcp_user_timeout",
                                "application_name",
                                "dbname",
                                "client_encoding",
                                NULL};
    const char *const values[] = {"10", "30", "60000", "vigil", url, "UTF8", NULL};
    *out = NULL;
    VG_TRY(pg_check_url(url, err));
    struct pg *pg = vg_calloc(1, sizeof *pg);
    pg->connection = PQconnectdbParams(keys, values, 1);
    if (!pg->connection) VG_BUG("out of memory");
    vg_code rc = VG_OK;
    if (PQstatus(pg->connection) != CONNECTION_OK) {
        vg_buf line = {0};
        char *name = pg_url_name(url);
        add_line(&line, PQerrorMessage(pg->connection));
        rc = vg_fail(err, VG_EIO, "%s cannot be reached: %.600s", name, vg_buf_str(&line));
        free(name);
        vg_buf_release(&line);
    } else {
        PQsetNoticeReceiver(pg->connection, ignore_notice, NULL);
        pg_limit(pg, vg_clock_ns() + SETTINGS_NS, NULL);
        rc = pg_run(pg, "preparing the session", settings, err);
        pg_limit(pg, INT64_MAX, NULL);
    }
    if (rc)
        pg_close(pg);
    else
        *out = pg;
    return rc;
}

void pg_close(struct pg *pg)
{
    if (!pg) return;
    PQfinish(pg->connection);
    free(pg);
}

void pg_limit(struct pg *pg, int64_t deadline_ns, const atomic_bool *cancelled)
{
    pg->deadline_ns = deadline_ns;
    pg->cancelled = cancelled;
}

bool pg_is_broken(const struct pg *pg) { return pg->broken; }
const char *pg_state(const struct pg *pg) { return pg->state; }

/* Waiting. */

/* Tells the server to stop. What it answers then is not waited for: the connection is given up. */
static void abandon(struct pg *pg)
{
    char message[256];
    PGcancel *cancel = PQgetCancel(pg->connection);
    if (cancel) {
        PQcancel(cancel, message, sizeof message);
        PQfreeCancel(cancel);
    }
    pg->broken = true;
}

static vg_code may_wait(struct pg *pg, const char *purpose, int64_t deadline_ns, const atomic_bool *cancelled,
                        vg_err *err)
{
    if (vg_cancelled() || (cancelled && atomic_load(cancelled))) {
        abandon(pg);
        return vg_fail(err, VG_ECANCEL, "%s: stopped on request", purpose);
    }
    if (vg_clock_ns() <= deadline_ns) return VG_OK;
    abandon(pg);
    return vg_fail(err, VG_ELIMIT, "%s: the database did not answer in time", purpose);
}

static vg_code wait_socket(struct pg *pg, const char *purpose, short events, int64_t deadline_ns,
                           const atomic_bool *cancelled, vg_err *err)
{
    struct pollfd one = {.fd = PQsocket(pg->connection), .events = events};
    VG_TRY(may_wait(pg, purpose, deadline_ns, cancelled, err));
    poll(&one, 1, WAIT_MS);
    return VG_OK;
}

/* The next result of what was sent; NULL: that was all. */
static vg_code next_result(struct pg *pg, const char *purpose, int64_t deadline_ns, const atomic_bool *cancelled,
                           PGresult **result, vg_err *err)
{
    *result = NULL;
    while (PQisBusy(pg->connection)) {
        VG_TRY(wait_socket(pg, purpose, POLLIN, deadline_ns, cancelled, err));
        if (!PQconsumeInput(pg->connection)) return fail_connection(pg, purpose, err);
    }
    *result = PQgetResult(pg->connection);
    return VG_OK;
}

/* Statements. */

static bool is_good(const PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_SINGLE_TUPLE ||
           status == PGRES_COPY_IN || status == PGRES_EMPTY_QUERY;
}

/* Takes results to the end, or to the one that asks for COPY's rows; the first failure counts. *rows, which may be
 * NULL, is how many the last one took. */
static vg_code finish(struct pg *pg, const char *purpose, uint64_t *rows, vg_err *err)
{
    vg_code rc = VG_OK;
    for (;;) {
        PGresult *result;
        vg_code waited = next_result(pg, purpose, pg->deadline_ns, pg->cancelled, &result, err);
        if (waited) return waited;
        if (!result) return rc;
        bool copies = PQresultStatus(result) == PGRES_COPY_IN;
        if (!is_good(result) && !rc) rc = fail_result(pg, purpose, result, err);
        if (rows && !rc) number_count(vg_slice_of(PQcmdTuples(result)), rows);
        PQclear(result);
        if (copies || PQstatus(pg->connection) != CONNECTION_OK) return rc;
    }
}

vg_code pg_run(struct pg *pg, const char *purpose, const char *sql, vg_err *err)
{
    pg->state[0] = '\0';
    if (!PQsendQuery(pg->connection, sql)) return fail_connection(pg, purpose, err);
    return finish(pg, purpose, NULL, err);
}

vg_code pg_runf(struct pg *pg, const char *purpose, vg_err *err, const char *format, ...)
{
    va_list args;
    char *sql = NULL;
    va_start(args, format);
    if (vasprintf(&sql, format, args) < 0) VG_BUG("out of memory");
    va_end(args);
    vg_code rc = pg_run(pg, purpose, sql, err);
    free(sql);
    return rc;
}

/* Rows. */

static vg_code send_question(struct pg *pg, const char *purpose, const struct row_question *q, vg_err *err)
{
    size_t n = q->value_count;
    Oid *types = vg_calloc(n + 1, sizeof *types);
    const char **values = vg_calloc(n + 1, sizeof *values);
    int *lengths = vg_calloc(n + 1, sizeof *lengths), *formats = vg_calloc(n + 1, sizeof *formats);
    vg_buf bytes = {0};
    size_t *starts = vg_calloc(n + 1, sizeof *starts);
    for (size_t i = 0; i < n; i++) {
        starts[i] = bytes.len;
        pg_add_value(&bytes, q->values[i].type, &q->values[i].value);
    }
    starts[n] = bytes.len;
    for (size_t i = 0; i < n; i++) {
        types[i] = pg_type_oid(q->values[i].type);
        values[i] = bytes.data + starts[i] + 4; /* behind its length */
        lengths[i] = (int)(starts[i + 1] - starts[i] - 4);
        formats[i] = 1;
    }
    int sent = PQsendQueryParams(pg->connection, q->sql, (int)n, types, values, lengths, formats, 1);
    free(types);
    free(values);
    free(lengths);
    free(formats);
    free(starts);
    vg_buf_release(&bytes);
    if (!sent) return fail_connection(pg, purpose, err);
    PQsetSingleRowMode(pg->connection);
    return VG_OK;
}

static vg_code take_row(const char *purpose, const struct row_question *q, const PGresult *result,
                        struct feature_value *values, vg_err *err)
{
    if ((size_t)PQnfields(result) != q->column_count) VG_BUG("another number of columns was selected");
    for (size_t i = 0; i < q->column_count; i++) {
        int column = (int)i;
        vg_slice bytes = {PQgetvalue(result, 0, column), (size_t)PQgetlength(result, 0, column)};
        if (PQgetisnull(result, 0, column)) bytes.p = NULL;
        if (PQftype(result, column) != pg_type_oid(q->columns[i].type) ||
            !pg_get_value(q->columns[i].type, bytes, &values[i]))
            return vg_fail(err, VG_ESTATE, "%s: the database's column %s is not %s, or has a value that does not fit",
                           purpose, PQfname(result, column), pg_type_name(q->columns[i].type));
    }
    return VG_OK;
}

static vg_code take_rows(struct pg *pg, const char *purpose, const struct row_question *q, struct feature_value *values,
                         vg_code (*row)(void *, const struct feature_value *, vg_err *), void *ctx, vg_err *err)
{
    int64_t deadline_ns = q->deadline_ns < pg->deadline_ns ? q->deadline_ns : pg->deadline_ns;
    vg_code rc = VG_OK;
    for (;;) {
        PGresult *result;
        vg_code waited = next_result(pg, purpose, deadline_ns, q->cancelled, &result, err);
        if (waited) return waited;
        if (!result) return rc;
        if (!rc && !is_good(result)) rc = fail_result(pg, purpose, result, err);
        if (!rc && PQresultStatus(result) == PGRES_SINGLE_TUPLE) {
            rc = take_row(purpose, q, result, values, err);
            if (!rc) rc = row(ctx, values, err);
            if (!rc) rc = may_wait(pg, purpose, deadline_ns, q->cancelled, err);
            if (rc && !pg->broken) abandon(pg);
        }
        PQclear(result);
        if (pg->broken) return rc;
    }
}

vg_code pg_ask(struct pg *pg, const char *purpose, const struct row_question *q,
               vg_code (*row)(void *ctx, const struct feature_value *values, vg_err *err), void *ctx, vg_err *err)
{
    pg->state[0] = '\0';
    VG_TRY(send_question(pg, purpose, q, err));
    struct feature_value *values = vg_calloc(q->column_count + 1, sizeof *values);
    vg_code rc = take_rows(pg, purpose, q, values, row, ctx, err);
    free(values);
    return rc;
}

/* COPY. */

static vg_code put_bytes(struct pg *pg, const char *purpose, const char *bytes, size_t n, vg_err *err)
{
    VG_ASSERT(n <= INT32_MAX);
    if (vg_cancelled()) return may_wait(pg, purpose, INT64_MAX, NULL, err);
    return PQputCopyData(pg->connection, bytes, (int)n) == 1 ? VG_OK : fail_connection(pg, purpose, err);
}

vg_code pg_copy_begin(struct pg *pg, const char *purpose, const char *sql, vg_err *err)
{
    static const char header[] = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0"; /* the literal's own NUL is its last byte */
    pg->state[0] = '\0';
    VG_TRY(pg_run(pg, purpose, sql, err));
    return put_bytes(pg, purpose, header, sizeof header, err);
}

vg_code pg_copy_put(struct pg *pg, const char *purpose, const vg_buf *rows, vg_err *err)
{
    return put_bytes(pg, purpose, vg_buf_str(rows), rows->len, err);
}

vg_code pg_copy_finish(struct pg *pg, const char *purpose, uint64_t *rows, vg_err *err)
{
    static const char trailer[] = {'\xff', '\xff'};
    VG_TRY(put_bytes(pg, purpose, trailer, sizeof trailer, err));
    if (PQputCopyEnd(pg->connection, NULL) != 1) return fail_connection(pg, purpose, err);
    *rows = 0;
    return finish(pg, purpose, rows, err);
}

void pg_copy_cancel(struct pg *pg)
{
    vg_err ignored;
    if (pg->broken) return;
    if (PQputCopyEnd(pg->connection, "given up") == 1)
        (void)!finish(pg, "giving up", NULL, &ignored);
    else
        pg->broken = true;
}
