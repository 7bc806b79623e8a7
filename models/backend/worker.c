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

void worker_queue(struct worker_work *work)
{
    struct worker *worker = work->worker;
    if (work->queued)
        return;
    append(worker, work);
    if (worker->asleep) {
        worker->asleep = false;
        cpu_wake(&worker->thread);
    } else if (worker->queued) {
        worker->queued(worker);
    }
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

static void signalled(struct cpu_context *from, void *self)
{
    worker_queue(self);
    cpu_return(from);
}

void worker_signal(struct worker_work *work, struct cpu_context *from, int64_t wakeup)
{
    if (!work->worker->asleep) {
        signalled(from, work);
        return;
    }
    cpu_add(from, CPU_SCHED, SHARE_BATCH, wakeup);
    cpu_run(from, signalled, work);
}
