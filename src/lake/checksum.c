#include "lake/checksum.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <unistd.h>

#include "base/hex.h"

vg_code lake_checksum(const char *path, char sha256[65], uint64_t *bytes, vg_err *err)
{
    enum { ROOM = 1 << 18 };
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return vg_fail_errno(err, "opening %s", path);
    uint8_t *buffer = vg_alloc(ROOM), digest[32];
    EVP_MD_CTX *hash = EVP_MD_CTX_new();
    VG_ASSERT(hash && EVP_DigestInit_ex(hash, EVP_sha256(), NULL) == 1);
    vg_code rc = VG_OK;
    *bytes = 0;
    for (;;) {
        ssize_t n = read(fd, buffer, ROOM);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) rc = vg_fail_errno(err, "reading %s", path);
        if (n <= 0) break;
        *bytes += (uint64_t)n;
        EVP_DigestUpdate(hash, buffer, (size_t)n);
    }
    EVP_DigestFinal_ex(hash, digest, NULL);
    vg_hex_encode(digest, sizeof digest, sha256);
    sha256[64] = '\0';
    EVP_MD_CTX_free(hash);
    free(buffer);
    close(fd);
    return rc;
}
