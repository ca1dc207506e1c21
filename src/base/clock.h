/* clock.h: what time it is. */
#ifndef VIGIL_BASE_CLOCK_H
#define VIGIL_BASE_CLOCK_H

#include <stdint.h>

/* Monotonic, for rates and timeouts. */
int64_t vg_clock_ns(void);

/* Nanoseconds since 1970, as the machine believes. */
int64_t vg_now_ns(void);

#endif
