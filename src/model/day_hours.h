/* day_hours.h: which hours of a UTC day the lake has. */
#ifndef VIGIL_MODEL_DAY_HOURS_H
#define VIGIL_MODEL_DAY_HOURS_H

#include <stdint.h>

#define HOURS_OF_DAY 24
#define HOUR_PRESENT '1' /* an hour object with blocks or fills */
#define HOUR_ABSENT '0'  /* none, though the data begin before and end after it */
#define HOUR_UNTOLD '?'  /* only objects without an hour, such as a wallet's, reach over it: they do not tell */
#define HOUR_OUTSIDE '-' /* before the data begin, or after they end */

struct day_hours {
    int32_t day;
    char hours[HOURS_OF_DAY + 1]; /* one of the above for each hour, from 0:00 on */
};

#endif
