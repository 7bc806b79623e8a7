/*
 * Threefry2x64-20: the counter-based block function under all random streams. A 128-bit key and a 128-bit
 * counter give 128 uniform bits; there is no other state.
 *
 * Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3", SC'11, section 4.2: the
 * Threefish round (add, rotate, exclusive or), a key injection every four rounds, no tweak.
 */
#ifndef SIM_THREEFRY_H
#define SIM_THREEFRY_H

#include <stdint.h>

struct threefry_block {
    uint64_t word[2];
};

static inline void threefry_round(struct threefry_block *x, int rotation)
{
    x->word[0] += x->word[1];
    x->word[1] = x->word[1] << rotation | x->word[1] >> (64 - rotation);
    x->word[1] ^= x->word[0];
}

/* Injection `n` of the key, after the n-th group of four rounds. */
static inline void threefry_inject(struct threefry_block *x, uint64_t key0, uint64_t key1, unsigned n)
{
    x->word[0] += key0;
    x->word[1] += key1 + n;
}

/* The rotations of the first, third and fifth group of four rounds. */
static inline void threefry_odd_group(struct threefry_block *x)
{
    threefry_round(x, 16);
    threefry_round(x, 42);
    threefry_round(x, 12);
    threefry_round(x, 31);
}

/* The rotations of the second and fourth. */
static inline void threefry_even_group(struct threefry_block *x)
{
    threefry_round(x, 16);
    threefry_round(x, 32);
    threefry_round(x, 24);
    threefry_round(x, 21);
}

/* The block of `counter` under `key`: 20 rounds. */
static inline struct threefry_block threefry2x64(const uint64_t key[2], uint64_t counter0, uint64_t counter1)
{
    const uint64_t key2 = 0x1BD11BDAA9FC1A22 ^ key[0] ^ key[1];
    struct threefry_block x = {{counter0 + key[0], counter1 + key[1]}};
    threefry_odd_group(&x);
    threefry_inject(&x, key[1], key2, 1);
    threefry_even_group(&x);
    threefry_inject(&x, key2, key[0], 2);
    threefry_odd_group(&x);
    threefry_inject(&x, key[0], key[1], 3);
    threefry_even_group(&x);
    threefry_inject(&x, key[1], key2, 4);
    threefry_odd_group(&x);
    threefry_inject(&x, key2, key[0], 5);
    return x;
}

#endif
