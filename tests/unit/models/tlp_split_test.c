#include <criterion/criterion.h>

#include "models/pcie/split.h"
#include "models/pcie/tlp.h"
#include "sim/random.h"

static struct random_stream stream;

static void setup(void)
{
    stream = random_stream_make(1, 0, "tlp_split_test", "any");
}

TestSuite(tlp_split, .init = setup);

static const uint64_t high = UINT64_C(0x123400000000);

/* ---- header fields and wire sizes ---- */

Test(tlp_split, wire_sizes_are_those_of_the_specification)
{
    struct tlp tlp, completion;
    tlp_make_write(&tlp, 0x100, high, 64);
    cr_expect_eq(tlp.wire, 8 + 16 + 64);
    cr_expect_eq(tlp.fmt, TLP_4DW_DATA);
    cr_expect_eq(tlp_class(&tlp), TLP_POSTED);
    tlp_make_write(&tlp, 0x100, 0xFEE00010, 4);
    cr_expect_eq(tlp.wire, 8 + 12 + 4);
    cr_expect_eq(tlp.fmt, TLP_3DW_DATA);
    tlp_make_read(&tlp, 0x100, 7, UINT64_C(0x100000000), 512);
    cr_expect_eq(tlp.wire, 8 + 16);
    cr_expect_eq(tlp_class(&tlp), TLP_NONPOSTED);
    tlp_make_completion(&completion, &tlp, tlp.address, 256, 512);
    cr_expect_eq(completion.wire, 8 + 12 + 256);
    cr_expect_eq(tlp_class(&completion), TLP_COMPLETIONS);
    tlp_make_read(&tlp, 0x100, 7, UINT64_C(0xFFFFFFFF) - 3, 4);
    cr_expect_eq(tlp.wire, 8 + 12);
    tlp_make_error(&completion, &tlp, TLP_UNSUPPORTED_REQUEST);
    cr_expect_eq(completion.wire, 8 + 12);
    cr_expect_eq(completion.status, 1);
    cr_expect_eq(tlp_class(&completion), TLP_COMPLETIONS);
}

Test(tlp_split, a_completion_carries_its_requests_identity)
{
    struct tlp read, completion;
    int context;
    tlp_make_read(&read, 0x123, 45, high + 0x7FC, 4096 - 0x7FC);
    read.context = &context;
    tlp_make_completion(&completion, &read, high + 0x800, 64, 4096);
    cr_expect_eq(completion.requester, 0x123);
    cr_expect_eq(completion.tag, 45);
    cr_expect_eq(completion.context, (void *)&context);
    cr_expect_eq(completion.lower_address, 0);
    cr_expect_eq(completion.byte_count, 0, "4096 is written as 0");
    tlp_make_completion(&completion, &read, high + 0x7FC, 4, 68);
    cr_expect_eq(completion.lower_address, 0x7C);
    cr_expect_eq(completion.byte_count, 68);
}

Test(tlp_split, byte_enables_mark_exactly_the_bytes)
{
    for (uint64_t start = 0; start < 4; start++) {
        for (uint32_t bytes = 1; bytes < 16; bytes++) {
            struct tlp tlp;
            tlp_make_write(&tlp, 0, high + start, bytes);
            uint64_t enabled = tlp.first_be;
            for (unsigned dw = 1; dw + 1 < tlp.length; dw++)
                enabled |= UINT64_C(0xF) << (4 * dw);
            if (tlp.length > 1)
                enabled |= (uint64_t)tlp.last_be << (4 * (tlp.length - 1));
            uint64_t expected = ((UINT64_C(1) << bytes) - 1) << start;
            cr_assert_eq(enabled, expected, "%u bytes at %u", (unsigned)bytes, (unsigned)start);
            cr_assert(tlp.length > 1 || tlp.last_be == 0);
        }
    }
    struct tlp flush;
    tlp_make_read(&flush, 0, 0, high, 0);
    cr_expect_eq(flush.length, 1);
    cr_expect_eq(flush.first_be, 0);
}

Test(tlp_split, a_data_credit_is_sixteen_bytes)
{
    cr_expect_eq(tlp_data_credits(1), 1);
    cr_expect_eq(tlp_data_credits(4), 1);
    cr_expect_eq(tlp_data_credits(5), 2);
    cr_expect_eq(tlp_data_credits(64), 16);
}

/* ---- splitting against an oracle that walks byte by byte ---- */

/* The longest legal first piece, found by trying all lengths. */
static uint32_t oracle_request(uint64_t address, uint32_t bytes, uint32_t limit)
{
    uint32_t best = 0;
    for (uint32_t length = 1; length <= bytes; length++) {
        uint64_t last = address + length - 1;
        bool one_page = address / 4096 == last / 4096;
        bool fits = (last / 4 - address / 4 + 1) * 4 <= limit;
        if (one_page && fits)
            best = length;
    }
    return best;
}

