#include "sim/random.h"

#include <criterion/criterion.h>
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/neg_log.h"
#include "sim/neg_log_table.h"
#include "sim/random_gsl.h"
#include "sim/threefry.h"

/* A test statistic on a fixed seed is one number for ever; it is taken as random if it lies in the middle
 * 99.8 % of its distribution. */
static void expect_plausible(double probability, const char *what)
{
    cr_assert(probability > 0.001 && probability < 0.999, "%s: p = %g", what, probability);
}

static void expect_uniform(const uint64_t *counts, size_t cells, const char *what)
{
    double total = 0;
    for (size_t i = 0; i < cells; i++)
        total += (double)counts[i];
    double expected = total / (double)cells;
    double chi_square = 0;
    for (size_t i = 0; i < cells; i++)
        chi_square += ((double)counts[i] - expected) * ((double)counts[i] - expected) / expected;
    expect_plausible(gsl_cdf_chisq_Q(chi_square, (double)(cells - 1)), what);
}

/* The vectors of the Random123 distribution, tests/kat_vectors, lines "threefry2x64 20". */
Test(random, threefry_known_answers)
{
    static const struct {
        uint64_t counter[2], key[2], expected[2];
    } cases[] = {
        {{0, 0}, {0, 0}, {0xc2b6e3a8c2c69865, 0x6f81ed42f350084d}},
        {{UINT64_MAX, UINT64_MAX}, {UINT64_MAX, UINT64_MAX}, {0xe02cb7c4d95d277a, 0xd06633d0893b8b68}},
        {{0x243f6a8885a308d3, 0x13198a2e03707344},
         {0xa4093822299f31d0, 0x082efa98ec4e6c89},
         {0x263c7d30bb0f0af1, 0x56be8361d3311526}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct threefry_block block = threefry2x64(cases[i].key, cases[i].counter[0], cases[i].counter[1]);
        cr_assert_eq(block.word[0], cases[i].expected[0], "case %zu", i);
        cr_assert_eq(block.word[1], cases[i].expected[1], "case %zu", i);
    }
}

Test(random, a_stream_is_the_blocks_of_its_key)
{
    struct random_stream stream = random_stream_make(7, 3, "vm0.tx", "gap");
    for (uint64_t i = 0; i < 100; i++) {
        struct threefry_block block = threefry2x64(stream.key, i, 0);
        cr_assert_eq(random_u64(&stream), block.word[0]);
        cr_assert_eq(random_u64(&stream), block.word[1]);
    }
    cr_assert_eq(stream.counter, 200);
}

Test(random, a_copy_draws_the_same_again)
{
    struct random_stream stream = random_stream_make(7, 3, "vm0.tx", "gap");
    random_u64(&stream);
    struct random_stream copy = stream;
    for (int i = 0; i < 50; i++)
        cr_assert_eq(random_u64(&stream), random_u64(&copy));
}

static int compare_u64(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* Neighbours in every part of the key, seeds that differ only above bit 32 among them. */
Test(random, keys_are_distinct)
{
    static const char *const paths[] = {"vm0.tx", "vm0.rx", "vm1.tx", "", "vm0.txgap"};
    static const char *const purposes[] = {"gap", "size", "flow", "", "gap\xff"};
    enum { SEEDS = 128, REPLICATIONS = 20, COUNT = SEEDS * REPLICATIONS * 25 };
    uint64_t *firsts = malloc(COUNT * sizeof *firsts);
    size_t n = 0;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        for (uint32_t replication = 0; replication < REPLICATIONS; replication++) {
            for (int name = 0; name < 25; name++) {
                struct random_stream stream = random_stream_make((seed & 63) << (seed & 64 ? 33 : 0),
                                                                 replication + (seed == 64 ? 100 : 0),
                                                                 paths[name / 5], purposes[name % 5]);
                firsts[n++] = random_u64(&stream);
            }
        }
    }
    qsort(firsts, n, sizeof *firsts, compare_u64);
    for (size_t i = 1; i < n; i++)
        cr_assert_neq(firsts[i - 1], firsts[i]);
    free(firsts);
}

static void expect_different_keys(const char *path1, const char *purpose1, const char *path2,
                                  const char *purpose2)
{
    struct random_stream a = random_stream_make(1, 0, path1, purpose1);
    struct random_stream b = random_stream_make(1, 0, path2, purpose2);
    cr_assert(a.key[0] != b.key[0] && a.key[1] != b.key[1]);
}

Test(random, names_are_hashed_whole)
{
    expect_different_keys("a", "bc", "ab", "c");
    expect_different_keys("abcdefghijklmnop", "q", "abcdefghijklmnopq", "");
    expect_different_keys("a long name of a path, number 1", "gap", "a long name of a path, number 2", "gap");
    expect_different_keys("abcdefgh", "", "abcdefgh\x01", "");
    expect_different_keys("x", "gap", "gap", "x");
}

Test(random, every_letter_of_a_name_counts)
{
    char name[] = "a.name.of.more.than.two.blocks.of.hash";
    for (size_t i = 0; name[i] != '\0'; i++) {
        char other[sizeof name];
        memcpy(other, name, sizeof name);
        other[i] ^= 1;
        expect_different_keys(name, "gap", other, "gap");
        expect_different_keys("vm0.tx", name, "vm0.tx", other);
    }
}

Test(random, bytes_are_uniform)
{
    struct random_stream stream = random_stream_make(11, 0, "vm0.tx", "gap");
    static uint64_t counts[8][256];
    for (int i = 0; i < 200000; i++) {
        uint64_t draw = random_u64(&stream);
        for (int byte = 0; byte < 8; byte++)
            counts[byte][draw >> (8 * byte) & 0xFF]++;
    }
    for (int byte = 0; byte < 8; byte++)
        expect_uniform(counts[byte], 256, "byte");
}

/* Neighbours in one stream as cells of a 64 x 64 table: two draws of one block, and across blocks. */
Test(random, successive_draws_are_independent)
{
    struct random_stream stream = random_stream_make(12, 0, "vm0.tx", "gap");
    static uint64_t within[4096], across[4096];
    uint64_t last = random_u64(&stream);
    for (int i = 0; i < 400000; i++) {
        uint64_t draw = random_u64(&stream);
        (i % 2 ? across : within)[last >> 58 << 6 | draw >> 58]++;
        last = draw;
    }
    expect_uniform(within, 4096, "within a block");
    expect_uniform(across, 4096, "across blocks");
}

static double correlation(struct random_stream a, struct random_stream b, int n)
{
    double sum = 0;
    for (int i = 0; i < n; i++) {
        double x = (double)(random_u64(&a) >> 11) * 0x1p-53 - 0.5;
        double y = (double)(random_u64(&b) >> 11) * 0x1p-53 - 0.5;
        sum += x * y;
    }
    return sum * 12 / sqrt(n); /* standard normal if independent */
}

static void expect_independent(struct random_stream a, struct random_stream b, const char *what)
{
    enum { DRAWS = 200000 };
    static uint64_t cells[4096];
    expect_plausible(gsl_cdf_ugaussian_P(correlation(a, b, DRAWS)), what);
    for (int i = 0; i < 4096; i++)
        cells[i] = 0;
    for (int i = 0; i < DRAWS; i++) {
        uint64_t high = random_u64(&a) >> 58;
        uint64_t low = random_u64(&b) >> 58;
        cells[high << 6 | low]++;
    }
    expect_uniform(cells, 4096, what);
}

Test(random, streams_of_neighbouring_keys_are_independent)
{
    struct random_stream base = random_stream_make(1, 0, "vm0.tx", "gap");
    expect_independent(base, random_stream_make(2, 0, "vm0.tx", "gap"), "seed");
    expect_independent(base, random_stream_make(1 + (1ULL << 63), 0, "vm0.tx", "gap"), "top bit of the seed");
    expect_independent(base, random_stream_make(1, 1, "vm0.tx", "gap"), "replication");
    expect_independent(base, random_stream_make(1, 0, "vm1.tx", "gap"), "path");
    expect_independent(base, random_stream_make(1, 0, "vm0.tx", "size"), "purpose");
    struct random_stream later = base;
    random_u64(&later);
    expect_independent(base, later, "the same stream one draw later");
}

/* One changed bit of the key or of the counter changes half of the output's bits. */
Test(random, blocks_avalanche)
{
    struct random_stream stream = random_stream_make(5, 0, "avalanche", "test");
    long flipped = 0;
    enum { TRIALS = 20000 };
    for (int i = 0; i < TRIALS; i++) {
        uint64_t key[2] = {random_u64(&stream), random_u64(&stream)};
        struct threefry_block before = threefry2x64(key, (uint64_t)i, 0);
        uint64_t bit = 1ULL << (i % 64);
        key[i / 64 % 2] ^= i / 128 % 2 ? bit : 0;
        struct threefry_block after = threefry2x64(key, (uint64_t)i ^ (i / 128 % 2 ? 0 : bit), 0);
        flipped += __builtin_popcountll(before.word[0] ^ after.word[0]);
        flipped += __builtin_popcountll(before.word[1] ^ after.word[1]);
    }
    double z = ((double)flipped - TRIALS * 64.0) / sqrt(TRIALS * 32.0);
    expect_plausible(gsl_cdf_ugaussian_P(z), "avalanche");
}

Test(random, below_is_uniform_and_in_range)
{
    static const uint64_t bounds[] = {1, 2, 3, 7, 100, 1000};
    struct random_stream stream = random_stream_make(13, 0, "vm0.tx", "flow");
    for (size_t b = 0; b < sizeof bounds / sizeof bounds[0]; b++) {
        uint64_t counts[1000] = {0};
        for (int i = 0; i < 100000; i++) {
            uint64_t draw = random_below(&stream, bounds[b]);
            cr_assert(draw < bounds[b]);
            counts[draw]++;
        }
        if (bounds[b] > 1)
            expect_uniform(counts, bounds[b], "below");
    }
}

/* With a bound of 3/4 of 2^64 a plain multiplication would give one result in three twice the probability. */
Test(random, below_rejects_the_excess)
{
    struct random_stream stream = random_stream_make(14, 0, "vm0.tx", "flow");
    uint64_t bound = (3ULL << 62) + 12345;
    uint64_t residues[3] = {0};
    enum { DRAWS = 90000 };
    for (int i = 0; i < DRAWS; i++)
        residues[random_below(&stream, bound) % 3]++;
    expect_uniform(residues, 3, "residues");
    double rejected = (double)(stream.counter - DRAWS);
    double z = (rejected - DRAWS / 3.0) / sqrt(DRAWS * 4.0 / 9); /* geometric: mean 1/3, variance 4/9 */
    expect_plausible(gsl_cdf_ugaussian_P(z), "rejections");
}

Test(random, below_accepts_the_widest_bound)
{
    struct random_stream stream = random_stream_make(15, 0, "vm0.tx", "flow");
    for (int i = 0; i < 1000; i++)
        cr_assert(random_below(&stream, UINT64_MAX) < UINT64_MAX);
}

Test(random, log_table_is_the_logarithm)
{
    cr_assert(fabsl((long double)NEG_LOG_LN2_Q63 - logl(2) * 0x1p63L) <= 1);
    for (int i = 0; i < 256; i++) {
        long double middle = 1 + (i + 0.5L) / 256;
        uint64_t inverse = i == 255 ? 512 : (uint64_t)llroundl(1024 / middle);
        cr_assert_eq(neg_log_table[i].inverse, inverse, "entry %d", i);
        long double expected = logl(1024.0L / (long double)inverse) * 0x1p63L;
        cr_assert(fabsl((long double)neg_log_table[i].log - expected) <= 2, "entry %d", i);
    }
    cr_assert_eq(neg_log_table[255].log, NEG_LOG_LN2_Q63); /* cancels to the bit */
}

static long double exact_neg_log(uint64_t bits)
{
    uint64_t u = bits | 1;
    if (u >> 63)
        return -log1pl(-(long double)-u * 0x1p-64L);
    return -logl((long double)u * 0x1p-64L);
}

static void expect_accurate_log(uint64_t bits)
{
    long double exact = exact_neg_log(bits);
    long double ours = (long double)neg_log_q70(bits) * 0x1p-70L;
    cr_assert(fabsl(ours - exact) < exact * 0x1p-32L, "%#lx: %Lg instead of %Lg", (unsigned long)bits, ours,
              exact);
}

Test(random, log_is_accurate_everywhere)
{
    for (int shift = 0; shift < 64; shift++) {
        for (int64_t near = -65; near <= 65; near++) {
            expect_accurate_log((1ULL << shift) + (uint64_t)near);  /* powers of two from both sides */
            expect_accurate_log(-(1ULL << shift) + (uint64_t)near); /* just below 1 */
        }
    }
    for (uint64_t interval = 0; interval < 256; interval++) {
        for (int zeros = 0; zeros < 56; zeros++) {
            uint64_t edge = (1ULL << 63 | interval << 55) >> zeros;
            expect_accurate_log(edge - 1);
            expect_accurate_log(edge);
            expect_accurate_log(edge + 1);
        }
    }
}

Test(random, log_is_accurate_on_random_arguments)
{
    struct random_stream stream = random_stream_make(16, 0, "log", "test");
    for (int i = 0; i < 1000000; i++) {
        uint64_t bits = random_u64(&stream);
        expect_accurate_log(bits >> (i % 4 ? 0 : i / 4 % 64));
        expect_accurate_log(~(bits >> (i % 64)));
    }
}

/* Kolmogorov and Smirnov's statistic against 1 - exp(-x / mean); 1.95 is its 0.1 % point. */
Test(random, exponential_has_its_distribution)
{
    enum { DRAWS = 200000 };
    static uint64_t draws[DRAWS];
    struct random_stream stream = random_stream_make(17, 0, "vm0.tx", "gap");
    double mean = 1e9;
    for (int i = 0; i < DRAWS; i++)
        draws[i] = (uint64_t)random_exponential(&stream, (int64_t)mean);
    qsort(draws, DRAWS, sizeof draws[0], compare_u64);
    double distance = 0;
    for (int i = 0; i < DRAWS; i++) {
        double expected = -expm1(-(double)draws[i] / mean);
        distance = fmax(distance, fabs(expected - (double)i / DRAWS));
        distance = fmax(distance, fabs(expected - (double)(i + 1) / DRAWS));
    }
    cr_assert(distance * sqrt(DRAWS) < 1.95, "%g", distance * sqrt(DRAWS));
    cr_assert(distance * sqrt(DRAWS) > 0.3, "%g", distance * sqrt(DRAWS));
}

Test(random, exponential_is_unbiased_at_any_mean)
{
    static const int64_t means[] = {1, 2, 7, 1000, 10 * SIM_US, SIM_SECOND, (int64_t)1 << 52};
    enum { DRAWS = 200000 };
    struct random_stream stream = random_stream_make(18, 0, "vm0.tx", "gap");
    for (size_t m = 0; m < sizeof means / sizeof means[0]; m++) {
        double mean = (double)means[m];
        double sum = 0, squares = 0;
        for (int i = 0; i < DRAWS; i++) {
            double draw = (double)random_exponential(&stream, means[m]) / mean;
            sum += draw;
            squares += draw * draw;
        }
        /* E[round(X)] is the sum of P(X >= k - 1/2) over k >= 1. */
        double q = exp(-1 / mean);
        double rounded = means[m] < 1000 ? exp(-0.5 / mean) / (1 - q) / mean : 1;
        double variance = squares / DRAWS - sum / DRAWS * sum / DRAWS;
        double z = (sum / DRAWS - rounded) / sqrt(variance / DRAWS);
        expect_plausible(gsl_cdf_ugaussian_P(z), "mean");
    }
}

Test(random, exponential_limits)
{
    struct random_stream stream = random_stream_make(19, 0, "vm0.tx", "gap");
    for (int i = 0; i < 100; i++)
        cr_assert_eq(random_exponential(&stream, 0), 0);
    long double largest = (long double)neg_log_q70(0) * 0x1p-70L;
    cr_assert(largest > 44.36L && largest < 44.37L);
    cr_assert(neg_log_q70(UINT64_MAX) == (unsigned __int128)64); /* u = 1 - 2^-64 */
}

/* These numbers hold on every machine, compiler and C library, or results are not reproducible. */
Test(random, golden_draws)
{
    struct random_stream stream = random_stream_make(1, 0, "vm0.tx", "gap");
    cr_assert_eq(random_u64(&stream), 0x383f9d1fbf9a570d);
    cr_assert_eq(random_u64(&stream), 0x418fc0f184a8e14c);
    int64_t sum = 0;
    for (int i = 0; i < 100000; i++)
        sum += random_exponential(&stream, 10 * SIM_US);
    cr_assert_eq(sum, 995927969917);
    for (int i = 0; i < 100000; i++)
        sum += (int64_t)random_below(&stream, 1000003);
    cr_assert_eq(sum, 1046062339509);
}

Test(random_gsl, draws_what_the_stream_draws)
{
    struct random_stream stream = random_stream_make(1ULL << 40, 2, "vm0.tx", "gap");
    gsl_rng *rng = sim_gsl_rng_create(stream);
    cr_assert_eq(gsl_rng_max(rng), UINT64_MAX);
    cr_assert_eq(gsl_rng_min(rng), 0);
    for (int i = 0; i < 1000; i++)
        cr_assert_eq(gsl_rng_get(rng), random_u64(&stream));
    gsl_rng *clone = gsl_rng_clone(rng);
    for (int i = 0; i < 1000; i++) {
        double uniform = gsl_rng_uniform(rng);
        cr_assert(uniform == (double)(random_u64(&stream) >> 11) * 0x1p-53);
        cr_assert(uniform == gsl_rng_uniform(clone));
    }
    gsl_rng_free(clone);
    gsl_rng_free(rng);
}

Test(random_gsl, seeds_beyond_32_bits_differ)
{
    gsl_rng *rng = gsl_rng_alloc(sim_gsl_rng());
    gsl_rng_set(rng, 1);
    unsigned long low = gsl_rng_get(rng);
    gsl_rng_set(rng, 1 + (1UL << 32));
    cr_assert_neq(gsl_rng_get(rng), low);
    gsl_rng_set(rng, 1);
    cr_assert_eq(gsl_rng_get(rng), low);
    gsl_rng_free(rng);
}

Test(random_gsl, uniform_int_is_uniform)
{
    gsl_rng *rng = sim_gsl_rng_create(random_stream_make(20, 0, "vm0.tx", "flow"));
    uint64_t counts[37] = {0};
    for (int i = 0; i < 100000; i++)
        counts[gsl_rng_uniform_int(rng, 37)]++;
    expect_uniform(counts, 37, "gsl_rng_uniform_int");
    gsl_rng_free(rng);
}
