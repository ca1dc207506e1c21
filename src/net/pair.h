/* pair.h: a name and a value, borrowed: a header, or a parameter of a query. */
#ifndef VIGIL_NET_PAIR_H
#define VIGIL_NET_PAIR_H

#include "base/buf.h"

struct net_pair {
    vg_slice name, value;
};

#define NET_PAIR(name, value) ((struct net_pair){VG_SLICE(name), (value)})

#endif
