#include "serve/parameter.h"

#include "base/day.h"
#include "base/json.h"
#include "base/number.h"

#define AMOUNT_PATTERN "^[0-9]{1,18}(\\\\.[0-9]{1,10})?$"
#define COIN_PATTERN "^[A-Za-z0-9@#][A-Za-z0-9@#:/_.-]{0,39}$"
#define NAME_PATTERN "^[A-Za-z0-9][A-Za-z0-9_.:-]{0,39}$"

static bool is_letter_or_digit(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* Letters and digits, or also `others`; those of `first` may begin it. At most 40. */
static bool take_word(vg_slice text, const char *first, const char *others, struct argument *a)
{
    if (text.n == 0 || text.n > 40) return false;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (!is_letter_or_digit(c) && (c == '\0' || !strchr(i ? others : first, c))) return false;
    }
    memcpy(a->text, text.p, text.n);
    a->text[text.n] = '\0';
    return true;
}

static bool take_beginning(vg_slice text, struct argument *a)
{
    if (text.n < 2 || text.n > 42 || text.p[0] != '0' || text.p[1] != 'x') return false;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (c >= 'A' && c <= 'F') c = (char)(c - 'A' + 'a');
        if (i > 1 && !((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) return false;
        a->text[i] = c;
    }
    a->text[text.n] = '\0';
    return true;
}

static bool take_address(vg_slice text, struct argument *a) { return text.n == 42 && take_beginning(text, a); }

static bool take_choice(const struct parameter *p, vg_slice text, struct argument *a)
{
    const char *name;
    for (size_t i = 0; (name = p->choice(i)); i++)
        if (vg_slice_is(text, name)) {
            a->number = (int64_t)i;
            return true;
        }
    return false;
}

static bool take_integer(const struct parameter *p, vg_slice text, struct argument *a)
{
    uint64_t value;
    if (!number_count(text, &value) || value > INT64_MAX) return false;
    a->number = (int64_t)value;
    return a->number >= p->least && a->number <= p->most;
}

static bool take_amount(vg_slice text, struct argument *a)
{
    vg_dec value;
    vg_dec_status status = vg_dec_parse(text.p, text.n, &value);
    if (status != VG_DEC_OK && status != VG_DEC_OTHER) return false;
    const vg_dec most = (vg_dec)VG_DEC_ONE * 1000000000 * 1000000000; /* 18 integer digits, as sums have */
    return text.p[0] != '-' && value < most && vg_dec_widen(value, &a->amount);
}

static bool take_day(vg_slice text, int64_t *day)
{
    int32_t value;
    if (text.n != 10 || !vg_day_parse(text.p, text.n, &value)) return false;
    *day = value;
    return value >= 0 && value < 106751; /* 1970 to 2262: what nanoseconds in 64 bits reach */
}

static bool take_time(vg_slice text, struct argument *a)
{
    if (!take_day(text, &a->number)) return vg_time_parse(text.p, text.n, &a->number);
    a->number *= VG_NS_PER_DAY;
    return true;
}

bool parameter_parse(const struct parameter *p, vg_slice text, struct argument *a)
{
    a->given = true;
    switch (p->type) {
    case PARAMETER_ADDRESS: return take_address(text, a);
    case PARAMETER_BEGINNING: return take_beginning(text, a);
    case PARAMETER_COIN: return take_word(text, "@#", "@#:/_.-", a);
    case PARAMETER_NAME: return take_word(text, "", "_.:-", a);
    case PARAMETER_CHOICE: return take_choice(p, text, a);
    case PARAMETER_INTEGER: return take_integer(p, text, a);
    case PARAMETER_AMOUNT: return take_amount(text, a);
    case PARAMETER_DAY: return take_day(text, &a->number);
    case PARAMETER_TIME: return take_time(text, a);
    case PARAMETER_CURSOR: a->cursor = text; return text.n > 0;
    }
    VG_BUG("no such type of parameter");
}

void parameter_allowed(const struct parameter *p, vg_buf *out)
{
    switch (p->type) {
    case PARAMETER_ADDRESS: vg_buf_adds(out, "0x and 40 hexadecimal digits"); return;
    case PARAMETER_BEGINNING: vg_buf_adds(out, "0x and up to 40 hexadecimal digits"); return;
    case PARAMETER_COIN: vg_buf_adds(out, "a coin as the exchange names it: BTC, xyz:NVDA, @107, PURR/USDC"); return;
    case PARAMETER_NAME: vg_buf_adds(out, "1 to 40 letters, digits, '_', '.', ':' and '-'"); return;
    case PARAMETER_INTEGER:
        vg_buf_addf(out, "a whole number from %lld to %lld", (long long)p->least, (long long)p->most);
        return;
    case PARAMETER_AMOUNT: vg_buf_adds(out, "a decimal such as 1000 or 0.5"); return;
    case PARAMETER_DAY: vg_buf_adds(out, "a day such as 2025-11-01"); return;
    case PARAMETER_TIME: vg_buf_adds(out, "a time in UTC such as 2025-11-01T00:00:00Z, or a day"); return;
    case PARAMETER_CURSOR: vg_buf_adds(out, "next_cursor of an answer to the same question"); return;
    case PARAMETER_CHOICE: break;
    }
    const char *name;
    vg_buf_adds(out, "one of ");
    for (size_t i = 0; (name = p->choice(i)); i++)
        vg_buf_addf(out, "%s%s", i ? ", " : "", name);
}

static void add_choices(const struct parameter *p, vg_buf *out)
{
    const char *name;
    vg_buf_adds(out, "{\"type\":\"string\",\"enum\":[");
    for (size_t i = 0; (name = p->choice(i)); i++) {
        if (i) vg_buf_addc(out, ',');
        json_add_string(out, vg_slice_of(name));
    }
    vg_buf_addc(out, ']');
}

void parameter_schema(const struct parameter *p, vg_buf *out)
{
    switch (p->type) {
    case PARAMETER_ADDRESS: vg_buf_adds(out, "{\"type\":\"string\",\"pattern\":\"^0x[0-9a-fA-F]{40}$\""); break;
    case PARAMETER_BEGINNING: vg_buf_adds(out, "{\"type\":\"string\",\"pattern\":\"^0x[0-9a-fA-F]{0,40}$\""); break;
    case PARAMETER_COIN: vg_buf_adds(out, "{\"type\":\"string\",\"pattern\":\"" COIN_PATTERN "\""); break;
    case PARAMETER_NAME: vg_buf_adds(out, "{\"type\":\"string\",\"pattern\":\"" NAME_PATTERN "\""); break;
    case PARAMETER_CHOICE: add_choices(p, out); break;
    case PARAMETER_INTEGER:
        vg_buf_addf(out, "{\"type\":\"integer\",\"minimum\":%lld,\"maximum\":%lld", (long long)p->least,
                    (long long)p->most);
        break;
    case PARAMETER_AMOUNT: vg_buf_adds(out, "{\"type\":\"string\",\"pattern\":\"" AMOUNT_PATTERN "\""); break;
    case PARAMETER_DAY: vg_buf_adds(out, "{\"type\":\"string\",\"format\":\"date\""); break;
    case PARAMETER_TIME:
        vg_buf_adds(out, "{\"type\":\"string\",\"anyOf\":[{\"format\":\"date-time\"},{\"format\":\"date\"}]");
        break;
    case PARAMETER_CURSOR: vg_buf_adds(out, "{\"type\":\"string\""); break;
    }
    if (p->otherwise && p->type == PARAMETER_INTEGER) vg_buf_addf(out, ",\"default\":%s", p->otherwise);
    if (p->otherwise && p->type != PARAMETER_INTEGER) {
        vg_buf_adds(out, ",\"default\":");
        json_add_string(out, vg_slice_of(p->otherwise));
    }
    vg_buf_addc(out, '}');
}
