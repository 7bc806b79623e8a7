#include "analysis/campaign.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "analysis/metric.h"
#include "models/registry.h"
#include "sim/assert.h"

/* ---- checking ---- */

struct placed_report {
    const struct scenario_binding *binding;
    struct diag *diag;
};

static void report_place(void *self, const char *path, const char *message)
{
    struct placed_report *report = self;
    struct diag_place place = {0};
    bool placed = scenario_binding_place(report->binding, path, &place);
    const char *text = scenario_binding_text(report->binding, path);
    if (text)
        diag_error(report->diag, &place, "`%.80s` for `%s`: %s", text, path, message);
    else
        diag_error(report->diag, placed ? &place : NULL, "%s: %s", path, message);
}

/* A conflict is the user's if he wrote the value. */
static void report_conflict(void *self, const char *path, const char *message)
{
    struct placed_report *report = self;
    if (scenario_binding_written(report->binding, path))
        report_place(self, path, message);
}

static struct scenario_binding *bind(const struct scenario *scenario, const struct scenario_point *point,
                                     const struct scenario_expectation *cause, struct diag *diag)
{
    if (cause)
        return scenario_bind_cause(scenario, point, cause, registry_root(), diag);
    return scenario_bind(scenario, point, registry_root(), diag);
}

static bool check_point(const struct scenario *scenario, const struct scenario_point *point,
                        const struct scenario_expectation *cause, struct diag *diag)
{
    struct scenario_binding *binding = bind(scenario, point, cause, diag);
    if (!binding)
        return false;
    struct placed_report report = {.binding = binding, .diag = diag};
    size_t before = diag_error_count(diag);
    config_check(scenario_config(binding), report_place, &report);
    config_conflicts(scenario_config(binding), report_conflict, &report);
    scenario_binding_destroy(binding);
    return diag_error_count(diag) == before;
}

static bool is_selected(const struct campaign_options *options, size_t index)
{
    return !options->selected || options->selected[index];
}

static bool check_all(const struct scenario *scenario, const struct campaign_options *options,
                      struct diag *diag)
{
    for (size_t i = 0; i < scenario_point_count(scenario); i++)
        if (is_selected(options, i) &&
            !check_point(scenario, scenario_point(scenario, i), options->cause, diag))
            return false;
    return true;
}

/* An expectation's cause, at the first point that it is about. */
static bool check_cause(const struct scenario *scenario, const struct scenario_expectation *expectation,
                        struct diag *diag)
{
    for (size_t i = 0; expectation->cause_count > 0 && i < scenario_point_count(scenario); i++) {
        const struct scenario_point *point = scenario_point(scenario, i);
        if (scenario_matches(scenario, &expectation->where, point))
            return check_point(scenario, point, expectation, diag);
    }
    return true;
}

bool campaign_check(const struct scenario *scenario, struct diag *diag)
{
    const struct experiment *experiment = scenario_experiment(scenario);
    struct campaign_options all = {0};
    bool fine = check_all(scenario, &all, diag);
    for (size_t i = 0; fine && i < experiment->expectation_count; i++)
        fine = check_cause(scenario, &experiment->expectations[i], diag);
    return fine;
}

/* ---- a worker: one forked process a point ---- */

/* The first byte that a worker sends; the result or the reason follows. */
enum { WORKER_DONE = 'R', WORKER_REFUSED = 'E' };

struct worker {
    pid_t pid; /* 0: free */
    int pipe;
    size_t point;
    char *text;
    size_t length, capacity;
};

static void write_all(int file, const char *text, size_t length)
{
    while (length > 0) {
        ssize_t written = write(file, text, length);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            _exit(3);
        text += written;
        length -= (size_t)written;
    }
}

