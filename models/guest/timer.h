/* The local timer's interrupt: private to models/guest. */
#ifndef MODELS_GUEST_TIMER_H
#define MODELS_GUEST_TIMER_H

#include "models/guest/kernel.h"

cpu_fn kernel_timer_interrupt; /* (ctx, struct kernel_cpu *): a handler */

#endif
