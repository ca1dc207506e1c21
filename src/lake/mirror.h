/* mirror.h: how much of a lake in a bucket is kept on this machine.
 *
 * Parquet files and checkpoints that were used least recently go first when there are more bytes of them than
 * VIGIL_MIRROR_BYTES (32G).
 */
#ifndef VIGIL_LAKE_MIRROR_H
#define VIGIL_LAKE_MIRROR_H

struct mirror;
struct mirror *mirror_new(const char *root);
void mirror_free(struct mirror *mirror);

/* The file is there and was used just now; others may go for it. Thread-safe. */
void mirror_used(struct mirror *mirror, const char *path);

#endif
