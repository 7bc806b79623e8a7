#include "sim/random.h"

#include <string.h>

#include "sim/assert.h"
#include "sim/neg_log.h"
#include "sim/threefry.h"

/* A chained hash out of the block function: the state is the key, 16 bytes of message are the counter, and
 * the message is fed forward (Matyas, Meyer, Oseas), so that a step cannot be run backwards. */
static void hash_block(uint64_t state[2], uint64_t word0, uint64_t word1)
{
    struct threefry_block block = threefry2x64(state, word0, word1);
    state[0] = block.word[0] ^ word0;
    state[1] = block.word[1] ^ word1;
}

static uint64_t word_of_bytes(const char *bytes, size_t length)
{
    uint64_t word = 0;
    for (size_t i = 0; i < length && i < 8; i++)
        word |= (uint64_t)(unsigned char)bytes[i] << (8 * i);
    return word;
}

static void hash_string(uint64_t state[2], const char *string)
{
    size_t length = strlen(string);
    hash_block(state, length, 0);
    for (size_t at = 0; at < length; at += 16) {
        size_t left = length - at;
        uint64_t high = left > 8 ? word_of_bytes(string + at + 8, left - 8) : 0;
        hash_block(state, word_of_bytes(string + at, left), high);
    }
}

struct random_stream random_stream_make(uint64_t seed, uint32_t replication, const char *path,
                                        const char *purpose)
{
    struct random_stream stream = {0};
    hash_block(stream.key, seed, replication);
    hash_string(stream.key, path);
    hash_string(stream.key, purpose);
    return stream;
}

uint64_t random_u64(struct random_stream *stream)
{
    uint64_t draw = stream->counter++;
    if (draw & 1)
        return stream->spare;
    struct threefry_block block = threefry2x64(stream->key, draw / 2, 0);
    stream->spare = block.word[1];
    return block.word[0];
}

/* Lemire, "Fast random integer generation in an interval", 2019: the high word of draw * bound; the few low
 * words that would make some results more likely are drawn again. */
uint64_t random_below(struct random_stream *stream, uint64_t bound)
{
    SIM_ASSERT(bound > 0);
    uint64_t draw = random_u64(stream);
    unsigned __int128 product = (unsigned __int128)draw * bound;
    if ((uint64_t)product >= bound)
        return (uint64_t)(product >> 64);
    uint64_t excess = -bound % bound; /* 2^64 mod bound */
    while ((uint64_t)product < excess) {
        draw = random_u64(stream);
        product = (unsigned __int128)draw * bound;
    }
    return (uint64_t)(product >> 64);
}

int64_t random_exponential(struct random_stream *stream, int64_t mean)
{
    SIM_ASSERT(mean >= 0 && mean <= (int64_t)1 << 52);
    uint64_t draw = random_u64(stream);
    /* Below 44.4 * 2^70 * 2^52 < 2^128. */
    unsigned __int128 product = neg_log_q70(draw) * (uint64_t)mean;
    unsigned __int128 half = (unsigned __int128)1 << 69;
    return (int64_t)((product + half) >> 70);
}
