#include "net/s3_budget.h"

const struct s3_prices s3_prices_tokyo = {
    .class_a_per_1000 = 0.0047, .class_b_per_1000 = 0.00037, .gb_out_of_s3 = 0.114};

double s3_budget_cost(const struct s3_budget *budget, const struct s3_prices *prices)
{
    return (double)budget->class_a / 1000 * prices->class_a_per_1000 +
           (double)budget->class_b / 1000 * prices->class_b_per_1000 +
           (double)budget->bytes_in / 1e9 * prices->gb_out_of_s3;
}
