/*
 * Assertions in two tiers. SIM_ASSERT guards invariants in every build, release included: conservation, state
 * machines, queue contracts. SIM_DEBUG_ASSERT guards what is too expensive for release builds. A failure
 * prints the expression, file and line, and the simulation's time, component and seed, then aborts: it is
 * our mistake, never the user's.
 */
#ifndef SIM_ASSERT_H
#define SIM_ASSERT_H

/* Cold: the code that leads here stays out of the way of what runs. */
__attribute__((cold)) _Noreturn void sim_assert_failed(const char *expression, const char *file, int line,
                                                       const char *function);

#define SIM_ASSERT(condition)                                                                                \
    ((condition) ? (void)0 : sim_assert_failed(#condition, __FILE__, __LINE__, __func__))

#ifdef NDEBUG
#define SIM_DEBUG_ASSERT(condition) ((void)0)
#else
#define SIM_DEBUG_ASSERT(condition) SIM_ASSERT(condition)
#endif

#endif
