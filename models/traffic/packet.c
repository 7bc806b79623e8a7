#include "models/traffic/packet.h"

#include "sim/assert.h"

struct stage_text {
    const char *name;
    const char *help;
};

static const struct stage_text stages[STAGES] = {
    [STAGE_SOURCE_WAIT] = {"source_wait", "the sender waits for its core"},
    [STAGE_SEND] = {"send", "system call, stack, copy and driver in the sender's kernel"},
    [STAGE_RING_WAIT] = {"ring_wait", "queued before a full ring, or the sender blocked on its send buffer"},
    [STAGE_NOTIFY] = {"notify", "doorbell or kick, until the device or backend acts on it"},
    [STAGE_BACKEND_WAIT] = {"backend_wait", "in the virtqueue or emulated ring, until the backend takes it"},
    [STAGE_BACKEND] = {"backend", "vhost worker or device emulation, transmit side"},
    [STAGE_HOST_SEND] = {"host_send", "tap, bridge and host driver, transmit side"},
    [STAGE_HOST_QUEUE] = {"host_queue", "queued before the host driver's full ring"},
    [STAGE_DOORBELL] = {"doorbell", "the tail write on its way to the NIC"},
    [STAGE_DESCRIPTOR_FETCH] = {"descriptor_fetch", "the NIC reads the descriptor, or waits for its turn to"},
    [STAGE_PAYLOAD_FETCH] = {"payload_fetch", "the NIC reads the payload, or waits for room to"},
    [STAGE_NIC_TX] = {"nic_tx", "the NIC's transmit pipeline"},
    [STAGE_WIRE_WAIT] = {"wire_wait", "behind other frames on the wire"},
    [STAGE_WIRE] = {"wire", "first to last bit"},
    [STAGE_PEER] = {"peer", "the far end, for request-response"},
    [STAGE_NIC_RX] = {"nic_rx", "propagation and the NIC's receive pipeline"},
    [STAGE_RX_FIFO] = {"rx_fifo", "on the NIC, waiting for a descriptor or the link"},
    [STAGE_DMA_WRITE] = {"dma_write", "payload and descriptor write-back on their way to memory"},
    [STAGE_MODERATION] = {"moderation", "in memory, the interrupt held back"},
    [STAGE_INTERRUPT] = {"interrupt", "interrupt message, delivery and handler"},
    [STAGE_HOST_POLL_WAIT] = {"host_poll_wait", "in the host's ring until its driver polls"},
    [STAGE_HOST_RECEIVE] = {"host_receive", "host driver and bridge, receive side"},
    [STAGE_TAP_WAIT] = {"tap_wait", "in the tap's queue"},
    [STAGE_BACKEND_RECEIVE] = {"backend_receive", "vhost worker or device emulation, receive side"},
    [STAGE_INJECT] = {"inject", "used buffer published, until the guest's handler runs"},
    [STAGE_POLL_WAIT] = {"poll_wait", "in the receiver's ring until its driver polls"},
    [STAGE_RECEIVE] = {"receive", "driver and stack in the receiver's kernel"},
    [STAGE_SOCKET_WAIT] = {"socket_wait", "in the socket until the application runs"},
    [STAGE_APP] = {"app", "system call and copy to the application"},
};

static const char *const drop_causes[DROP_CAUSES] = {
    [DROP_SOURCE_OVERRUN] = "source_overrun", [DROP_RX_NO_DESCRIPTOR] = "rx_no_descriptor",
    [DROP_RX_FIFO_FULL] = "rx_fifo_full",     [DROP_GUEST_TX_FULL] = "guest_tx_full",
    [DROP_HOST_TX_FULL] = "host_tx_full",     [DROP_TAP_FULL] = "tap_full",
    [DROP_SOCKET_FULL] = "socket_full",       [DROP_OVERSIZE] = "oversize",
};

const char *stage_name(enum stage stage)
{
    SIM_ASSERT((unsigned)stage < STAGES);
    return stages[stage].name;
}

const char *stage_help(enum stage stage)
{
    SIM_ASSERT((unsigned)stage < STAGES);
    return stages[stage].help;
}

const char *drop_cause_name(enum drop_cause cause)
{
    SIM_ASSERT((unsigned)cause < DROP_CAUSES);
    return drop_causes[cause];
}
