/* lanes.h: arithmetic on eight floats at a time, with AVX2 where the processor has it.
 *
 * Both variants do the same IEEE operations in the same order, and no fused multiply-add (which baseline
 * processors lack): the bits are the same. LANES_PLAIN leaves the AVX2 variant out; a test compares the two.
 */
#ifndef VIGIL_ANALYZE_LANES_H
#define VIGIL_ANALYZE_LANES_H

#include <stdbool.h>
#include <stdint.h>

#define LANES 8
typedef float lanes __attribute__((vector_size(LANES * sizeof(float))));
typedef int32_t lane_ints __attribute__((vector_size(LANES * sizeof(int32_t))));

#define LANES_INLINE static inline __attribute__((always_inline))

/* Where the mask's bits are set a, else b; the larger of each two. (Vectors cannot be arguments of functions here.) */
#define LANES_PICK(mask, a, b) ((lanes)(((mask) & (lane_ints)(a)) | (~(mask) & (lane_ints)(b))))
#define LANES_LARGER(a, b) LANES_PICK((a) > (b), a, b)

/* Whether a comparison holds for any lane. */
LANES_INLINE bool lanes_any(const lane_ints *mask)
{
    typedef int64_t halves __attribute__((vector_size(sizeof(lane_ints))));
    halves h = (halves)*mask;
    return (h[0] | h[1] | h[2] | h[3]) != 0;
}

/* LANES_FUNCTION(name, (parameters), body(arguments)): a function that runs the inline function `body`. */
#if defined(__x86_64__) && !defined(LANES_PLAIN)
#define LANES_FUNCTION(name, parameters, call)                                   \
    __attribute__((target("avx2"))) static void name##_avx2 parameters { call; } \
    static void name##_plain parameters { call; }                                \
    static void(*name##_variant(void)) parameters                                \
    {                                                                            \
        return __builtin_cpu_supports("avx2") ? name##_avx2 : name##_plain;      \
    }
#else
#define LANES_FUNCTION(name, parameters, call)    \
    static void name##_plain parameters { call; } \
    static void(*name##_variant(void)) parameters { return name##_plain; }
#endif

#endif