static uint32_t oracle_completion(uint64_t address, uint32_t bytes, uint32_t limit, uint32_t rcb)
{
    uint32_t best = 0;
    for (uint32_t length = 1; length <= bytes; length++) {
        uint64_t last = address + length - 1;
        bool fits = (last / 4 - address / 4 + 1) * 4 <= limit;
        bool boundary = length == bytes || (last + 1) % rcb == 0;
        if (fits && boundary)
            best = length;
    }
    return best;
}

static uint64_t any_address(void)
{
    uint64_t base = random_below(&stream, 2) ? high : UINT64_C(0x40000000);
    return base + random_below(&stream, 8192);
}

Test(tlp_split, requests_are_the_longest_legal_ones)
{
    for (int round = 0; round < 3000; round++) {
        uint64_t address = any_address();
        uint32_t bytes = 1 + (uint32_t)random_below(&stream, round % 2 ? 9000 : 600);
        uint32_t limit = UINT32_C(128) << random_below(&stream, 6);
        uint32_t piece = split_request(address, bytes, limit);
        cr_assert_eq(piece, oracle_request(address, bytes, limit), "%lx %u %u", (unsigned long)address, bytes,
                     limit);
    }
}

Test(tlp_split, completions_are_the_longest_legal_ones)
{
    for (int round = 0; round < 3000; round++) {
        uint64_t address = any_address();
        uint32_t bytes = 1 + (uint32_t)random_below(&stream, 4096 - (uint32_t)(address % 4096));
        uint32_t rcb = random_below(&stream, 2) ? 64 : 128;
        uint32_t limit = rcb << random_below(&stream, 4);
        uint32_t piece = split_completion(address, bytes, limit, rcb);
        cr_assert_eq(piece, oracle_completion(address, bytes, limit, rcb), "%lx %u %u %u",
                     (unsigned long)address, bytes, limit, rcb);
    }
}

Test(tlp_split, a_read_within_one_boundary_block_has_one_completion)
{
    for (uint32_t offset = 0; offset < 64; offset++) {
        for (uint32_t bytes = 1; bytes <= 64 - offset; bytes++)
            cr_assert_eq(split_completions(high + offset, bytes, 64, 64).count, 1);
    }
}

Test(tlp_split, sums_agree_with_the_pieces_made_one_by_one)
{
    for (int round = 0; round < 2000; round++) {
        uint64_t address = any_address();
        uint32_t bytes = 1 + (uint32_t)random_below(&stream, 9000);
        uint32_t limit = UINT32_C(128) << random_below(&stream, 6);
        struct split_sum writes = {0, 0}, reads = {0, 0};
        for (uint32_t done = 0; done < bytes;) {
            struct tlp write, read, completion;
            uint32_t piece = split_request(address + done, bytes - done, limit);
            tlp_make_write(&write, 1, address + done, piece);
            tlp_make_read(&read, 1, 0, address + done, piece);
            writes.count++;
            writes.wire += write.wire;
            reads.count++;
            reads.wire += read.wire;
            cr_assert(write.length * 4U <= limit);
            struct split_sum answer = split_completions(address + done, piece, 256, 64);
            uint32_t answered = 0;
            while (answered < piece) {
                uint32_t part = split_completion(read.address + answered, piece - answered, 256, 64);
                tlp_make_completion(&completion, &read, read.address + answered, part, piece - answered);
                answered += part;
                answer.count--;
                answer.wire -= completion.wire;
            }
            cr_assert(answer.count == 0 && answer.wire == 0);
            done += piece;
        }
        struct split_sum sum = split_writes(address, bytes, limit);
        cr_assert(sum.count == writes.count && sum.wire == writes.wire);
        sum = split_reads(address, bytes, limit);
        cr_assert(sum.count == reads.count && sum.wire == reads.wire);
    }
}

Test(tlp_split, aligned_sums_are_the_closed_form)
{
    for (uint32_t size = 64; size <= 4096; size *= 2) {
        struct split_sum writes = split_writes(high, size, 256);
        uint32_t count = (size + 255) / 256;
        cr_expect_eq(writes.count, count);
        cr_expect_eq(writes.wire, size + count * 24);
        struct split_sum answers = split_completions(high, size, 256, 64);
        cr_expect_eq(answers.count, count);
        cr_expect_eq(answers.wire, size + count * 20);
        cr_expect_eq(split_reads(high, size, 512).wire, (size + 511) / 512 * 24);
    }
}
