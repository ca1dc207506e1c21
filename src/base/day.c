#include "base/day.h"

#include <stdio.h>
#include <string.h>

/* Days from civil and back: the well-known era arithmetic (a year that starts in March makes the leap
 * day the last one; 400 years have 146097 days). */
int32_t vg_day_from_civil(int year, unsigned month, unsigned day)
{
    year -= month <= 2;
    int era = (year >= 0 ? year : year - 399) / 400;
    unsigned year_of_era = (unsigned)(year - era * 400);
    unsigned day_of_year = (153 * (month + (month > 2 ? -3u : 9u)) + 2) / 5 + day - 1;
    unsigned day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + (int32_t)day_of_era - 719468;
}

void vg_day_to_civil(int32_t days, int *year, unsigned *month, unsigned *day)
{
    days += 719468;
    int32_t era = (days >= 0 ? days : days - 146096) / 146097;
    unsigned day_of_era = (unsigned)(days - era * 146097);
    unsigned year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    unsigned day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    unsigned shifted = (5 * day_of_year + 2) / 153;
    *day = day_of_year - (153 * shifted + 2) / 5 + 1;
    *month = shifted < 10 ? shifted + 3 : shifted - 9;
    *year = (int)year_of_era + era * 400 + (*month <= 2);
}

static bool number(const char *p, size_t n, unsigned *out)
{
    unsigned value = 0;
    for (size_t i = 0; i < n; i++) {
        unsigned digit = (unsigned char)p[i] - (unsigned)'0';
        if (digit > 9) return false;
        value = value * 10 + digit;
    }
    *out = value;
    return true;
}

static bool civil(unsigned year, unsigned month, unsigned day, int32_t *out)
{
    static const unsigned char length[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (month < 1 || month > 12 || day < 1 || year < 1970 || year > 2261) return false;
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    if (day > (unsigned)length[month - 1] + (month == 2 && leap ? 1u : 0u)) return false;
    *out = vg_day_from_civil((int)year, month, day);
    return true;
}

bool vg_day_parse(const char *text, size_t n, int32_t *day)
{
    unsigned y, m, d;
    if (n == 10) {
        return text[4] == '-' && text[7] == '-' && number(text, 4, &y) && number(text + 5, 2, &m) &&
               number(text + 8, 2, &d) && civil(y, m, d, day);
    }
    return n == 8 && number(text, 4, &y) && number(text + 4, 2, &m) && number(text + 6, 2, &d) && civil(y, m, d, day);
}

void vg_day_print(int32_t day, char separator, char out[VG_DATE_TEXT])
{
    int y;
    unsigned m, d;
    vg_day_to_civil(day, &y, &m, &d);
    if (separator)
        snprintf(out, VG_DATE_TEXT, "%04d%c%02u%c%02u", y, separator, m, separator, d);
    else
        snprintf(out, VG_DATE_TEXT, "%04d%02u%02u", y, m, d);
}

bool vg_time_parse(const char *text, size_t n, int64_t *ns)
{
    int32_t day;
    unsigned hour, minute, second, fraction = 0;
    if (n > 0 && text[n - 1] == 'Z') n--;
    if (n < 19 || n > 29 || text[10] != 'T' || text[13] != ':' || text[16] != ':') return false;
    if (text[4] != '-' || !vg_day_parse(text, 10, &day)) return false;
    if (!number(text + 11, 2, &hour) || !number(text + 14, 2, &minute) || !number(text + 17, 2, &second)) return false;
    if (hour > 23 || minute > 59 || second > 59) return false;
    if (n > 19) {
        if (n == 20 || text[19] != '.' || !number(text + 20, n - 20, &fraction)) return false;
        for (size_t i = n - 20; i < 9; i++)
            fraction *= 10;
    }
    *ns = (day * INT64_C(86400) + hour * 3600 + minute * 60 + second) * VG_NS_PER_S + fraction;
    return true;
}

size_t vg_time_print(int64_t ns, int digits, char out[VG_TIME_TEXT])
{
    int32_t day = vg_day_of_ns(ns);
    int64_t rest = ns - day * VG_NS_PER_DAY;
    unsigned second = (unsigned)(rest / VG_NS_PER_S), fraction = (unsigned)(rest % VG_NS_PER_S);
    char date[VG_DATE_TEXT];
    vg_day_print(day, '-', date);
    int n = snprintf(out, VG_TIME_TEXT, "%sT%02u:%02u:%02u", date, second / 3600, second / 60 % 60, second % 60);
    if (digits == 9) n += snprintf(out + n, VG_TIME_TEXT - (size_t)n, ".%09u", fraction);
    if (digits == 3) n += snprintf(out + n, VG_TIME_TEXT - (size_t)n, ".%03u", fraction / 1000000);
    return (size_t)n;
}