_Noreturn static void worker_main(const struct campaign *campaign, const struct campaign_options *options,
                                  size_t index, int pipe)
{
    const struct scenario_point *point = scenario_point(campaign->scenario, index);
    struct diag *diag = diag_create();
    struct scenario_binding *binding = bind(campaign->scenario, point, options->cause, diag);
    json_t *values = run_point_values(campaign->scenario, point);
    struct result_labels labels = {
        .scenario = scenario_experiment(campaign->scenario)->name,
        .point = point->name,
        .values = values,
        .replication = point->replication,
    };
    struct run_error error;
    struct run_options run = options->run;
    run.last = true;
    json_t *result = run_config(scenario_config(binding), &labels, &run, &error);
    char *text = result ? result_text(result, 0) : error.text;
    write_all(pipe, (const char[]){result ? WORKER_DONE : WORKER_REFUSED}, 1);
    write_all(pipe, text, strlen(text));
    _exit(error.internal ? 3 : 0);
}

static void worker_start(struct worker *worker, const struct campaign *campaign,
                         const struct campaign_options *options, size_t index)
{
    int ends[2];
    SIM_ASSERT(pipe(ends) == 0);
    fflush(NULL);
    pid_t parent = getpid();
    worker->pid = fork();
    SIM_ASSERT(worker->pid >= 0);
    if (worker->pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* nobody would read what it finds */
        if (getppid() != parent)
            _exit(3);
        close(ends[0]);
        worker_main(campaign, options, index, ends[1]);
    }
    close(ends[1]);
    worker->pipe = ends[0];
    worker->point = index;
    worker->length = 0;
}

/* Reads what has come; false at the end of the pipe. */
static bool worker_read(struct worker *worker)
{
    if (worker->capacity - worker->length < 65536) {
        worker->capacity += 262144;
        worker->text = realloc(worker->text, worker->capacity);
        SIM_ASSERT(worker->text);
    }
    ssize_t got = read(worker->pipe, worker->text + worker->length, worker->capacity - worker->length - 1);
    if (got > 0)
        worker->length += (size_t)got;
    return got > 0 || (got < 0 && errno == EINTR);
}

static char *failure_text(int status, const struct worker *worker)
{
    char text[640];
    if (worker->length > 1 && worker->text[0] == WORKER_REFUSED)
        snprintf(text, sizeof(text), "%.*s", (int)worker->length - 1, worker->text + 1);
    else if (WIFSIGNALED(status))
        snprintf(text, sizeof(text), "the worker died of signal %d (%s)", WTERMSIG(status),
                 strsignal(WTERMSIG(status)));
    else
        snprintf(text, sizeof(text), "the worker ended with status %d", WEXITSTATUS(status));
    return strdup(text);
}

static void worker_finish(struct worker *worker, struct campaign *campaign)
{
    int status = 0;
    close(worker->pipe);
    while (waitpid(worker->pid, &status, 0) < 0 && errno == EINTR)
        continue;
    worker->pid = 0;
    bool refused = worker->length > 0 && worker->text[0] == WORKER_REFUSED;
    bool whole = status == 0 && worker->length > 1;
    if (whole && !refused &&
        archive_put(campaign->archive, worker->point, worker->text + 1, worker->length - 1))
        return;
    campaign->failures[worker->point] = failure_text(status, worker);
    if (whole && refused)
        campaign->refused++;
    else
        campaign->dead++;
}

/* ---- the campaign ---- */

static size_t start_free(struct worker *workers, const struct campaign *campaign,
                         const struct campaign_options *options, size_t next)
{
    for (unsigned i = 0; i < options->jobs; i++) {
        while (next < campaign->count && !is_selected(options, next))
            next++;
        if (workers[i].pid == 0 && next < campaign->count)
            worker_start(&workers[i], campaign, options, next++);
    }
    return next;
}

