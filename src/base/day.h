/* day.h: UTC dates and times as integers.
 *
 * A day is a count of days since 1970-01-01; times are milliseconds or nanoseconds since then.
 * Proleptic Gregorian, no leap seconds, no time zones: the exchange speaks UTC only.
 */
#ifndef VIGIL_BASE_DAY_H
#define VIGIL_BASE_DAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VG_NS_PER_S INT64_C(1000000000)
#define VG_NS_PER_MS INT64_C(1000000)
#define VG_NS_PER_DAY (INT64_C(86400) * VG_NS_PER_S)
#define VG_MS_PER_DAY INT64_C(86400000)

#define VG_NO_DATE INT32_MIN /* initial value of a date that was not given */
#define VG_DATE_TEXT 16      /* bytes for "2025-11-01" with its NUL */
#define VG_TIME_TEXT 40      /* bytes for "2025-11-01T00:00:00.123456789" with its NUL */

int32_t vg_day_from_civil(int year, unsigned month, unsigned day);
void vg_day_to_civil(int32_t days, int *year, unsigned *month, unsigned *day);

static inline int64_t vg_floor_div(int64_t a, int64_t b) { return a / b - (a % b != 0 && (a % b < 0) != (b < 0)); }
static inline int32_t vg_day_of_ns(int64_t ns) { return (int32_t)vg_floor_div(ns, VG_NS_PER_DAY); }

/* Reads "2025-11-01" or "20251101"; false when it is neither or no such day exists. */
bool vg_day_parse(const char *text, size_t n, int32_t *day);

/* Writes "2025-11-01" (separator '-') or "20251101" (separator 0), terminated. */
void vg_day_print(int32_t day, char separator, char out[VG_DATE_TEXT]);

/* Reads "2026-03-15T00:00:00[.1 to 9 digits][Z]" into ns. Years 1970 to 2261. */
bool vg_time_parse(const char *text, size_t n, int64_t *ns);

/* Writes the exchange's form with exactly `digits` (0, 3 or 9) fractional digits, no Z, terminated;
 * returns the length. */
size_t vg_time_print(int64_t ns, int digits, char out[VG_TIME_TEXT]);

#endif
