#include "models/hypervisor/coalesced.h"

#include "models/hypervisor/trapped.h"

bool coalesced_put(struct coalesced_ring *ring, const struct coalesced_write *write)
{
    if (ring->count == COALESCED_ROOM)
        return false;
    ring->writes[(ring->first + ring->count++) % COALESCED_SLOTS] = *write;
    return true;
}

static void flush_next(struct cpu_context *thread, void *self)
{
    coalesced_flush(self, thread);
}

void coalesced_flush(struct coalesced_ring *ring, struct cpu_context *thread)
{
    if (ring->count == 0) {
        cpu_return(thread);
        return;
    }
    struct coalesced_write write = ring->writes[ring->first];
    ring->first = (ring->first + 1) % COALESCED_SLOTS;
    ring->count--;
    cpu_push(thread, flush_next, ring);
    write.access->ops->write(write.access->device, thread, write.reg, write.index, write.value);
}
