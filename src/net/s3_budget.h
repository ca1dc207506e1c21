/* s3_budget.h: what a run asked of S3, and what that costs.
 *
 * Threads add while they work; reading is exact once they are done.
 */
#ifndef VIGIL_NET_S3_BUDGET_H
#define VIGIL_NET_S3_BUDGET_H

#include <stdatomic.h>
#include <stdint.h>

struct s3_budget {
    _Atomic uint64_t class_a;             /* requests billed as PUT, COPY, POST, LIST; those tried again count again */
    _Atomic uint64_t class_b;             /* requests billed as GET and all others; DELETE is free and counted here */
    _Atomic uint64_t bytes_in, bytes_out; /* of bodies */
    _Atomic uint64_t retries;
};

/* USD per 1000 requests and per GB (10^9 bytes) that leaves S3. */
struct s3_prices {
    double class_a_per_1000, class_b_per_1000, gb_out_of_s3;
};

/* List prices of ap-northeast-1, to the internet, first 10 TB of a month: check them before relying on them.
 * Within the region the transfer is free. */
extern const struct s3_prices s3_prices_tokyo;

/* Estimated USD. */
double s3_budget_cost(const struct s3_budget *budget, const struct s3_prices *prices);

#endif
