/* The pay forms of rulesets/budget-request, written out by hand as one exact fused loop: the bar for the engine.

   Money is whole tiyn in float64; ROUND is floor(n * ratio + 0.5 + shift), where shift decides ties and is proven by the
   bounds of the data (see engine/kernel/emit.py); the division by persons is a float64 division of whole numbers, whose floor is
   exact. Rows go by tiles that stay in the first cache, months outside, rows inside, so that the compiler vectorises. */
#include <math.h>
#include <stdint.h>

enum { YEARS = 3, MONTHS = 12, TILE = 512 };

struct norms {            /* by month of the plan, 36 each */
    double base[36];      /* pay.base, tenge */
    double correction[36];/* x 100 */
    double rural[36];     /* x 100 */
    double mzp[36];
    double opv_rate[36];  /* x 1000 */
    double opv_cap[36], so_cap[36], so_floor[36], osms_cap[36], vosms_cap[36]; /* in MZP */
    double so_rate[36], osms_rate[36], vosms_rate[36], tax_rate[36]; /* x 1000 */
    double so_deducts_opv[36], tax_deducts_opv[36], tax_deducts_vosms[36], tax_deducts_so[36];
    double opvr_rate[36]; /* x 1000 */
    double opvr_cap[36];  /* in MZP */
    int64_t coefficient_at[36]; /* where the month's table begins */
    double month_number[36];    /* months since January 1970 */
    double month_first[36];     /* Excel serial of the first day */
};

static inline double divided(double n, double by, double shift) { return floor(n * (1.0 / by) + 0.5 + shift); }

static double first_month(double serial) {
    int64_t z = (int64_t)serial - 25569 + 719468;
    int64_t era = z / 146097, doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153, d = doy - (153 * mp + 2) / 5 + 1;
    return (double)((yoe + era * 400) * 12 + mp + 2 - 1970 * 12 + (d > 1));
}

/* Inputs: one number a row, staff three; a blank is below 0. Outputs: fund, contributions, tax, insurance, pensions, each
   YEARS x rows. */
