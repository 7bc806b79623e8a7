/*
 * The few things that iovsim asks of SystemC, as a C API. Internal to sim/; sim/systemc/kernel.cpp implements
 * it and is the only file that includes SystemC's headers. Times are in ps, which is SystemC's resolution too.
 */
#ifndef SIM_SYSTEMC_SHIM_H
#define SIM_SYSTEMC_SHIM_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Makes a fresh SystemC context, the current one, at time 0. SystemC's reports go to sim_systemc_report(). */
void shim_open(void);

/* Deletes all methods, then the context. */
void shim_close(void);

/* A SystemC method process that is sensitive to one sc_event and not initialised; owned by the context. */
struct shim_method;
typedef void shim_fn(void *context);
struct shim_method *shim_method_create(const char *name, shim_fn *fire, void *context);

/* Notifies the method's event `delay` from SystemC's time; 0 is a delta notification. */
void shim_notify(struct shim_method *method, int64_t delay);

/* SystemC's time. */
int64_t shim_time(void);

/* The time of SystemC's next pending activity, shim_time() if some is pending now; INT64_MAX if none is. */
int64_t shim_next_activity(void);

/* Runs SystemC until shim_pause() is called or nothing is pending. */
void shim_run(void);

/* Makes shim_run() return after the current evaluation phase. */
void shim_pause(void);

/* Starts a VCD file `path`.vcd, with values by name (their dots make scopes), until shim_vcd_close(). */
void shim_vcd_open(const char *path);
void shim_vcd_value(const char *name, const uint32_t *value);

/* Writes the values of the current instant and closes the file. No method may have anything to do. */
void shim_vcd_close(void);

/* Implemented in sim/assert.c: takes a report of SystemC; does not return from one that is an error. */
void sim_systemc_report(bool is_error, const char *type, const char *message);

#ifdef __cplusplus
}
#endif

#endif
