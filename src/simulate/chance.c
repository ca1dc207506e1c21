#include "simulate/chance.h"

#include <stdlib.h>

#include "base/err.h"

void chance_table_init(struct chance_table *table, const uint64_t *weights, uint32_t n)
{
    *table = (struct chance_table){
        .n = n, .alias = vg_calloc(n, sizeof(uint32_t)), .threshold = vg_calloc(n, sizeof(uint32_t))};
    unsigned __int128 total = 0;
    for (uint32_t i = 0; i < n; i++)
        total += weights[i];
    VG_ASSERT(total > 0);

    unsigned __int128 *scaled = vg_alloc(n * sizeof *scaled); /* weight times n: below or above the total */
    uint32_t *small = vg_alloc(n * sizeof *small), *large = vg_alloc(n * sizeof *large);
    uint32_t smalls = 0, larges = 0;
    for (uint32_t i = 0; i < n; i++) {
        scaled[i] = (unsigned __int128)weights[i] * n;
        if (scaled[i] < total)
            small[smalls++] = i;
        else
            large[larges++] = i;
    }
    while (smalls && larges) {
        uint32_t less = small[--smalls], more = large[larges - 1];
        table->threshold[less] = (uint32_t)(scaled[less] * UINT32_MAX / total);
        table->alias[less] = more;
        scaled[more] -= total - scaled[less];
        if (scaled[more] < total) {
            larges--;
            small[smalls++] = more;
        }
    }
    while (larges)
        table->threshold[large[--larges]] = UINT32_MAX;
    while (smalls)
        table->threshold[small[--smalls]] = UINT32_MAX;
    free(scaled);
    free(small);
    free(large);
}

void chance_table_release(struct chance_table *table)
{
    free(table->alias);
    free(table->threshold);
    *table = (struct chance_table){0};
}
