#include "serve/api_keys.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include "base/file.h"
#include "base/hex.h"

#define FILE_LIMIT (1 << 20)

struct api_key {
    char name[API_KEY_NAME + 1];
    uint8_t hash[SHA256_DIGEST_LENGTH];
};

struct api_keys {
    struct api_key *items;
    size_t n;
};

static bool is_name(vg_slice text)
{
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
              c == '.'))
            return false;
    }
    return text.n > 0 && text.n <= API_KEY_NAME;
}

static vg_code take_line(struct api_keys *keys, vg_slice line, const char *path, size_t number, vg_err *err)
{
    const char *space = memchr(line.p, ' ', line.n);
    vg_slice name = {line.p, space ? (size_t)(space - line.p) : line.n};
    vg_slice hash = space ? (vg_slice){space + 1, line.n - name.n - 1} : (vg_slice){line.p + line.n, 0};
    struct api_key key = {0};
    if (!is_name(name) || hash.n != 64 || !vg_hex_decode(hash.p, key.hash, sizeof key.hash))
        return vg_fail(err, VG_EPARSE,
                       "%s line %zu: wanted are a name (letters, digits, '_', '-', '.') and the SHA-256 of the key in "
                       "64 hex digits of lower case, with one space between",
                       path, number);
    if (keys->n == API_KEYS_MOST) return vg_fail(err, VG_ELIMIT, "%s: more than %d keys", path, API_KEYS_MOST);
    memcpy(key.name, name.p, name.n);
    keys->items = vg_realloc(keys->items, (keys->n + 1) * sizeof *keys->items);
    keys->items[keys->n++] = key;
    return VG_OK;
}

vg_code api_keys_load(struct api_keys **out, const char *path, vg_err *err)
{
    vg_buf text = {0};
    struct api_keys *keys = vg_calloc(1, sizeof *keys);
    vg_code rc = file_read_all(path, FILE_LIMIT, &text, err);
    vg_slice rest = vg_buf_view(&text);
    for (size_t number = 1; !rc && rest.n; number++) {
        const char *end = memchr(rest.p, '\n', rest.n);
        vg_slice line = {rest.p, end ? (size_t)(end - rest.p) : rest.n};
        rest = end ? (vg_slice){end + 1, rest.n - line.n - 1} : (vg_slice){rest.p + rest.n, 0};
        if (line.n && line.p[line.n - 1] == '\r') line.n--;
        if (line.n && line.p[0] != '#') rc = take_line(keys, line, path, number, err);
    }
    if (!rc && keys->n == 0) rc = vg_fail(err, VG_EPARSE, "%s: there is no key in it", path);
    vg_buf_release(&text);
    if (rc) {
        api_keys_free(keys);
        keys = NULL;
    }
    *out = keys;
    return rc;
}

void api_keys_free(struct api_keys *keys)
{
    if (!keys) return;
    free(keys->items);
    free(keys);
}

const char *api_keys_find(const struct api_keys *keys, vg_slice key)
{
    uint8_t hash[SHA256_DIGEST_LENGTH];
    const char *found = NULL;
    SHA256((const unsigned char *)key.p, key.n, hash);
    for (size_t i = 0; i < keys->n; i++)
        if (CRYPTO_memcmp(hash, keys->items[i].hash, sizeof hash) == 0) found = keys->items[i].name;
    return found;
}
