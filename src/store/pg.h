/* pg.h: a connection to PostgreSQL: statements, typed rows, COPY, and errors that name what was being done.
 *
 * Private to src/store. One thread at a time. A call waits for the server, and looks all the while whether its time is
 * over, whether it is cancelled, and whether the program is to end (vg_cancelled); then the server is told to stop too.
 * `purpose` is how errors begin: "loading fills of 2025-11-01". Errors have the server's message and its SQLSTATE,
 * never a password. VG_EIO: the server cannot be reached, or the connection broke; VG_ELIMIT: time is over; VG_ESTATE:
 * the server refused.
 */
#ifndef VIGIL_STORE_PG_H
#define VIGIL_STORE_PG_H

#include "lake/row_source.h"

struct pg;

/* VG_EUSAGE: no URL of PostgreSQL, or one that only seems to be (an '@' or '/' in the password must be %40, %2F). */
VG_MUST_USE vg_code pg_check_url(const char *url, vg_err *err);

/* The URL without password and options, for people; the caller frees. The URL was checked. */
char *pg_url_name(const char *url);
bool pg_url_has_password(const char *url);

VG_MUST_USE vg_code pg_connect(struct pg **pg, const char *url, vg_err *err);
void pg_close(struct pg *pg); /* NULL is fine */

/* Until when (vg_clock_ns(); INT64_MAX: no bound, as at first), and whether at all, statements without rows are waited
 * for from now on. `cancelled` may be NULL. A question has its own bounds, too. */
void pg_limit(struct pg *pg, int64_t deadline_ns, const atomic_bool *cancelled);

/* Whether the connection cannot be used any more: it broke, or a statement did not end in time. */
bool pg_is_broken(const struct pg *pg);

/* "42P01": of the last failure; "" when the server said nothing. */
const char *pg_state(const struct pg *pg);

/* Statements without rows; several are one transaction. */
VG_MUST_USE vg_code pg_run(struct pg *pg, const char *purpose, const char *sql, vg_err *err);
VG_MUST_USE vg_code pg_runf(struct pg *pg, const char *purpose, vg_err *err, const char *format, ...) VG_PRINTF(4, 5);

/* The rows of one statement through `row`; texts live until it returns. `row` must not use the connection. */
VG_MUST_USE vg_code pg_ask(struct pg *pg, const char *purpose, const struct row_question *question,
                           vg_code (*row)(void *ctx, const struct feature_value *values, vg_err *err), void *ctx,
                           vg_err *err);

/* COPY … FROM STDIN BINARY: begin, rows in the binary form (pg_value.h) without header and end, then finish, which
 * says how many the server took. After a failure of `put`, finish or cancel says why. */
VG_MUST_USE vg_code pg_copy_begin(struct pg *pg, const char *purpose, const char *sql, vg_err *err);
VG_MUST_USE vg_code pg_copy_put(struct pg *pg, const char *purpose, const vg_buf *rows, vg_err *err);
VG_MUST_USE vg_code pg_copy_finish(struct pg *pg, const char *purpose, uint64_t *rows, vg_err *err);
void pg_copy_cancel(struct pg *pg); /* the rows are given up */

#endif
