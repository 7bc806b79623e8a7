#include <string.h>

#include "models/guest/personalities/personalities.h"

const struct driver_personality *const driver_personalities[] = {
    &driver_e1000, &driver_e1000e,  &driver_e1000e_msi, &driver_e1000e_intx, &driver_igb,
    &driver_ixgbe, &driver_ixgbevf, &driver_ena,        &driver_mlx5,        NULL,
};

const struct driver_personality *driver_personality_find(const char *name)
{
    for (size_t i = 0; driver_personalities[i]; i++)
        if (strcmp(driver_personalities[i]->name, name) == 0)
            return driver_personalities[i];
    return NULL;
}
