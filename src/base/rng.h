/* rng.h: seeded random numbers, the same on every machine.
 *
 * xoshiro256** (Blackman and Vigna, public domain, https://prng.di.unimi.it), seeded by splitmix64.
 */
#ifndef VIGIL_BASE_RNG_H
#define VIGIL_BASE_RNG_H

#include <stdint.h>

struct vg_rng {
    uint64_t s[4];
};

static inline void vg_rng_init(struct vg_rng *rng, uint64_t seed)
{
    for (int i = 0; i < 4; i++) {
        uint64_t z = (seed += UINT64_C(0x9e3779b97f4a7c15));
        z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
        z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
        rng->s[i] = z ^ (z >> 31);
    }
}

static inline uint64_t vg_rng_next(struct vg_rng *rng)
{
    uint64_t *s = rng->s, t = s[1] << 17, x = s[1] * 5;
    uint64_t result = ((x << 7) | (x >> 57)) * 9;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = (s[3] << 45) | (s[3] >> 19);
    return result;
}

/* Uniform in [0, n), n > 0, by the high half of a product (bias below 2^-32 for n < 2^32). */
static inline uint64_t vg_rng_below(struct vg_rng *rng, uint64_t n)
{
    return (uint64_t)(((unsigned __int128)vg_rng_next(rng) * n) >> 64);
}

/* Uniform in [0, 1). */
static inline double vg_rng_unit(struct vg_rng *rng) { return (double)(vg_rng_next(rng) >> 11) * 0x1p-53; }

#endif
