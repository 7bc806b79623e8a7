#include "models/backend/worker.h"

static void activated(struct cpu_context *ctx, void *self)
{
    struct worker *worker = self;
    worker->asleep = false;
    worker->activated = sim_now(cpu_sim(ctx->cpu));
    worker_done(ctx, worker);
}

void worker_init(struct worker *worker, struct cpu *core, const char *name)
{
    *worker = (struct worker){.asleep = true};
    cpu_context_init(&worker->thread, core, name, CPU_TASK, activated, worker);
    sleeper_init(&worker->sleeper, &worker->thread, NULL);
}

void worker_work_init(struct worker_work *work, struct worker *worker, cpu_fn *run, void *self)
{
    *work = (struct worker_work){.worker = worker, .run = run, .self = self};
}

static void append(struct worker *worker, struct worker_work *work)
{
    work->queued = true;
    work->next = NULL;
    if (worker->head)
        worker->tail->next = work;
    else
        worker->head = work;
    worker->tail = work;
}

struct sleeper *worker_add(struct worker_work *work)
{
    struct worker *worker = work->worker;
    if (work->queued)
        return NULL;
    append(worker, work);
    if (worker->asleep)
        return &worker->sleeper;
    if (worker->queued)
        worker->queued(worker);
    return NULL;
}

void worker_queue(struct worker_work *work)
{
    sleeper_wake_now(worker_add(work));
}

void worker_done(struct cpu_context *ctx, void *self)
{
    struct worker *worker = self;
    if (!worker->head && worker->idle && worker->idle(worker, ctx))
        return;
    struct worker_work *work = worker->head;
    if (!work) {
        worker->asleep = true;
        cpu_block(ctx, activated, worker);
        return;
    }
    worker->head = work->next;
    work->queued = false;
    work->run(ctx, work->self);
}

void worker_signal(struct worker_work *work, struct cpu_context *from, int64_t wakeup)
{
    sleeper_wake(from, worker_add(work), wakeup);
}
