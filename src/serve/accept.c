#include "serve/accept.h"

static bool is_space(char c) { return c == ' ' || c == '\t'; }

static vg_slice trimmed(vg_slice text)
{
    while (text.n && is_space(*text.p))
        text.p++, text.n--;
    while (text.n && is_space(text.p[text.n - 1]))
        text.n--;
    return text;
}

static bool is(vg_slice text, const char *word)
{
    return text.n == strlen(word) && strncasecmp(text.p, word, text.n) == 0;
}

/* "0.8" as 800; what is malformed counts as 0. */
static int weight_of(vg_slice text)
{
    int weight = 0, unit = 1000;
    for (size_t i = 0; i < text.n; i++) {
        if (i == 1 && text.p[i] == '.') continue;
        if (i > 4 || text.p[i] < '0' || text.p[i] > '9') return 0;
        weight += (text.p[i] - '0') * unit;
        unit /= 10;
    }
    return weight > 1000 ? 1000 : weight;
}

/* The next element of a list, its name and weight in thousandths; false at the end. */
static bool next(vg_slice *rest, vg_slice *name, int *weight)
{
    if (rest->n == 0) return false;
    size_t n = 0;
    while (n < rest->n && rest->p[n] != ',')
        n++;
    vg_slice element = {rest->p, n};
    *rest = n < rest->n ? (vg_slice){rest->p + n + 1, rest->n - n - 1} : (vg_slice){rest->p + n, 0};
    const char *semicolon = memchr(element.p, ';', element.n);
    *name = trimmed((vg_slice){element.p, semicolon ? (size_t)(semicolon - element.p) : element.n});
    *weight = 1000;
    while (semicolon) {
        vg_slice after = {semicolon + 1, (size_t)(element.p + element.n - semicolon - 1)};
        semicolon = memchr(after.p, ';', after.n);
        vg_slice parameter = trimmed((vg_slice){after.p, semicolon ? (size_t)(semicolon - after.p) : after.n});
        if (parameter.n > 2 && strncasecmp(parameter.p, "q=", 2) == 0)
            *weight = weight_of((vg_slice){parameter.p + 2, parameter.n - 2});
    }
    return true;
}

enum media accept_media(vg_slice header)
{
    static const char *const names[MEDIA_KINDS] = {"application/json", "text/csv", "text/html"};
    enum media best = MEDIA_JSON;
    int best_weight = 0, wild = 0, weight;
    vg_slice name;
    while (next(&header, &name, &weight)) {
        if ((is(name, "*/*") || is(name, "application/*")) && weight > wild) wild = weight;
        for (enum media kind = 0; kind < MEDIA_KINDS; kind++)
            if (is(name, names[kind]) && weight > best_weight) {
                best = kind;
                best_weight = weight;
            }
    }
    return wild > best_weight ? MEDIA_JSON : best;
}

bool accept_coding(vg_slice header, const char *coding)
{
    int weight, any = 0;
    vg_slice name;
    while (next(&header, &name, &weight)) {
        if (is(name, coding)) return weight > 0;
        if (is(name, "*")) any = weight;
    }
    return any > 0;
}
