/* The driver personalities that exist; a new one is one more line here and in list.c. */
#ifndef MODELS_GUEST_PERSONALITIES_PERSONALITIES_H
#define MODELS_GUEST_PERSONALITIES_PERSONALITIES_H

#include "models/guest/ring_driver.h"

extern const struct driver_personality driver_e1000;
extern const struct driver_personality driver_e1000e;
extern const struct driver_personality driver_e1000e_msi;
extern const struct driver_personality driver_e1000e_intx;
extern const struct driver_personality driver_igb;
extern const struct driver_personality driver_ixgbe;
extern const struct driver_personality driver_ixgbevf;
extern const struct driver_personality driver_ena;
extern const struct driver_personality driver_mlx5;

#endif
