#include "analysis/cli/progress.h"

#include <stdio.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "analysis/quantity.h"

enum { BAR = 40 };

bool progress_wanted(const struct cli *cli)
{
    return !cli->quiet && isatty(STDERR_FILENO);
}

void progress_show(size_t done, size_t total, void *self)
{
    char bar[BAR + 1];
    (void)self;
    for (size_t i = 0; i < BAR; i++)
        bar[i] = i < done * BAR / total ? '#' : '.';
    bar[BAR] = '\0';
    fprintf(stderr, "\r[%s] %zu of %zu", bar, done, total);
}

void progress_end(const struct cli *cli)
{
    if (progress_wanted(cli))
        fprintf(stderr, "\r%*s\r", BAR + 40, "");
}

static double count_events(const struct campaign *campaign)
{
    double sum = 0, events;
    for (size_t i = 0; i < campaign->count; i++)
        if (campaign_number(campaign, i, "events", &events))
            sum += events;
    return sum;
}

static const char *host_name(struct utsname *machine)
{
    return uname(machine) == 0 ? machine->nodename : "unknown";
}

void progress_say(const struct cli *cli, const struct campaign *campaign)
{
    struct utsname machine;
    char seconds[QUANTITY_SIZE], rate[QUANTITY_SIZE];
    double events = count_events(campaign);
    quantity_text(campaign->seconds, "s", seconds, sizeof(seconds));
    quantity_text(campaign->seconds > 0 ? events / campaign->seconds : 0, "events/s", rate, sizeof(rate));
    cli_say(cli, "%zu %s, %s, %s, on %s", campaign->run, campaign->run == 1 ? "point" : "points", seconds,
            rate, host_name(&machine));
}

json_t *progress_info(const struct cli *cli, const struct campaign *campaign)
{
    struct utsname machine;
    char date[32] = "";
    time_t now = time(NULL);
    struct tm utc;
    double events = count_events(campaign);
    json_t *info = json_object(), *command = json_array();
    if (gmtime_r(&now, &utc))
        strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%SZ", &utc);
    for (int i = 0; i < cli->argc; i++)
        json_array_append_new(command, json_string(cli->argv[i]));
    json_object_set_new(info, "iovsim", json_string(IOVSIM_VERSION));
    json_object_set_new(info, "command", command);
    json_object_set_new(info, "date", json_string(date));
    json_object_set_new(info, "host", json_string(host_name(&machine)));
    json_object_set_new(info, "jobs", json_integer(cli->jobs));
    json_object_set_new(info, "points", json_integer((json_int_t)campaign->run));
    json_object_set_new(info, "wall_seconds", json_real(campaign->seconds));
    json_object_set_new(info, "events", json_integer((json_int_t)events));
    json_object_set_new(info, "events_per_second",
                        json_real(campaign->seconds > 0 ? events / campaign->seconds : 0));
    return info;
}
