/*
 * What the compiler cannot know of the hot paths: which way a branch nearly always goes, and what is to be kept out of
 * them or drawn into them. They change speed, never results. Only for code that runs for every event or packet, and
 * where it was measured to matter (docs/speed.md).
 */
#ifndef SIM_HINT_H
#define SIM_HINT_H

#define SIM_LIKELY(condition) __builtin_expect(!!(condition), 1)
#define SIM_UNLIKELY(condition) __builtin_expect(!!(condition), 0)

/* Instead of `static`, of a function that a hot one rarely calls; instead of `static inline`, of one that it always does. */
#define SIM_ASIDE __attribute__((noinline)) static
#define SIM_INLINE __attribute__((always_inline)) static inline

#endif