/* Waits for output of any worker; returns how many have ended. */
static size_t serve(struct worker *workers, unsigned jobs, struct campaign *campaign)
{
    struct pollfd files[CAMPAIGN_JOBS_MAX];
    struct worker *of[CAMPAIGN_JOBS_MAX];
    nfds_t count = 0;
    size_t ended = 0;
    for (unsigned i = 0; i < jobs; i++) {
        if (workers[i].pid == 0)
            continue;
        files[count] = (struct pollfd){.fd = workers[i].pipe, .events = POLLIN};
        of[count++] = &workers[i];
    }
    if (poll(files, count, -1) < 0)
        return 0;
    for (nfds_t i = 0; i < count; i++) {
        if (files[i].revents == 0 || worker_read(of[i]))
            continue;
        worker_finish(of[i], campaign);
        ended++;
    }
    return ended;
}

static double seconds_now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

/* A metric with the interval that a run has for a mean: "x.mean" has "x.ci95" beside it. */
static void note_metric(struct archive *archive, const char *path)
{
    char interval[METRIC_PATH_SIZE];
    if (!path)
        return;
    archive_note(archive, path);
    if (metric_interval(path, interval, sizeof(interval)))
        archive_note(archive, interval);
}

/* All that will be asked of every point. */
static void note_metrics(struct archive *archive, const struct experiment *experiment)
{
    size_t count;
    const struct metric *metrics = metric_list(&count);
    for (size_t i = 0; i < count; i++)
        note_metric(archive, metrics[i].path);
    for (size_t i = 0; i < experiment->plot_count; i++) {
        const struct scenario_plot *plot = &experiment->plots[i];
        note_metric(archive, plot->x);
        note_metric(archive, plot->value);
        for (size_t j = 0; j < plot->y_count; j++)
            note_metric(archive, plot->y[j]);
    }
    for (size_t i = 0; i < experiment->expectation_count; i++) {
        note_metric(archive, experiment->expectations[i].metric);
        note_metric(archive, experiment->expectations[i].less_than.metric);
        note_metric(archive, experiment->expectations[i].greater_than.metric);
    }
}

void campaign_prepare(struct campaign *campaign, const struct scenario *scenario)
{
    *campaign = (struct campaign){.scenario = scenario, .count = scenario_point_count(scenario)};
    campaign->failures = calloc(campaign->count, sizeof(*campaign->failures));
    SIM_ASSERT(campaign->failures);
    campaign->archive = archive_create(campaign->count);
    note_metrics(campaign->archive, scenario_experiment(scenario));
}

bool campaign_has(const struct campaign *campaign, size_t point)
{
    return archive_has(campaign->archive, point);
}

const json_t *campaign_result(const struct campaign *campaign, size_t point)
{
    return archive_get(campaign->archive, point);
}

bool campaign_number(const struct campaign *campaign, size_t point, const char *path, double *number)
{
    return archive_number(campaign->archive, point, path, number);
}

static void run_all(struct campaign *campaign, const struct campaign_options *options)
{
    struct worker *workers = calloc(options->jobs, sizeof(*workers));
    SIM_ASSERT(workers);
    size_t next = 0, done = 0;
    while (done < campaign->run) {
        next = start_free(workers, campaign, options, next);
        size_t ended = serve(workers, options->jobs, campaign);
        done += ended;
        if (ended > 0 && options->progress)
            options->progress(done, campaign->run, options->self);
    }
    for (unsigned i = 0; i < options->jobs; i++)
        free(workers[i].text);
    free(workers);
}

bool campaign_run(struct campaign *campaign, const struct scenario *scenario,
                  const struct campaign_options *options, struct diag *diag)
{
    SIM_ASSERT(options->jobs >= 1 && options->jobs <= CAMPAIGN_JOBS_MAX);
    campaign_prepare(campaign, scenario);
    if (!check_all(scenario, options, diag))
        return false;
    for (size_t i = 0; i < campaign->count; i++)
        campaign->run += is_selected(options, i);
    double start = seconds_now();
    run_all(campaign, options);
    campaign->seconds = seconds_now() - start;
    return true;
}

void campaign_destroy(struct campaign *campaign)
{
    for (size_t i = 0; campaign->failures && i < campaign->count; i++)
        free(campaign->failures[i]);
    archive_destroy(campaign->archive);
    free(campaign->failures);
}
