/*
 * Simulated time: signed 64-bit picoseconds from the start of the run, 106 days at most. There is no
 * floating-point time anywhere: every conversion from cycles or bytes goes through the functions here,
 * which round in one stated direction, so that a closed form which uses the same functions agrees with
 * the simulation to the picosecond.
 */
#ifndef SIM_TIME_H
#define SIM_TIME_H

#include <stdint.h>

typedef int64_t sim_time; /* [ps] */

#define SIM_PS ((sim_time)1)
#define SIM_NS ((sim_time)1000)
#define SIM_US ((sim_time)1000000)
#define SIM_MS ((sim_time)1000000000)
#define SIM_SECOND ((sim_time)1000000000000)
#define SIM_TIME_MAX INT64_MAX

/*
 * The time [ps] that `cycles` (>= 0) of a clock of `hz` (> 0) take, rounded up. A core's busy segment that
 * starts a busy period at t0 ends at t0 + sim_cycles_to_time(cycles run since t0, hz): cumulative cycles
 * are converted, never differences, so that no remainder is lost from one segment to the next.
 */
static inline sim_time sim_cycles_to_time(int64_t cycles, int64_t hz)
{
    return (sim_time)(((__int128)cycles * SIM_SECOND + hz - 1) / hz);
}

/*
 * The whole cycles a clock of `hz` needs to cover `span` [ps, >= 0], rounded up: the first cycle boundary
 * at or after `span`. sim_cycles_to_time(sim_time_to_cycles(span, hz), hz) >= span.
 */
static inline int64_t sim_time_to_cycles(sim_time span, int64_t hz)
{
    return (int64_t)(((__int128)span * hz + SIM_SECOND - 1) / SIM_SECOND);
}

/*
 * A serial line whose time a byte is the fraction num/den picoseconds (10 Gb/s: 800/1; PCIe Gen3 x8:
 * 8 * 10^12 * 130 / (8 * 10^9 * 8 * 128)). `remainder` carries what rounding down left over, in 1/den ps,
 * so that n sends of b bytes take exactly floor(n * b * num / den) while the line stays busy.
 */
struct sim_line {
    int64_t num;       /* [ps] a byte, numerator */
    int64_t den;       /* ... and denominator, > 0 */
    uint64_t inverse;  /* floor((2^64 - 1) / den): divisions by den are multiplications */
    int64_t safe;      /* [B] up to which 64 bits do for bytes * num + remainder */
    int64_t remainder; /* [1/den ps], 0 <= remainder < den */
    sim_time free_at;  /* [ps] when the last byte accepted so far has left */
};

/* A line of `num`/`den` ps a byte, idle since time 0. */
static inline struct sim_line sim_line_make(int64_t num, int64_t den)
{
    return (struct sim_line){
        .num = num, .den = den, .inverse = UINT64_MAX / (uint64_t)den, .safe = (INT64_MAX - den) / num};
}

/* dividend / den, rounded down, and what is left; dividend >= 0. */
static inline int64_t sim_line_divide(const struct sim_line *line, int64_t dividend, int64_t *rest)
{
    uint64_t quotient = (uint64_t)(((unsigned __int128)dividend * line->inverse) >> 64);
    uint64_t left = (uint64_t)dividend - quotient * (uint64_t)line->den;
    while (left >= (uint64_t)line->den) { /* at most twice: the inverse was rounded down */
        left -= (uint64_t)line->den;
        quotient++;
    }
    *rest = (int64_t)left;
    return (int64_t)quotient;
}

/*
 * Puts `bytes` on the line at `now` [ps] behind whatever is already on it, and returns when the last of
 * them has left [ps]. A line found idle forgets its remainder: a fresh start is on a whole picosecond.
 */
static inline sim_time sim_line_send(struct sim_line *line, sim_time now, int64_t bytes)
{
    if (line->free_at < now) {
        line->free_at = now;
        line->remainder = 0;
    }
    if (bytes <= line->safe) {
        line->free_at += sim_line_divide(line, bytes * line->num + line->remainder, &line->remainder);
        return line->free_at;
    }
    __int128 total = (__int128)bytes * line->num + line->remainder;
    line->free_at += (sim_time)(total / line->den);
    line->remainder = (int64_t)(total % line->den);
    return line->free_at;
}

#endif
