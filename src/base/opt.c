#include "base/opt.h"

#include "base/day.h"

static bool count_parse(const char *text, uint64_t *out)
{
    uint64_t value = 0;
    const char *p = text;
    for (; *p >= '0' && *p <= '9'; p++)
        if (__builtin_mul_overflow(value, 10u, &value) || __builtin_add_overflow(value, (uint64_t)(*p - '0'), &value))
            return false;
    if (p == text) return false;
    uint64_t unit = *p == 'k' ? 1000 : *p == 'M' ? 1000000 : *p == 'G' ? 1000000000 : 1;
    if (unit > 1) p++;
    return *p == '\0' && !__builtin_mul_overflow(value, unit, out);
}

static vg_code assign(const struct vg_option *option, const char *text, const char *from, vg_err *err)
{
    switch (option->kind) {
    case VG_OPT_FLAG: *(bool *)option->target = text == NULL || (*text != '\0' && strcmp(text, "0") != 0); return VG_OK;
    case VG_OPT_TEXT: *(const char **)option->target = text; return VG_OK;
    case VG_OPT_COUNT:
        if (count_parse(text, option->target)) return VG_OK;
        return vg_fail(err, VG_EUSAGE, "%s wants a whole number such as 500 or 20k, not '%s'", from, text);
    case VG_OPT_DATE:
        if (vg_day_parse(text, strlen(text), option->target)) return VG_OK;
        return vg_fail(err, VG_EUSAGE, "%s wants a date such as 2025-11-01, not '%s'", from, text);
    }
    VG_BUG("unknown option kind");
}

static const struct vg_option *find(const struct vg_option *options, const char *name, size_t n)
{
    for (; options->name; options++)
        if (strlen(options->name) == n && memcmp(options->name, name, n) == 0) return options;
    return NULL;
}

static vg_code from_environment(const struct vg_option *options, vg_err *err)
{
    for (; options->name; options++) {
        const char *text = options->env ? getenv(options->env) : NULL;
        if (text && *text) VG_TRY(assign(options, text, options->env, err));
    }
    return VG_OK;
}

vg_code vg_opt_parse(const struct vg_option *options, int argc, char **argv, int *positionals, vg_err *err)
{
    VG_TRY(from_environment(options, err));
    int kept = 0;
    for (int i = 0; i < argc; i++) {
        const char *word = argv[i];
        if (word[0] != '-' || word[1] == '\0') {
            argv[kept++] = argv[i];
            continue;
        }
        if (strcmp(word, "--") == 0) {
            while (++i < argc)
                argv[kept++] = argv[i];
            break;
        }
        const char *equals = strchr(word, '=');
        size_t n = equals ? (size_t)(equals - word) : strlen(word);
        const struct vg_option *option = n > 2 && word[1] == '-' ? find(options, word + 2, n - 2) : NULL;
        if (!option) return vg_fail(err, VG_EUSAGE, "unknown option '%s'", word);
        const char *value = equals ? equals + 1 : NULL;
        if (option->kind == VG_OPT_FLAG && value) return vg_fail(err, VG_EUSAGE, "--%s takes no value", option->name);
        if (option->kind != VG_OPT_FLAG && !value) {
            if (++i == argc) return vg_fail(err, VG_EUSAGE, "--%s wants a value: %s", option->name, option->value);
            value = argv[i];
        }
        char from[64] = "--";
        strncat(from, option->name, sizeof from - 3);
        VG_TRY(assign(option, value, from, err));
    }
    *positionals = kept;
    return VG_OK;
}

void vg_opt_help(const struct vg_option *options, vg_buf *out)
{
    for (; options->name; options++) {
        vg_buf left = {0};
        vg_buf_addf(&left, "--%s%s%s", options->name, options->value ? " " : "", options->value ? options->value : "");
        vg_buf_addf(out, "  %-26s %s", left.data, options->help);
        if (options->env) vg_buf_addf(out, " [%s]", options->env);
        vg_buf_addc(out, '\n');
        vg_buf_release(&left);
    }
}
