/* Runs a fuzz target over the files of a corpus, where libFuzzer is not at hand. */
#include <stdint.h>

#include "base/file.h"
#include "oracle.h"

int main(int argc, char **argv)
{
    size_t count = 0;
    for (int i = 1; i < argc; i++) {
        struct file_names names;
        CHECK(file_list(argv[i], &names, NULL) == VG_OK);
        for (size_t k = 0; k < names.n; k++, count++) {
            vg_buf bytes = {0};
            char *path = vg_path_join(argv[i], names.items[k]);
            CHECK(file_read_all(path, 1 << 24, &bytes, NULL) == VG_OK);
            uint8_t *exact = malloc(bytes.len ? bytes.len : 1); /* the sanitizer sees a byte too many */
            CHECK(exact);
            memcpy(exact, bytes.data, bytes.len);
            fprintf(stderr, "%s\n", path);
            LLVMFuzzerTestOneInput(exact, bytes.len);
            free(exact);
            free(path);
            vg_buf_release(&bytes);
        }
        file_names_release(&names);
    }
    CHECK(count > 0);
    printf("%zu inputs\n", count);
    return 0;
}
