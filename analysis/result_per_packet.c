/* Counts of the whole run, a packet that was delivered in it. */
#include "analysis/result_private.h"

static int64_t sum(const json_t *counts)
{
    const char *name;
    json_t *value;
    int64_t total = 0;
    json_object_foreach((json_t *)counts, name, value) total += json_integer_value(value);
    return total;
}

void result_add_per_packet(json_t *result)
{
    int64_t packets = json_integer_value(result_at(result, "packets.delivered"));
    int64_t interrupts = json_integer_value(result_at(result, "interrupts.handled"));
    json_t *object = json_object();
    json_object_set_new(object, "exits", result_ratio(sum(json_object_get(result, "exits")), packets));
    json_object_set_new(object, "accesses", result_ratio(sum(json_object_get(result, "accesses")), packets));
    json_object_set_new(object, "kicks", result_ratio(sum(json_object_get(result, "kicks")), packets));
    json_object_set_new(object, "interrupts", result_ratio(interrupts, packets));
    json_object_set_new(result, "per_packet", object);
}
