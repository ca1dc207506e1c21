#include "base/env.h"

#include <ctype.h>
#include <unistd.h>

#include "base/file.h"

static bool is_name(const char *name)
{
    if (!isalpha((unsigned char)*name) && *name != '_') return false;
    for (; *name; name++)
        if (!isalnum((unsigned char)*name) && *name != '_') return false;
    return true;
}

static char *trim(char *text)
{
    while (isspace((unsigned char)*text))
        text++;
    size_t n = strlen(text);
    while (n > 0 && isspace((unsigned char)text[n - 1]))
        text[--n] = '\0';
    return text;
}

/* False when the line is neither a setting, nor a comment, nor blank. */
static bool take_line(char *line)
{
    line = trim(line);
    if (*line == '\0' || *line == '#') return true;
    if (strncmp(line, "export ", 7) == 0) line = trim(line + 7);
    char *equals = strchr(line, '=');
    if (!equals) return false;
    *equals = '\0';
    char *name = trim(line), *value = trim(equals + 1);
    size_t n = strlen(value);
    if (n >= 2 && (*value == '"' || *value == '\'') && value[n - 1] == *value) {
        value[n - 1] = '\0';
        value++;
    }
    return is_name(name) && setenv(name, value, 0) == 0;
}

vg_code env_load(const char *path, vg_err *err)
{
    if (access(path, F_OK) != 0) return VG_OK;
    vg_buf text = {0};
    vg_code rc = file_read_all(path, 1 << 20, &text, err);
    unsigned number = 0;
    for (char *line = text.data, *next; !rc && line && *line; line = next) {
        next = strchrnul(line, '\n');
        if (*next) *next++ = '\0';
        number++;
        if (!take_line(line)) rc = vg_fail(err, VG_EPARSE, "%s, line %u: not NAME=VALUE", path, number);
    }
    vg_buf_release(&text);
    return rc;
}
