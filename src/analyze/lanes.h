/* lanes.h: arithmetic on eight floats at a time, with AVX2 where the processor has it.
 *
 * Both variants do the same IEEE operations in the same order, and no fused multiply-add (which baseline
 * processors lack): the bits are the same. LANES_PLAIN leaves the AVX2 variant out; a test compares the two.
 */
#ifndef VIGIL_ANALYZE_LANES_H
#define VIGIL_ANALYZE_LANES_H

#include <stdint.h>

#define LANES 8
typedef float lanes __attribute__((vector_size(LANES * sizeof(float))));
typedef int32_t lane_ints __attribute__((vector_size(LANES * sizeof(int32_t))));

#define LANES_INLINE static inline __attribute__((always_inline))

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
