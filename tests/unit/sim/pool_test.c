#include <criterion/criterion.h>
#include <signal.h>
#include <string.h>

#include "sim/pool.h"

Test(pool, objects_are_aligned_distinct_and_stable)
{
    enum { COUNT = 1000, SIZE = 40 };
    struct sim_pool *pool = sim_pool_create(SIZE, 16);
    unsigned char *objects[COUNT];
    for (int i = 0; i < COUNT; i++) {
        objects[i] = sim_pool_take(pool);
        cr_assert_eq((uintptr_t)objects[i] % 16, 0);
        memset(objects[i], i % 251, SIZE);
    }
    cr_expect_eq(sim_pool_live(pool), COUNT);
    for (int i = 0; i < COUNT; i++)
        for (int byte = 0; byte < SIZE; byte++)
            cr_assert_eq(objects[i][byte], i % 251, "object %d byte %d", i, byte);
    for (int i = 0; i < COUNT; i++)
        cr_assert_eq(sim_pool_at(pool, sim_pool_handle(pool, objects[i])), objects[i]);
    sim_pool_destroy(pool);
}

Test(pool, handles_are_distinct_and_never_zero)
{
    enum { COUNT = 50 };
    struct sim_pool *pool = sim_pool_create(8, 4);
    uint64_t handles[COUNT];
    for (int i = 0; i < COUNT; i++) {
        handles[i] = sim_pool_handle(pool, sim_pool_take(pool));
        cr_assert_neq(handles[i], 0);
        for (int k = 0; k < i; k++)
            cr_assert_neq(handles[i], handles[k]);
    }
    sim_pool_destroy(pool);
}

Test(pool, a_stale_handle_is_recognised)
{
    struct sim_pool *pool = sim_pool_create(64, 1);
    void *object = sim_pool_take(pool);
    uint64_t handle = sim_pool_handle(pool, object);
    sim_pool_give(pool, object);
    cr_expect_null(sim_pool_at(pool, handle));
    cr_expect_eq(sim_pool_live(pool), 0);
    void *again = sim_pool_take(pool);
    cr_expect_eq(again, object, "the object given back last is taken first");
    cr_expect_null(sim_pool_at(pool, handle));
    cr_expect_eq(sim_pool_at(pool, sim_pool_handle(pool, again)), again);
    cr_expect_null(sim_pool_at(pool, 0));
    cr_expect_null(sim_pool_at(pool, UINT64_MAX));
    sim_pool_destroy(pool);
}

Test(pool, giving_and_taking_does_not_grow)
{
    struct sim_pool *pool = sim_pool_create(64, 8);
    void *first[8];
    for (int i = 0; i < 8; i++)
        first[i] = sim_pool_take(pool);
    for (int round = 0; round < 1000; round++) {
        void *object = first[round % 8];
        sim_pool_give(pool, object);
        cr_assert_eq(sim_pool_take(pool), object);
    }
    cr_expect_eq(sim_pool_live(pool), 8);
    sim_pool_destroy(pool);
}

Test(pool, giving_back_twice_aborts, .signal = SIGABRT)
{
    struct sim_pool *pool = sim_pool_create(64, 8);
    void *object = sim_pool_take(pool);
    sim_pool_give(pool, object);
    sim_pool_give(pool, object);
}

/* Looked at from outside: by index, those that are taken. */
Test(pool, shows_the_objects_that_are_taken)
{
    struct sim_pool *pool = sim_pool_create(8, 4);
    cr_expect_eq(sim_pool_capacity(pool), 0);
    void *kept = sim_pool_take(pool), *given = sim_pool_take(pool);
    cr_expect_eq(sim_pool_capacity(pool), 4);
    sim_pool_give(pool, given);
    cr_expect(sim_pool_is_live(kept));
    cr_expect_not(sim_pool_is_live(given));
    cr_expect_eq(sim_pool_object(pool, sim_pool_index(kept)), kept);
    cr_expect_null(sim_pool_object(pool, sim_pool_index(given)));
    sim_pool_destroy(pool);
}
