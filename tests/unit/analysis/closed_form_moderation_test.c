/*
 * Interrupt moderation: at most 1 / interval interrupts a second, and exactly that under load; by frames and by delay as
 * their counts have it; one for each packet when packets are far apart.
 */
#include "tests/unit/analysis/closed_form_fixture.h"

struct rate_case {
    const char *sets[6]; /* NULL-terminated */
    double rate;         /* [1/s] as it must be */
};

static const struct rate_case cases[] = {
    /* one a packet: the interval is over before the next */
    {{"traffic[0].direction=receive", "traffic[0].rate=10kpps"}, 10000},
    {{"traffic[0].direction=receive", "traffic[0].rate=10kpps", "nics[0].moderation.model=itr",
      "nics[0].moderation.interval=50us"},
     10000},
    {{"traffic[0].direction=transmit", "traffic[0].rate=7kpps", "nics[0].moderation.model=itr",
      "nics[0].moderation.interval=125us"},
     7000},
    {{"traffic[0].direction=request_response", "traffic[0].rate=3kpps"}, 6000},
    /* 1 / interval under load */
    {{"traffic[0].direction=receive", "traffic[0].rate=100kpps", "nics[0].moderation.model=itr",
      "nics[0].moderation.interval=50us"},
     20000},
    {{"traffic[0].direction=receive", "traffic[0].rate=130kpps", "nics[0].moderation.model=itr",
      "nics[0].moderation.interval=125us"},
     8000},
    {{"traffic[0].direction=transmit", "traffic[0].rate=150kpps", "nics[0].moderation.model=itr",
      "nics[0].moderation.interval=80us"},
     12500},
    {{"strategy=passthrough", "traffic[0].direction=receive", "traffic[0].rate=70kpps",
      "nics[0].moderation.model=itr", "nics[0].moderation.interval=100us"},
     10000},
    {{"strategy=virtio", "traffic[0].direction=receive", "traffic[0].rate=60kpps",
      "nics[0].moderation.model=itr", "nics[0].moderation.interval=200us"},
     5000},
    /* calls back to back: the interval is what each waits for */
    {{"traffic[0].direction=request_response", "traffic[0].rate=0", "traffic[0].peer_delay=10us",
      "nics[0].moderation.model=itr", "nics[0].moderation.interval=125us"},
     8000},
    /* frames, delay, whichever comes first */
    {{"traffic[0].direction=receive", "traffic[0].rate=80kpps", "nics[0].moderation.model=frames",
      "nics[0].moderation.frames=8"},
     10000},
    {{"traffic[0].direction=receive", "traffic[0].rate=100kpps", "nics[0].moderation.model=frames_time",
      "nics[0].moderation.frames=4", "nics[0].moderation.delay=200us"},
     25000},
    {{"traffic[0].direction=receive", "traffic[0].rate=100kpps", "nics[0].moderation.model=frames_time",
      "nics[0].moderation.frames=64", "nics[0].moderation.delay=45us"},
     20000},
    {{"traffic[0].direction=transmit", "traffic[0].rate=50kpps", "nics[0].moderation.model=frames_time",
      "nics[0].moderation.frames=64", "nics[0].moderation.delay=90us"},
     10000},
};

/* Predicted exactly, and met by the run but for the interrupts at its ends. */
static void check_case(const struct rate_case *one)
{
    struct sets sets = {.count = 0};
    struct closed_form_prediction prediction;
    char what[4 * SET_SIZE];
    set(&sets, "strategy=native");
    for (size_t i = 0; one->sets[i]; i++)
        set(&sets, "%s", one->sets[i]);
    snprintf(what, sizeof(what), "%s %s %s", one->sets[0], one->sets[1], one->sets[2] ? one->sets[2] : "");
    struct experiment_run run = bind_sets(&sets);
    cr_assert(closed_form_predict(run.config, &prediction));
    const struct closed_form_interrupts *interrupts = &prediction.interrupts;
    cr_assert_null(interrupts->reason, "%s: %s", what, interrupts->reason);
    cr_expect_float_eq(interrupts->rate, one->rate, 1e-6, "%s: %f", what, interrupts->rate);
    cr_expect_leq(interrupts->rate, interrupts->most);
    struct observed observed = observe(run.config);
    double ends = 3e12 / (double)run.config->duration;
    cr_expect(fabs(observed.interrupts - one->rate) <= ends, "%s: %.1f a second", what, observed.interrupts);
    cr_expect(observed.interrupts <= interrupts->most + 1e12 / (double)run.config->duration, "%s", what);
    release(&run);
}

Test(closed_form_moderation, interrupt_rates)
{
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        check_case(&cases[i]);
}

/* The bound holds whatever the load, also where there is no form of the rate itself. */
Test(closed_form_moderation, never_more_than_the_interval_allows)
{
    static const char *const loads[] = {"1kpps", "50kpps", "300kpps", "2Mpps"};
    for (size_t strategy = 0; strategy < 4; strategy++)
        for (size_t direction = 0; direction < 2; direction++)
            for (size_t load = 0; load < 4; load++) {
                struct sets sets = {.count = 0};
                struct closed_form_prediction prediction;
                set(&sets, "strategy=%s", strategy_list[strategy]);
                set(&sets, "traffic[0].direction=%s", direction_list[direction]);
                set(&sets, "traffic[0].rate=%s", loads[load]);
                set(&sets, "duration=10ms");
                set(&sets, "warmup=1ms");
                set(&sets, "nics[0].moderation.model=itr");
                set(&sets, "nics[0].moderation.interval=40us");
                struct experiment_run run = bind_sets(&sets);
                cr_assert(closed_form_predict(run.config, &prediction));
                cr_expect_float_eq(prediction.interrupts.most, 25000, 1e-6);
                cr_expect_leq(observe(run.config).interrupts, 25000 + 100.1, "%s %s %s",
                              strategy_list[strategy], direction_list[direction], loads[load]);
                release(&run);
            }
}

/* Under overload a saturated sender's completions come without a pause: the vector interrupts once an interval. */
Test(closed_form_moderation, saturation_interrupts_once_an_interval)
{
    static const int intervals[] = {20, 50, 125};
    for (size_t i = 0; i < 3; i++) {
        struct sets sets = {.count = 0};
        struct closed_form_prediction prediction;
        set(&sets, "strategy=native");
        set(&sets, "traffic[0].rate=0");
        set(&sets, "traffic[0].window=500");
        set(&sets, "traffic[0].direction=transmit");
        set(&sets, "nics[0].moderation.model=itr");
        set(&sets, "nics[0].moderation.interval=%dus", intervals[i]);
        struct experiment_run run = bind_sets(&sets);
        cr_assert(closed_form_predict(run.config, &prediction));
        cr_assert_null(prediction.saturation.reason, "%s", prediction.saturation.reason);
        cr_expect_float_eq(prediction.saturation.interrupts, 1e6 / intervals[i], 1e-6);
        expect_close(observe(run.config).interrupts, prediction.saturation.interrupts, 0.3, "interrupts");
        release(&run);
    }
}
