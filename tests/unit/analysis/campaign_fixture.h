/* A campaign of prepared results, for tests of what is made of results: nothing is simulated. */
#ifndef TESTS_UNIT_ANALYSIS_CAMPAIGN_FIXTURE_H
#define TESTS_UNIT_ANALYSIS_CAMPAIGN_FIXTURE_H

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/campaign.h"

/* Loads a scenario of directives alone; the version is put before the text. */
static inline struct scenario *fixture_scenario(const char *text)
{
    char whole[4096];
    struct diag *diag = diag_create();
    int size = snprintf(whole, sizeof(whole), "schema_version: 1\n%s", text);
    struct scenario *scenario = scenario_load_text("test.yaml", whole, (size_t)size, NULL, diag);
    if (!scenario)
        diag_print(diag, stderr);
    cr_assert_not_null(scenario);
    diag_destroy(diag);
    return scenario;
}

/* A campaign without results. */
static inline struct campaign fixture_campaign(const char *text)
{
    struct campaign campaign;
    campaign_prepare(&campaign, fixture_scenario(text));
    campaign.run = campaign.count;
    return campaign;
}

/* Gives a point its result. */
static inline void fixture_result(struct campaign *campaign, size_t point, const char *json)
{
    cr_assert_lt(point, campaign->count);
    cr_assert(archive_put(campaign->archive, point, json, strlen(json)), "%s", json);
}

/* Gives every point the result {"m": number}, in order. */
static inline void fixture_numbers(struct campaign *campaign, const double *numbers)
{
    for (size_t i = 0; i < campaign->count; i++) {
        char text[64];
        snprintf(text, sizeof(text), "{\"m\": %.9g}", numbers[i]);
        fixture_result(campaign, i, text);
    }
}

static inline void fixture_destroy(struct campaign *campaign)
{
    const struct scenario *scenario = campaign->scenario;
    campaign_destroy(campaign);
    scenario_destroy((struct scenario *)scenario);
}

/* What `write` writes, to be freed. */
#define FIXTURE_TEXT(text, stream, ...)                                                                      \
    do {                                                                                                     \
        size_t fixture_size;                                                                                 \
        FILE *stream = open_memstream(&(text), &fixture_size);                                               \
        __VA_ARGS__;                                                                                         \
        fclose(stream);                                                                                      \
    } while (0)

#endif