void nation(int64_t first, int64_t last, int64_t rows, const struct norms *restrict norm,
            const double *restrict coefficient, int64_t categories, int64_t steps, int64_t education,
            const int64_t *restrict sector, const int64_t *restrict category, const int64_t *restrict hired,
            const int64_t *restrict rural, const int64_t *restrict persons, const int64_t *restrict exempt,
            const int64_t *restrict staff, int64_t *restrict fund, int64_t *restrict contributions, int64_t *restrict tax,
            int64_t *restrict insurance, int64_t *restrict pensions) {
    double begun[TILE], day[TILE], people[TILE], liable[TILE], posts[TILE], village[TILE];
    int32_t place[TILE];
    double teacher[TILE];
    double f[TILE], c[TILE], t[TILE], h[TILE], p[TILE];
    for (int64_t at = first; at < last; at += TILE) {
        int n = last - at < TILE ? (int)(last - at) : TILE;
        for (int i = 0; i < n; i++) {
            begun[i] = first_month((double)hired[at + i]);
            day[i] = (double)hired[at + i];
            people[i] = (double)persons[at + i];
            liable[i] = (double)(persons[at + i] - (exempt[at + i] < 0 ? 0 : exempt[at + i]));
            village[i] = (double)rural[at + i];
            teacher[i] = sector[at + i] == education;
            place[i] = (int32_t)((sector[at + i] * categories + category[at + i]) * steps);
        }
        for (int y = 0; y < YEARS; y++) {
            for (int i = 0; i < n; i++) {
                posts[i] = (double)staff[y * rows + at + i];
                f[i] = c[i] = t[i] = h[i] = p[i] = 0.0;
            }
            for (int m = 12 * y; m < 12 * y + 12; m++) {
                const double *restrict table = coefficient + norm->coefficient_at[m];
                const double base = norm->base[m], correction = norm->correction[m], raise = norm->rural[m];
                const double mzp = norm->mzp[m] * 100.0;
                const double pension_most = norm->opv_cap[m] * mzp, pension_rate = norm->opv_rate[m];
                const double least = norm->so_floor[m] * mzp, most = norm->so_cap[m] * mzp, rate = norm->so_rate[m];
                const double health_most = norm->vosms_cap[m] * mzp, health_rate = norm->vosms_rate[m];
                const double insured = norm->osms_cap[m] * mzp, insurance_rate = norm->osms_rate[m];
                const double secured = norm->opvr_cap[m] * mzp, secured_rate = norm->opvr_rate[m];
                const double deducts = norm->so_deducts_opv[m], less_pension = norm->tax_deducts_opv[m];
                const double less_health = norm->tax_deducts_vosms[m], less_due = norm->tax_deducts_so[m];
                const double tax_rate = norm->tax_rate[m], number = norm->month_number[m], start = norm->month_first[m];
                const double longest = (double)(steps - 1);
                for (int i = 0; i < n; i++) {
                    double years = floor((number - begun[i]) * (1.0 / 12.0) + 1.0 / 24.0);
                    years = day[i] > start ? 0.0 : years;
                    years = years < longest ? years : longest;
                    double k = table[place[i] + (int32_t)years];
                    double factor = teacher[i] != 0.0 ? correction : 100.0;
                    double salary = divided(base * k * factor, 100.0, 1.0 / 200.0);
                    double raised = village[i] != 0.0 ? divided(salary * raise, 100.0, 1.0 / 200.0) : 0.0;
                    double monthly = divided((salary + raised) * posts[i], 100.0, 1.0 / 200.0);
                    double income = floor((2.0 * monthly + people[i]) / (2.0 * people[i]));
                    double pension = divided((income < pension_most ? income : pension_most) * pension_rate, 1000.0, 1.0 / 2000.0);
                    double object = income - pension * deducts;
                    object = object > least ? object : least;
                    object = object < most ? object : most;
                    object = income == 0.0 ? 0.0 : object;
                    double due = divided(object * rate, 1000.0, 1.0 / 2000.0);
                    double health = divided((income < health_most ? income : health_most) * health_rate, 1000.0, 1.0 / 2000.0);
                    double taxable = income - pension * less_pension - health * less_health;
                    taxable = taxable > 0.0 ? taxable : 0.0;
                    double payable = divided(taxable * tax_rate, 1000.0, 1.0 / 2000.0) - due * less_due;
                    payable = payable > 0.0 ? payable : 0.0;
                    double covered = divided((income < insured ? income : insured) * insurance_rate, 1000.0, 1.0 / 2000.0);
                    double saved = divided((income < secured ? income : secured) * secured_rate, 1000.0, 1.0 / 2000.0);
                    f[i] += monthly;
                    c[i] += due;
                    t[i] += payable;
                    h[i] += covered;
                    p[i] += saved;
                }
            }
            for (int i = 0; i < n; i++) {
                fund[y * rows + at + i] = (int64_t)divided(f[i], 100.0, 1.0 / 200.0);
                contributions[y * rows + at + i] = (int64_t)divided(c[i] * people[i], 100.0, 1.0 / 200.0);
                tax[y * rows + at + i] = (int64_t)divided(t[i] * people[i], 100.0, 1.0 / 200.0);
                insurance[y * rows + at + i] = (int64_t)divided(h[i] * people[i], 100.0, 1.0 / 200.0);
                pensions[y * rows + at + i] = (int64_t)divided(p[i] * liable[i], 100.0, 1.0 / 200.0);
            }
        }
    }
}

/* The sum of each submission's rows in each year: offsets has submissions + 1 numbers. */
void lines(int64_t submissions, int64_t rows, const int64_t *restrict offsets, const int64_t *restrict amounts,
           int64_t *restrict out) {
    for (int y = 0; y < YEARS; y++)
        for (int64_t s = 0; s < submissions; s++) {
            int64_t sum = 0;
            for (int64_t i = offsets[s]; i < offsets[s + 1]; i++) sum += amounts[y * rows + i];
            out[y * submissions + s] = sum;
        }
}
