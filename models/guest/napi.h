/* The softirq's and ksoftirqd's entries: private to models/guest. */
#ifndef MODELS_GUEST_NAPI_H
#define MODELS_GUEST_NAPI_H

#include "models/guest/kernel.h"

cpu_fn napi_softirq;   /* (ctx, struct kernel_cpu *) */
cpu_fn napi_ksoftirqd; /* likewise */

#endif
