/*
 * Values that contradict each other or have no effect beside each other. A row's default never does: who calls asks
 * whether the user wrote the one that is named.
 */
#include <stdio.h>

#include "models/host/config.h"

enum { PATH_SIZE = 128 };

struct conflicts {
    config_report *report;
    void *self;
};

/* Reports `list[index].key`. */
static void tell(const struct conflicts *conflicts, const char *list, size_t index, const char *key,
                 const char *why)
{
    char path[PATH_SIZE];
    snprintf(path, sizeof(path), "%s[%zu].%s", list, index, key);
    conflicts->report(conflicts->self, path, why);
}

static void check_link(const struct conflicts *conflicts, const struct pcie_link_config *link, size_t index)
{
    if (link->dllp == PCIE_DLLP_SHARE)
        tell(conflicts, "nics", index, "link.ack",
             "has no effect with `dllp: share`; it belongs to `dllp: explicit`");
    else
        tell(conflicts, "nics", index, "link.dllp_share",
             "has no effect with `dllp: explicit`; it belongs to `dllp: share`");
}

static void check_virtio(const struct conflicts *conflicts, const struct virtio_config *virtio, size_t index)
{
    static const char *const of_vhost[] = {"virtio.vhost_weight", "virtio.vhost_batch", "virtio.busy_poll",
                                           "virtio.zero_copy"};
    for (size_t i = 0; virtio->backend == VIRTIO_QEMU && i < sizeof(of_vhost) / sizeof(of_vhost[0]); i++)
        tell(conflicts, "vms", index, of_vhost[i],
             "has no effect with `backend: qemu`; it belongs to `backend: vhost`");
}

static void check_traffic(const struct conflicts *conflicts, const struct traffic_config *traffic,
                          size_t index)
{
    if (traffic->direction != TRAFFIC_REQUEST_RESPONSE)
        tell(conflicts, "traffic", index, "response", "has no effect without `direction: request_response`");
}

void config_conflicts(const struct config *config, config_report *report, void *self)
{
    const struct conflicts conflicts = {.report = report, .self = self};
    const struct hypervisor_config *hypervisor = &config->host.hypervisor;
    if (hypervisor->posted_interrupts && !hypervisor->apicv)
        report(self, "host.hypervisor.posted_interrupts", "needs `apicv: true`");
    if (config->find_warmup && config->warmup > 0)
        report(self, "find_warmup", "has no effect beside a `warmup`, which is then not found but given");
    for (size_t i = 0; i < config->nics.count; i++)
        check_link(&conflicts, &((const struct nic_config *)config->nics.items)[i].link, i);
    for (size_t i = 0; i < config->vms.count; i++)
        check_virtio(&conflicts, &((const struct vm_config *)config->vms.items)[i].virtio, i);
    for (size_t i = 0; i < config->traffic.count; i++)
        check_traffic(&conflicts, (const struct traffic_config *)config->traffic.items + i, i);
}
