/* profiles.h: the profiles of all traders, of whom most rest.
 *
 * A profile has room for every sum, and most sums of most traders are small. So only those who traded
 * lately are awake; the others are kept packed (base/words.h) in some hundred bytes and wake when they are
 * asked for. Memory: PROFILES_AWAKE structs, and what is packed.
 */
#ifndef VIGIL_ANALYZE_PROFILES_H
#define VIGIL_ANALYZE_PROFILES_H

#include "analyze/profile.h"

#define PROFILES_AWAKE 65536

/* Zeroed struct, but for `awake_most` = none. */
struct profiles {
    uint32_t awake_most;
    uint32_t count;
    struct trader_place *places; /* by number */
    uint32_t capacity;
    struct awake_profile **pages; /* structs stay where they are */
    uint32_t awake, hand;         /* slots in use; where the search for one who may rest goes on */
};

/* Another trader, with an empty profile; his number is the count before. */
void profiles_add(struct profiles *profiles, vg_slice address);

/* The trader's profile; it holds until the next call for another trader. */
struct profile *profiles_of(struct profiles *profiles, uint32_t trader);

/* The same for reading only: nobody is woken, `room` is used when he rests. */
const struct profile *profiles_read(const struct profiles *profiles, uint32_t trader, struct profile *room);

/* The profile will be asked for soon: gets it from memory. */
void profiles_prefetch(const struct profiles *profiles, uint32_t trader);

void profiles_release(struct profiles *profiles);

#endif
