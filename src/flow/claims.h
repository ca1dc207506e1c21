/* claims.h: which of several objects on their way comes first.
 *
 * Objects are decoded in parallel, but say in order which blocks and times they cover. So the same one is first
 * in every run, however many threads there are. An object with blocks of an earlier one waits until that one is
 * through, to know which of them are duplicates.
 */
#ifndef VIGIL_FLOW_CLAIMS_H
#define VIGIL_FLOW_CLAIMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What an object covers. */
struct claim {
    const char *key; /* of the object; borrowed */
    int64_t first_block, last_block, first_time_ns, last_time_ns;
    bool surrogate; /* some rows have no real block number */
};

/* Two objects may share blocks, which then are duplicates; rows without block numbers have no such key, so
 * those objects may not cover the same time as any other. */
bool claims_clash(const struct claim *a, const struct claim *b);

struct claims; /* thread-safe */

struct claims *claims_new(size_t objects);
void claims_free(struct claims *claims);

/* Waits until all objects before `index` have held a claim or are settled. True: some of them covers blocks of
 * `own`, and is through now: decode once more, knowing its blocks. */
bool claims_await(struct claims *claims, size_t index, const struct claim *own);

/* Says what the object covers, after claims_await. NULL, or the key of an earlier object that clashes with it:
 * then nothing is held. */
const char *claims_hold(struct claims *claims, size_t index, const struct claim *own);

/* The object is through, in the lake or not: nobody has to wait for it. */
void claims_settle(struct claims *claims, size_t index, bool committed);

#endif
